// component.function: what a component's own function is on a target. Nobody writes it: the compiler turns a part that
// calls webserver.vhost into this, with the program by its hash, so that a target needs to know no component.
#include "agent/functions/families.hpp"

namespace prove {

namespace {

FunctionSchema component_schema() {
    return {
        .name = component_function,
        .summary = "a component's own function",
        .changed = "the program said that it would change something, and did",
        .arguments = {{.name = "function", .type = ArgumentType::text, .required = true, .help = "its name"},
                      {.name = "content", .type = ArgumentType::text, .required = true, .help = "the program"},
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

void register_components(FunctionRegistry& registry) {
    registry.add({.schema = component_schema(), .converge = converge, .subject = "function"});
}

}  // namespace prove
