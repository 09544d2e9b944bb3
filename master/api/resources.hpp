// The API's resources, one file each; `all_routes` is the list that the server, the OpenAPI test and the S78 test read.
#pragma once

#include <memory>
#include <vector>

#include "common/time/clock.hpp"
#include "master/api/router.hpp"

namespace prove {

// What resources stand on. Everything outlives the routes.
struct ApiContext {
    Master& master;
    Authorizer& authorizer;
    const Clock& clock;
    std::string version;
};

void add_jobs(std::vector<ApiRoute>& routes, ApiContext& context);
void add_contents(std::vector<ApiRoute>& routes, ApiContext& context);
void add_runs(std::vector<ApiRoute>& routes, ApiContext& context);
void add_job_events(std::vector<ApiRoute>& routes, ApiContext& context);
void add_targets(std::vector<ApiRoute>& routes, ApiContext& context);
void add_drift(std::vector<ApiRoute>& routes, ApiContext& context);
void add_keys(std::vector<ApiRoute>& routes, ApiContext& context);
void add_tokens(std::vector<ApiRoute>& routes, ApiContext& context);
void add_schedules(std::vector<ApiRoute>& routes, ApiContext& context);
void add_pauses(std::vector<ApiRoute>& routes, ApiContext& context);
void add_catalog(std::vector<ApiRoute>& routes, ApiContext& context);
void add_audit(std::vector<ApiRoute>& routes, ApiContext& context);
void add_health(std::vector<ApiRoute>& routes, ApiContext& context);

std::vector<ApiRoute> all_routes(ApiContext& context);

// For handlers: answers an asynchronous request with what `shape` makes of its value, or with its error.
template <class T, class Shape>
prove::Reply<T> answer_with(Exchange exchange, int status, Shape shape) {
    return [exchange = std::move(exchange), status, shape](Answer<T> answer) {
        if (answer.error) return exchange.fail(*answer.error);
        exchange.send(status, shape(*answer.value));
    };
}

}  // namespace prove
