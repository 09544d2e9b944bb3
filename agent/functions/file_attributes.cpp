// file.attributes: owner, group and mode of something that exists, whatever it holds.
#include "agent/functions/families.hpp"

namespace prove {

void register_file_attributes(FunctionRegistry& registry) {
    FunctionSchema schema{
        .name = "file.attributes",
        .summary = "owner, group and mode of a file or directory that exists",
        .changed = "the owner, the group or the mode was not so",
        .arguments = {{.name = "path", .type = ArgumentType::path, .required = true, .help = "the file or directory"},
                      owner_argument(),
                      group_argument(),
                      mode_argument()},
        .claims = {attributes_claim()},
        .example =
            "fn: file.attributes\n"
            "path: /etc/ssl/private/site.key\n"
            "user: root\n"
            "group: ssl-cert\n"
            "mode: \"0640\"\n",
    };
    registry.add({.schema = std::move(schema),
                  .converge = [](const Arguments& args,
                                 Host& host) { host.set_attributes(args.path("path"), args.attributes()); },
                  .subject = "path",
                  .check = [](const Arguments& args) -> std::vector<ArgumentProblem> {
                      if (args.has("user") || args.has("group") || args.has("mode")) return {};
                      return {{"", "it sets nothing; give 'user', 'group' or 'mode'"}};
                  }});
}

}  // namespace prove
