// /v1/targets: who is there, how reached, since when.
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
}

}  // namespace prove
