// /v1/targets: who is there, how reached, since when; and the states of one of them.
#include "master/api/resources.hpp"
#include "master/api/shapes.hpp"

namespace prove {

void add_targets(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"GET", "/v1/targets", ApiRoute::Needs::permission, Permission::targets_read, {"match", "limit", "after"},
                      [&context](const Exchange& exchange) {
                          const std::string after = exchange.query("after");
                          const std::size_t limit = exchange.number("limit", 1000, 20'000);
                          Value list = Value::array();
                          std::string next;
                          for (const auto& row : context.master.targets(*exchange.permit, exchange.query("match", "*"))) {
                              if (row.name.text() <= after && !after.empty()) continue;
                              if (list.list().size() == limit) {
                                  next = list.list().back().at("name").text();
                                  break;
                              }
                              list.push(shape_of(row));
                          }
                          Value value = Value::object();
                          value.set("targets", std::move(list));
                          if (!next.empty()) value.set("next", next);
                          exchange.send(200, value);
                      }});
    const auto as_it_is = [](const Value& value) { return value; };
    routes.push_back({"GET", "/v1/targets/{target}/graph", ApiRoute::Needs::permission, Permission::catalog_read, {},
                      [&context, as_it_is](Exchange exchange) {
                          const Permit permit = *exchange.permit;
                          const std::string target = exchange.parameters.at("target");
                          context.master.graph(permit, target, answer_with<Value>(std::move(exchange), 200, as_it_is));
                      }});
    routes.push_back({"GET", "/v1/diff", ApiRoute::Needs::permission, Permission::catalog_read, {"match", "from"},
                      [&context, as_it_is](Exchange exchange) {
                          const Permit permit = *exchange.permit;
                          const std::string match = exchange.query("match", "*"), from = exchange.query("from");
                          context.master.diff(permit, match, from, answer_with<Value>(std::move(exchange), 200, as_it_is));
                      }});
}

}  // namespace prove
