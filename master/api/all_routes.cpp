// The list of resources.
#include "master/api/resources.hpp"

namespace prove {

std::vector<ApiRoute> all_routes(ApiContext& context) {
    std::vector<ApiRoute> routes;
    add_jobs(routes, context);
    add_runs(routes, context);
    add_job_events(routes, context);
    add_contents(routes, context);
    add_targets(routes, context);
    add_drift(routes, context);
    add_keys(routes, context);
    add_tokens(routes, context);
    add_schedules(routes, context);
    add_pauses(routes, context);
    add_catalog(routes, context);
    add_audit(routes, context);
    add_health(routes, context);
    return routes;
}

}  // namespace prove
