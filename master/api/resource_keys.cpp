// /v1/keys: which agents asked to join, and deciding about them.
#include "master/api/resources.hpp"
#include "master/api/shapes.hpp"

namespace prove {

namespace {

void accept(ApiContext& context, Exchange exchange) {
    const Value body = exchange.body();
    Fields fields(body, "an acceptance");
    std::optional<TargetId> name;
    if (const Value* text = fields.optional("name")) name = TargetId(text->text());
    const bool replace = fields.boolean("replace", false);
    fields.end();
    const Permit permit = *exchange.permit;
    const std::string which = exchange.parameters.at("which");
    context.master.accept_key(permit, which, name, replace,
                              answer_with<KeyRow>(std::move(exchange), 200, [](const KeyRow& row) { return shape_of(row); }));
}

}  // namespace

void add_keys(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"GET", "/v1/keys", ApiRoute::Needs::permission, Permission::keys_read, {},
                      [&context](const Exchange& exchange) {
                          Value list = Value::array();
                          for (const auto& row : context.master.keys(*exchange.permit)) list.push(shape_of(row));
                          Value value = Value::object();
                          value.set("master", context.master.fingerprint());
                          value.set("keys", std::move(list));
                          exchange.send(200, value);
                      }});
    routes.push_back({"POST", "/v1/keys/{which}/accept", ApiRoute::Needs::permission, Permission::keys_write, {},
                      [&context](Exchange exchange) { accept(context, std::move(exchange)); }});
    const auto decide = [&routes, &context](const char* path, auto method) {
        routes.push_back({"POST", path, ApiRoute::Needs::permission, Permission::keys_write, {},
                          [&context, method](Exchange exchange) {
                              const Permit permit = *exchange.permit;
                              const std::string which = exchange.parameters.at("which");
                              (context.master.*method)(permit, which, answer_with<KeyRow>(std::move(exchange), 200,
                                                       [](const KeyRow& row) { return shape_of(row); }));
                          }});
    };
    decide("/v1/keys/{which}/reject", &Master::reject_key);
    decide("/v1/keys/{which}/revoke", &Master::revoke_key);
}

}  // namespace prove
