// file.absent: nothing at this path. A directory with something in it goes only when the catalog says so.
#include "agent/functions/families.hpp"

namespace prove {

void register_file_absent(FunctionRegistry& registry) {
    FunctionSchema schema{
        .name = "file.absent",
        .summary = "nothing at this path",
        .changed = "something was there",
        .arguments = {{.name = "path", .type = ArgumentType::path, .required = true, .help = "what shall not be there"},
                      {.name = "recurse",
                       .type = ArgumentType::boolean,
                       .fallback = false,
                       .help = "remove a directory with all that is in it"}},
        .claims =
            {{.kind = "path", .aspect = "existence", .argument = "path", .compared = {"path"}, .wants = "absent"}},
        .example =
            "fn: file.absent\n"
            "path: /etc/nginx/sites-enabled/default\n",
    };
    registry.add(
        {.schema = std::move(schema),
         .converge = [](const Arguments& args, Host& host) { host.remove(args.path("path"), args.boolean("recurse")); },
         .subject = "path",
         .check = [](const Arguments& args) -> std::vector<ArgumentProblem> {
             if (args.path("path").depth() >= 2) return {};
             return {
                 {"path", "'" + args.text("path") + "' is too near to the root to be removed; was a variable empty?"}};
         }});
}

}  // namespace prove
