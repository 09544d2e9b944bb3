// /v1/jobs: asking for jobs, looking at them, cancelling them.
#include "master/api/resources.hpp"
#include "master/api/shapes.hpp"

namespace prove {

namespace {

JobAsked asked_from(const Value& body) {
    Fields fields(body, "a job");
    JobAsked asked;
    asked.operation = fields.text("operation");
    asked.expression = fields.text("target");
    if (const Value* options = fields.optional("options")) asked.options = *options;
    if (const Value* wait = fields.optional("wait_ms")) asked.wait_ms = wait->integer();
    if (const Value* lifetime = fields.optional("lifetime_ms")) asked.lifetime_ms = lifetime->integer();
    asked.in_force = fields.boolean("in_force", false);
    fields.end();
    return asked;
}

void make_job(ApiContext& context, Exchange exchange) {
    JobAsked asked = asked_from(exchange.body());
    const Permission needed = context.master.permission_for(asked);
    const Permit permit = context.authorizer.authorize(exchange.caller, needed, asked.expression);
    context.master.submit(permit, std::move(asked), answer_with<JobMade>(std::move(exchange), 202, [](const JobMade& made) {
        Value value = Value::object();
        value.set("job", made.id.text());
        value.set("targets", made.targets);
        Value paused = Value::array();
        for (const auto& pause : made.paused) paused.push(shape_of(pause));
        if (!paused.list().empty()) value.set("paused", std::move(paused));
        return value;
    }));
}

void list_jobs(ApiContext& context, const Exchange& exchange) {
    JobFilter filter;
    filter.limit = exchange.number("limit", 50, 1000);
    if (const std::string before = exchange.query("before"); !before.empty()) filter.before = context.master.find_job(before);
    filter.operation = exchange.query("operation");
    filter.target = exchange.query("target");
    filter.active_only = exchange.query("active") == "true";
    filter.schedule = exchange.query("schedule");
    filter.by_hand_only = filter.schedule.empty() && exchange.query("scheduled", "true") != "true";
    const auto jobs = context.master.jobs(*exchange.permit, filter);

    Value list = Value::array();
    for (const auto& job : jobs) list.push(shape_of(job, false));
    Value value = Value::object();
    value.set("jobs", std::move(list));
    if (!jobs.empty() && jobs.size() == filter.limit) value.set("next", jobs.back().job.id.text());
    exchange.send(200, value);
}

void show_result(ApiContext& context, const Exchange& exchange) {
    const JobId id = context.master.find_job(exchange.parameters.at("id"));
    const std::string target = exchange.parameters.at("target");
    const auto row = context.master.result(*exchange.permit, id, TargetId(target));
    if (!row) throw Error(ErrorKind::missing, "job " + id.short_text() + " has no result of '" + target + "'");
    // The body is JSON text as the agent sent it and the master checked it.
    exchange.reply->send({200, "application/json", row->body + "\n"});
}

void cancel_job(ApiContext& context, Exchange exchange) {
    const JobId id = context.master.find_job(exchange.parameters.at("id"));
    const Value body = exchange.body();
    Fields fields(body, "a cancellation");
    std::optional<TargetId> only;
    if (const Value* target = fields.optional("target")) only = TargetId(target->text());
    fields.end();
    const Permit permit = *exchange.permit;
    context.master.cancel(permit, id, only, answer_with<Nothing>(std::move(exchange), 202, [id](Nothing) {
        Value value = Value::object();
        value.set("job", id.text());
        return value;
    }));
}

}  // namespace

void add_jobs(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"POST", "/v1/jobs", ApiRoute::Needs::by_body, Permission::jobs_read, {},
                      [&context](Exchange exchange) { make_job(context, std::move(exchange)); }});
    routes.push_back({"GET", "/v1/jobs", ApiRoute::Needs::permission, Permission::jobs_read,
                      {"limit", "before", "operation", "target", "active", "schedule", "scheduled"},
                      [&context](const Exchange& exchange) { list_jobs(context, exchange); }});
    routes.push_back({"GET", "/v1/jobs/{id}", ApiRoute::Needs::permission, Permission::jobs_read, {},
                      [&context](const Exchange& exchange) {
                          const JobId id = context.master.find_job(exchange.parameters.at("id"));
                          exchange.send(200, shape_of(context.master.job(*exchange.permit, id), true));
                      }});
    routes.push_back({"GET", "/v1/jobs/{id}/results/{target}", ApiRoute::Needs::permission, Permission::jobs_read, {},
                      [&context](const Exchange& exchange) { show_result(context, exchange); }});
    routes.push_back({"POST", "/v1/jobs/{id}/cancel", ApiRoute::Needs::permission, Permission::jobs_cancel, {},
                      [&context](Exchange exchange) { cancel_job(context, std::move(exchange)); }});
}

}  // namespace prove
