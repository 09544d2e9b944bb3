// /v1/pauses: what schedules begin is held, with a reason and an end; and let go again.
#include "master/api/resources.hpp"
#include "master/api/shapes.hpp"

namespace prove {

namespace {

void pause(ApiContext& context, Exchange exchange) {
    const Value body = exchange.body();
    Fields fields(body, "a pause");
    PauseAsked asked;
    asked.expression = fields.text("target");
    asked.schedule = fields.text("schedule", "");
    asked.why = fields.text("why");
    asked.for_ms = fields.integer("for_ms");
    fields.end();
    const Permit permit = *exchange.permit;
    context.master.pause(permit, std::move(asked), answer_with<PauseView>(std::move(exchange), 201, [](const PauseView& view) {
        return shape_of(view);
    }));
}

void resume(ApiContext& context, Exchange exchange) {
    const Value body = exchange.body();
    Fields fields(body, "an end of a pause");
    const std::string expression = fields.text("target"), schedule = fields.text("schedule", "");
    fields.end();
    const Permit permit = *exchange.permit;
    context.master.resume(permit, expression, schedule, answer_with<PauseView>(std::move(exchange), 200, [](const PauseView& view) {
        return shape_of(view);
    }));
}

}  // namespace

void add_pauses(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"GET", "/v1/pauses", ApiRoute::Needs::permission, Permission::schedules_read, {},
                      [&context](const Exchange& exchange) {
                          Value list = Value::array();
                          for (const auto& view : context.master.pauses(*exchange.permit)) list.push(shape_of(view));
                          Value value = Value::object();
                          value.set("pauses", std::move(list));
                          exchange.send(200, value);
                      }});
    routes.push_back({"POST", "/v1/pauses", ApiRoute::Needs::permission, Permission::schedules_write, {},
                      [&context](Exchange exchange) { pause(context, std::move(exchange)); }});
    routes.push_back({"POST", "/v1/pauses/resume", ApiRoute::Needs::permission, Permission::schedules_write, {},
                      [&context](Exchange exchange) { resume(context, std::move(exchange)); }});
}

}  // namespace prove
