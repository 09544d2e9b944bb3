// file.symlink: a symbolic link, put in place in one step.
#include "agent/functions/families.hpp"

namespace prove {

void register_file_symlink(FunctionRegistry& registry) {
    FunctionSchema schema{
        .name = "file.symlink",
        .summary = "a symbolic link",
        .changed = "it was not there, or pointed elsewhere",
        .arguments = {{.name = "path", .type = ArgumentType::path, .required = true, .help = "the link"},
                      {.name = "target",
                       .type = ArgumentType::text,
                       .required = true,
                       .help = "what it points to, written into the link as it is"},
                      {.name = "force",
                       .type = ArgumentType::boolean,
                       .fallback = false,
                       .help = "replace a file or an empty directory that stands there"},
                      make_dirs_argument()},
        .claims =
            {{.kind = "path", .aspect = "content", .argument = "path", .compared = {"target"}, .wants = "a link"}},
        .example =
            "fn: file.symlink\n"
            "path: /etc/nginx/sites-enabled/blog\n"
            "target: ../sites-available/blog\n",
    };
    registry.add({.schema = std::move(schema),
                  .converge =
                      [](const Arguments& args, Host& host) {
                          LinkWish wish;
                          wish.target = args.text("target");
                          wish.force = args.boolean("force");
                          wish.make_dirs = args.boolean("make_dirs");
                          host.link(args.path("path"), wish);
                      },
                  .subject = "path",
                  .check = [](const Arguments& args) -> std::vector<ArgumentProblem> {
                      if (args.text("target").empty()) return {{"target", "a link to nothing: 'target' is empty"}};
                      if (args.text("target") == args.text("path")) return {{"target", "a link to itself"}};
                      return {};
                  }});
}

}  // namespace prove
