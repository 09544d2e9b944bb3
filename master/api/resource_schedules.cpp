// /v1/schedules: what runs by itself, and how it stands.
#include "master/api/resources.hpp"

namespace prove {

void add_schedules(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"GET", "/v1/schedules", ApiRoute::Needs::permission, Permission::schedules_read, {},
                      [&context](const Exchange& exchange) { exchange.send(200, context.master.schedules(*exchange.permit)); }});
    routes.push_back({"GET", "/v1/schedules/{name}", ApiRoute::Needs::permission, Permission::schedules_read, {},
                      [&context](const Exchange& exchange) {
                          exchange.send(200, context.master.schedule(*exchange.permit, exchange.parameters.at("name")));
                      }});
}

}  // namespace prove
