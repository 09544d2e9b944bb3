// /healthz for watchdogs, /v1/status for a person's one look, and /metrics for Prometheus.
#include "master/api/resources.hpp"
#include "master/api/shapes.hpp"

namespace prove {

void add_health(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"GET", "/healthz", ApiRoute::Needs::nothing, Permission::targets_read, {},
                      [&context](const Exchange& exchange) {
                          Value value = Value::object();
                          value.set("status", "ok");
                          value.set("version", context.version);
                          exchange.send(200, value);
                      }});
    routes.push_back({"GET", "/v1/status", ApiRoute::Needs::permission, Permission::targets_read, {},
                      [&context](Exchange exchange) {
                          const Permit permit = *exchange.permit;
                          context.master.overview(permit, answer_with<Overview>(std::move(exchange), 200, [](const Overview& view) {
                              return shape_of(view);
                          }));
                      }});
    routes.push_back({"GET", "/metrics", ApiRoute::Needs::permission, Permission::targets_read, {},
                      [&context](Exchange exchange) {
                          const Permit permit = *exchange.permit;
                          context.master.metrics(permit, [exchange = std::move(exchange)](Answer<std::string> answer) {
                              if (answer.error) return exchange.fail(*answer.error);
                              exchange.reply->send({200, "text/plain; version=0.0.4", std::move(*answer.value)});
                          });
                      }});
}

}  // namespace prove
