// /v1/drift: how targets stand, what drifted, and who has not been heard from.
#include "master/api/resources.hpp"

namespace prove {

void add_drift(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"GET", "/v1/drift", ApiRoute::Needs::permission, Permission::jobs_read, {"match", "from_ms"},
                      [&context](const Exchange& exchange) {
                          const auto from = exchange.number("from_ms", 0, INT64_MAX);
                          exchange.send(200, context.master.drift(*exchange.permit, exchange.query("match", "*"),
                                                                  static_cast<std::int64_t>(from)));
                      }});
}

}  // namespace prove
