// The meta functions that a target carries out: they change nothing. What shapes the graph (meta.group, meta.block,
// meta.include) is compiled away, and of meta.run the engine does the work: it runs another state in the part's place.
#include "agent/functions/families.hpp"

namespace prove {

namespace {

FunctionSchema meta_schema(const char* name, const char* summary, const char* changed, std::vector<Argument> arguments,
                           const char* example) {
    return {.name = name,
            .summary = summary,
            .changed = changed,
            .nature = FunctionSchema::Nature::event,
            .arguments = std::move(arguments),
            .example = example};
}

Argument message(bool required) {
    return {.name = "message", .type = ArgumentType::text, .required = required, .help = "what people are told"};
}

void nothing(const Arguments&, Host&) {}

}  // namespace

void register_meta(FunctionRegistry& registry) {
    registry.add({.schema = meta_schema("meta.noop", "do nothing: a name to require or to notify",
                                        "never", {}, "fn: meta.noop\nrequires: [database, cache]\n"),
                  .converge = nothing});
    registry.add(
        {.schema = meta_schema("meta.fail", "fail, and say why", "never", {message(true)},
                               "fn: meta.fail\nonlyif: {missing: /etc/app/licence}\n"
                               "message: put the licence into /etc/app/licence first\n"),
         .converge = [](const Arguments& args, Host&) { throw Error(ErrorKind::refused, args.text("message")); },
         .subject = "message"});
    registry.add(
        {.schema = meta_schema("meta.assert", "fail where a condition of `that` does not hold; written as in `onlyif`",
                               "never", {message(false)},
                               "fn: meta.assert\nthat: {exists: /etc/app/licence}\n"
                               "message: put the licence into /etc/app/licence first\n"),
         .converge = nothing,
         .subject = "message"});
    registry.add(
        {.schema = meta_schema(
             "meta.run", "run another state here", "the state changed something",
             {{.name = "state", .type = ArgumentType::text, .required = true, .help = "its id; it may be a lazy one"},
              {.name = "with",
               .type = ArgumentType::mapping,
               .help = "parameters of its state file for this call (`_params`)"}},
             "fn: meta.run\nstate: vhost\nwith: {domain: blog.example.com}\n"),
         .converge = nothing,
         .subject = "state"});
}

namespace {

Argument states(const char* name, bool required, const char* help) {
    return {.name = name, .type = ArgumentType::mapping, .required = required, .help = help};
}

void compiled_away(const Arguments&, Host&) {
    throw Error(ErrorKind::internal, "this function is compiled away and never runs");
}

}  // namespace

void register_shapes(FunctionRegistry& registry) {
    registry.add({.schema = meta_schema("meta.group", "one name for many states", "a member changed something",
                                        {{.name = "states",
                                          .type = ArgumentType::text_list,
                                          .required = true,
                                          .help = "ids and globs, as in `requires`"}},
                                        "fn: meta.group\nstates: [nginx_config, vhost_*]\n"),
                  .converge = compiled_away});
    registry.add({.schema = meta_schema(
                      "meta.block", "states with common keys, and what happens when one of them fails",
                      "a state inside changed something",
                      {states("states", true, "the body: states by their ids; the first failure skips the rest"),
                       states("rescue", false, "what runs then; where it succeeds, so does the block"),
                       states("always", false, "what runs after both, wherever something of the body ran")},
                      "fn: meta.block\n"
                      "states:\n"
                      "  stopped: {fn: service.stopped, service: app}\n"
                      "  migrated: {fn: cmd.run, cmd: migrate-app}\n"
                      "rescue:\n"
                      "  restored: {fn: cmd.run, cmd: restore-app}\n"
                      "always:\n"
                      "  started: {fn: service.running, service: app}\n"),
                  .converge = compiled_away});
    registry.add(
        {.schema = meta_schema(
             "meta.include", "a state file once more, with its own parameters", "a state of the file changed something",
             {{.name = "file", .type = ArgumentType::text, .required = true, .help = "the name of the state file"},
              {.name = "as",
               .type = ArgumentType::text,
               .help = "what its ids begin with; otherwise the id of this state"},
              {.name = "with",
               .type = ArgumentType::mapping,
               .help = "parameters of the file for this call (`_params`)"}},
             "fn: meta.include\nfile: webserver/vhost\nwith: {domain: blog.example.com}\n"),
         .converge = compiled_away,
         .subject = "file"});
}

}  // namespace prove
