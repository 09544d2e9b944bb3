// file.managed: a file with this content, and, where they are said, this owner, group and mode. The compiler has made
// one `content` of source, template and inline text; here it is known by its hash.
#include "agent/functions/families.hpp"

namespace prove {

namespace {

SymlinkPolicy symlink_policy(const std::string& name) {
    if (name == "follow") return SymlinkPolicy::follow;
    return name == "replace" ? SymlinkPolicy::replace : SymlinkPolicy::refuse;
}

void manage(const Arguments& args, Host& host) {
    const auto content = args.content();
    if (!content) throw Error(ErrorKind::internal, "the source of this file was not resolved by the compiler");
    FileWish wish;
    wish.content = *content;
    wish.attributes = args.attributes();
    wish.symlink = symlink_policy(args.text("symlink"));
    wish.make_dirs = args.boolean("make_dirs");
    wish.create_only = args.boolean("create_only");
    wish.show_diff = args.boolean("show_diff");
    if (args.has("validate")) wish.validate = args.command("validate").argv;
    host.write_file(args.path("path"), wish);
}

Value read_outputs(const Arguments& args, const HostReader& host) {
    Value outputs = Value::object();
    // Behind a followed link, and everywhere else too, the content is the one that was asked for.
    const Hash hash = args.boolean("create_only") ? host.hash_file(args.path("path")) : args.content()->hash;
    outputs.set("hash", hash.hex());
    return outputs;
}

std::vector<ArgumentProblem> check(const Arguments& args) {
    std::vector<ArgumentProblem> problems;
    if (args.path("path").is_root()) problems.push_back({"path", "'/' is a directory, not a file"});
    if (args.has("validate")) {
        bool names_file = false;
        for (const std::string& part : args.command("validate").argv)
            names_file = names_file || part.find("{}") != std::string::npos;
        if (!names_file)
            problems.push_back(
                {"validate", "the command must name the new file with {}, or it would look at the old one"});
    }
    // A source may say by its name that it is a template; a text cannot.
    if (args.has("context") && args.has("content") && !args.has("template"))
        problems.push_back({"context", "'context' is for a template; say template: mako or template: jinja"});
    return problems;
}

std::vector<Argument> arguments() {
    return {
        {.name = "path", .type = ArgumentType::path, .required = true, .help = "the file"},
        {.name = "source", .type = ArgumentType::source, .help = "a file of the catalog that becomes its content"},
        {.name = "content", .type = ArgumentType::text, .help = "its content, written here"},
        {.name = "template",
         .type = ArgumentType::choice,
         .help = "render the content with this engine (a source that ends in .mako or .jinja needs no mention)",
         .choices = {"mako", "jinja"}},
        {.name = "context", .type = ArgumentType::mapping, .help = "names and values for the template"},
        owner_argument(),
        group_argument(),
        mode_argument(),
        make_dirs_argument(),
        {.name = "symlink",
         .type = ArgumentType::choice,
         .fallback = "refuse",
         .help = "what to do where the path is a symbolic link: refuse, write what it points to, or put the file in "
                 "its place",
         .choices = {"refuse", "follow", "replace"}},
        {.name = "validate",
         .type = ArgumentType::command,
         .help = "a command that must succeed before the new file is put in place; {} is the new file's path"},
        {.name = "create_only",
         .type = ArgumentType::boolean,
         .fallback = false,
         .help = "write the content only where there is no file yet"},
        {.name = "show_diff",
         .type = ArgumentType::boolean,
         .fallback = true,
         .help = "show what changes in the content"},
    };
}

}  // namespace

void register_file_managed(FunctionRegistry& registry) {
    FunctionSchema schema{
        .name = "file.managed",
        .summary = "a file with this content",
        .changed = "the content, the owner, the group or the mode was not so",
        .arguments = arguments(),
        .claims = {{.kind = "path",
                    .aspect = "content",
                    .argument = "path",
                    .compared = {"source", "content", "template", "context", "create_only"},
                    .wants = "a file"},
                   attributes_claim()},
        .outputs = {{.name = "hash",
                     .type = ArgumentType::text,
                     .help = "the BLAKE2b-256 hash of the content, in hexadecimal"}},
        .exactly_one_of = {{"source", "content"}},
        .if_none_given =
            "file.managed needs 'source' or 'content'; to set only owner, group or mode of a file, use "
            "file.attributes",
        .example =
            "fn: file.managed\n"
            "path: /etc/nginx/nginx.conf\n"
            "source: prove://webserver/nginx.conf\n"
            "mode: \"0644\"\n"
            "validate: [nginx, -t, -c, \"{}\"]\n"
            "notify: [nginx_reload]\n",
    };
    registry.add({.schema = std::move(schema),
                  .converge = manage,
                  .read_outputs = read_outputs,
                  .subject = "path",
                  .check = check});
}

}  // namespace prove
