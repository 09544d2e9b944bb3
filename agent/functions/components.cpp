// component.function: what a component's own function is on a target. Nobody writes it: the compiler turns a part that
// calls webserver.vhost into this, with the program by its hash, so that a target needs to know no component.
#include "agent/functions/families.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

FunctionSchema component_schema() {
    return {
        .name = component_function,
        .summary = "a component's own function",
        .changed = "the program said that it would change something, and did",
        .arguments = {{.name = "function", .type = ArgumentType::text, .required = true, .help = "its name"},
                      {.name = "content", .type = ArgumentType::text, .required = true, .help = "the program"},
                      {.name = "needs_agent", .type = ArgumentType::boolean, .help = "it counts on an agent that stays"},
                      {.name = "args", .type = ArgumentType::mapping, .help = "its arguments"}},
    };
}

void converge(const Arguments& args, Host& host) {
    ProgramCall call;
    call.name = args.text("function");
    call.program = *args.content();
    call.arguments = args.mapping("args");
    host.run_program(call);
}

}  // namespace

std::string why_agent_needed(const FunctionRegistry& functions, const std::string& function, const Value& arguments) {
    std::string name;
    if (function == component_function) {
        const Value* const said = arguments.find("needs_agent");
        if (said != nullptr && said->is_boolean() && said->boolean()) name = arguments.at("function").text();
    } else if (const Function* const known = functions.find(function); known != nullptr && known->schema.needs_agent) {
        name = function;
    }
    if (name.empty()) return "";
    return quoted(name) +
           " needs an agent that stays on the host, and only with 'executor: agent', through a master, is there one";
}

void register_components(FunctionRegistry& registry) {
    registry.add({.schema = component_schema(), .converge = converge, .subject = "function"});
}

}  // namespace prove
