// file.directory: a directory, with its owner, group and mode. What is in it is not its concern.
#include "agent/functions/families.hpp"

namespace prove {

void register_file_directory(FunctionRegistry& registry) {
    FunctionSchema schema{
        .name = "file.directory",
        .summary = "a directory",
        .changed = "it was not there, or its owner, group or mode was not so",
        .arguments = {{.name = "path", .type = ArgumentType::path, .required = true, .help = "the directory"},
                      owner_argument(),
                      group_argument(),
                      mode_argument(),
                      make_dirs_argument()},
        .claims =
            {{.kind = "path", .aspect = "directory", .argument = "path", .compared = {"path"}, .wants = "a directory"},
             attributes_claim()},
        .example =
            "fn: file.directory\n"
            "path: /srv/www\n"
            "user: www-data\n"
            "mode: \"0755\"\n",
    };
    registry.add({.schema = std::move(schema),
                  .converge =
                      [](const Arguments& args, Host& host) {
                          host.make_directory(args.path("path"), args.attributes(), args.boolean("make_dirs"));
                      },
                  .subject = "path"});
}

}  // namespace prove
