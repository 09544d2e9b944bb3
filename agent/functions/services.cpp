// service.*: whether units run, whether they start at boot, and the two events reload and restart. Being enabled and
// running are apart, so that a restart is never swallowed by either (demands D3).
#include "agent/functions/families.hpp"
#include "agent/host/names.hpp"

namespace prove {

namespace {

using Verb = void (Host::*)(const std::string&);

struct Service {
    const char* name;
    const char* summary;
    const char* changed;
    const char* aspect;  // null: an event, which claims nothing
    const char* wants;
    Verb verb;
};

std::vector<ArgumentProblem> check(const Arguments& args) {
    std::vector<ArgumentProblem> problems;
    for (const std::string& name : args.texts("service"))
        if (!is_unit_name(name)) problems.push_back({"service", "'" + name + "' is not the name of a unit"});
    return problems;
}

void register_service(FunctionRegistry& registry, const Service& service) {
    FunctionSchema schema{
        .name = service.name,
        .summary = service.summary,
        .changed = service.changed,
        .nature = service.aspect == nullptr ? FunctionSchema::Nature::event : FunctionSchema::Nature::converges,
        .arguments = {{.name = "service",
                       .type = ArgumentType::text_list,
                       .required = true,
                       .help = "a unit or a list of them; without a suffix, .service is meant"}},
        .example = std::string("fn: ") + service.name + "\nservice: nginx\n",
    };
    if (service.aspect != nullptr)
        schema.claims = {{.kind = "unit",
                          .aspect = service.aspect,
                          .argument = "service",
                          .compared = {"service"},
                          .wants = service.wants}};
    registry.add({.schema = std::move(schema),
                  .converge =
                      [verb = service.verb](const Arguments& args, Host& host) {
                          for (const std::string& unit : args.texts("service")) (host.*verb)(unit);
                      },
                  .subject = "service",
                  .check = check});
}

}  // namespace

void register_services(FunctionRegistry& registry) {
    const Service services[] = {
        {"service.running", "services run", "one was not running", "running", "running", &Host::start},
        {"service.stopped", "services do not run", "one was running", "running", "stopped", &Host::stop},
        {"service.enabled", "services start at boot", "one did not start at boot", "enabled", "enabled", &Host::enable},
        {"service.disabled", "services do not start at boot", "one started at boot", "enabled", "disabled",
         &Host::disable},
        {"service.reloaded", "have services read their configuration again (notify this)", "always", nullptr, "",
         &Host::reload},
        {"service.restarted", "stop services and start them again (notify this)", "always", nullptr, "",
         &Host::restart},
    };
    for (const Service& service : services) register_service(registry, service);
}

}  // namespace prove
