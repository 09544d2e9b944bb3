// /v1/tokens: join tokens. A token's text is in the answer that made it, and nowhere else.
#include "master/api/resources.hpp"
#include "master/api/shapes.hpp"

namespace prove {

namespace {

void make_token(ApiContext& context, Exchange exchange) {
    const Value body = exchange.body();
    Fields fields(body, "a token");
    TokenAsked asked;
    asked.lifetime_ms = fields.integer("lifetime_ms", asked.lifetime_ms);
    asked.pattern = fields.text("pattern", "");
    asked.address = fields.text("address", "");
    fields.end();
    const Permit permit = *exchange.permit;
    context.master.make_token(permit, asked, answer_with<TokenMade>(std::move(exchange), 201, [](const TokenMade& made) {
        Value value = Value::object();
        value.set("id", made.id);
        value.set("token", made.token);
        value.set("expires_ms", made.expires_ms);
        return value;
    }));
}

}  // namespace

void add_tokens(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"GET", "/v1/tokens", ApiRoute::Needs::permission, Permission::tokens_write, {},
                      [&context](const Exchange& exchange) {
                          Value list = Value::array();
                          for (const auto& row : context.master.tokens(*exchange.permit)) list.push(shape_of(row));
                          Value value = Value::object();
                          value.set("tokens", std::move(list));
                          exchange.send(200, value);
                      }});
    routes.push_back({"POST", "/v1/tokens", ApiRoute::Needs::permission, Permission::tokens_write, {},
                      [&context](Exchange exchange) { make_token(context, std::move(exchange)); }});
}

}  // namespace prove
