// /healthz for watchdogs, and /metrics for Prometheus: few figures, all of them counted, none made up.
#include "master/api/resources.hpp"

namespace prove {

namespace {

std::string metrics_of(const Master& master, const Permit& see_targets, const Permit& see_catalog) {
    std::map<std::string, std::size_t> by_status;
    for (const auto& row : master.targets(see_targets, "*")) ++by_status[row.status];
    std::string text = "# HELP prove_targets Targets by how they stand.\n# TYPE prove_targets gauge\n";
    for (const auto& [status, count] : by_status)
        text += "prove_targets{status=\"" + status + "\"} " + std::to_string(count) + "\n";

    const CatalogStatus catalog = master.catalog(see_catalog);
    std::size_t errors = 0;
    for (const auto& problem : catalog.problems) errors += problem.severity == Diagnostic::Severity::error;
    text += "# HELP prove_catalog_errors Errors of the catalog that is on disk now.\n"
            "# TYPE prove_catalog_errors gauge\nprove_catalog_errors " + std::to_string(errors) + "\n";
    text += "# HELP prove_catalog_loaded_seconds When the catalog in force was loaded, in seconds since 1970.\n"
            "# TYPE prove_catalog_loaded_seconds gauge\nprove_catalog_loaded_seconds " +
            std::to_string(catalog.loaded_ms / 1000) + "\n";
    return text;
}

}  // namespace

void add_health(std::vector<ApiRoute>& routes, ApiContext& context) {
    routes.push_back({"GET", "/healthz", ApiRoute::Needs::nothing, Permission::targets_read, {},
                      [&context](const Exchange& exchange) {
                          Value value = Value::object();
                          value.set("status", "ok");
                          value.set("version", context.version);
                          exchange.send(200, value);
                      }});
    routes.push_back({"GET", "/metrics", ApiRoute::Needs::permission, Permission::targets_read, {},
                      [&context](const Exchange& exchange) {
                          const Permit see_catalog =
                              context.authorizer.authorize(exchange.caller, Permission::catalog_read, exchange.request.path);
                          exchange.reply->send({200, "text/plain; version=0.0.4",
                                                metrics_of(context.master, *exchange.permit, see_catalog)});
                      }});
}

}  // namespace prove
