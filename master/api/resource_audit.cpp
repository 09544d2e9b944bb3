// /v1/audit: who did what, and whether the chain of records is whole (S89, S90).
#include "master/api/resources.hpp"

namespace prove {

void add_audit(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"GET", "/v1/audit", ApiRoute::Needs::permission, Permission::audit_read, {"after", "before", "limit"},
                      [&context](const Exchange& exchange) {
                          Value list = Value::array();
                          AuditAsked asked;
                          if (!exchange.query("after").empty()) asked.after = exchange.number("after", 0, UINT64_MAX);
                          asked.before = exchange.number("before", UINT64_MAX, UINT64_MAX);
                          asked.limit = exchange.number("limit", 100, 1000);
                          for (const auto& row : context.master.audit(*exchange.permit, asked))
                              list.push(to_value(row));
                          Value value = Value::object();
                          value.set("records", std::move(list));
                          exchange.send(200, value);
                      }});
    routes.push_back({"GET", "/v1/audit/check", ApiRoute::Needs::permission, Permission::audit_read, {},
                      [&context](const Exchange& exchange) {
                          const AuditCheck check = context.master.check_audit(*exchange.permit);
                          Value value = Value::object();
                          value.set("records", check.records);
                          value.set("head", check.head);
                          if (check.first_bad) value.set("first_bad", *check.first_bad);
                          exchange.send(200, value);
                      }});
}

}  // namespace prove
