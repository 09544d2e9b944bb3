// /v1/runs: what was done on one target, the newest first.
#include "master/api/resources.hpp"
#include "master/api/shapes.hpp"

namespace prove {

namespace {

void list_runs(ApiContext& context, const Exchange& exchange) {
    RunFilter filter;
    const std::string target = exchange.query("target");
    if (target.empty()) throw Error(ErrorKind::usage, "'target' is missing: runs are listed of one target");
    filter.target = TargetId(target);
    filter.limit = exchange.number("limit", 50, 1000);
    if (const std::string before = exchange.query("before"); !before.empty()) filter.before = context.master.find_job(before);
    filter.operation = exchange.query("operation");
    filter.notable_only = exchange.query("notable") == "true";
    const auto runs = context.master.runs(*exchange.permit, filter);

    Value list = Value::array();
    for (const auto& run : runs) list.push(shape_of(run));
    Value value = Value::object();
    value.set("runs", std::move(list));
    if (!runs.empty() && runs.size() == filter.limit) value.set("next", runs.back().job.id.text());
    exchange.send(200, value);
}

void show_run(ApiContext& context, const Exchange& exchange) {
    const JobId id = context.master.find_job(exchange.parameters.at("id"));
    const TargetId target(exchange.parameters.at("target"));
    const auto run = context.master.run(*exchange.permit, id, target);
    if (!run) throw Error(ErrorKind::missing, "job " + id.short_text() + " had no target '" + target.text() + "'");
    Value value = shape_of(*run);
    if (const auto result = context.master.result(*exchange.permit, id, target))
        value.set("result", read_json(result->body, JsonLimits::state_run()));
    exchange.send(200, value);
}

}  // namespace

void add_runs(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"GET", "/v1/runs", ApiRoute::Needs::permission, Permission::jobs_read,
                      {"target", "limit", "before", "operation", "notable"},
                      [&context](const Exchange& exchange) { list_runs(context, exchange); }});
    routes.push_back({"GET", "/v1/runs/{id}/{target}", ApiRoute::Needs::permission, Permission::jobs_read, {},
                      [&context](const Exchange& exchange) { show_run(context, exchange); }});
}

}  // namespace prove
