// user.present and group.present: local accounts. What an argument does not say stays as it is.
#include "agent/functions/families.hpp"
#include "agent/host/names.hpp"

namespace prove {

namespace {

constexpr std::int64_t largest_id = 4294967294;  // 2^32 - 1 means "no id" to the kernel

std::optional<std::uint32_t> id_from(const Arguments& args, const std::string& name) {
    const auto value = args.optional_integer(name);
    return value ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
}

void check_id(const Arguments& args, const std::string& name, std::vector<ArgumentProblem>& problems) {
    const auto value = args.optional_integer(name);
    if (value && (*value < 0 || *value > largest_id))
        problems.push_back({name, "'" + name + "' must be between 0 and " + std::to_string(largest_id)});
}

void check_name(const std::string& argument, const std::string& name, std::vector<ArgumentProblem>& problems) {
    if (!is_account_name(name))
        problems.push_back({argument, "'" + name +
                                          "' is not the name of an account: at most 32 of a-z, A-Z, 0-9, '_', '-' and "
                                          "'.', and neither '-' nor a digit first"});
}

// Fields of /etc/passwd and /etc/group end at a colon or a newline.
void check_field(const Arguments& args, const std::string& name, std::vector<ArgumentProblem>& problems) {
    const auto value = args.optional_text(name);
    if (value && value->find_first_of(":\n") != std::string::npos)
        problems.push_back({name, "'" + name + "' must not have a colon or a newline in it"});
}

std::vector<ArgumentProblem> check_user(const Arguments& args) {
    std::vector<ArgumentProblem> problems;
    check_name("name", args.text("name"), problems);
    check_id(args, "uid", problems);
    if (args.has("group")) check_name("group", args.text("group"), problems);
    for (const std::string& group : args.texts("groups")) check_name("groups", group, problems);
    for (const char* field : {"comment", "home", "shell", "password_hash"}) check_field(args, field, problems);
    if (args.boolean("exclusive_groups") && !args.has("groups"))
        problems.push_back({"exclusive_groups", "'exclusive_groups' needs 'groups'"});
    const auto hash = args.optional_text("password_hash");
    if (hash && !hash->empty() && hash->front() != '$' && hash->front() != '!' && hash->front() != '*')
        problems.push_back({"password_hash", "expected a hash such as mkpasswd prints it, not a password"});
    return problems;
}

void make_user(const Arguments& args, Host& host) {
    UserWish wish;
    wish.name = args.text("name");
    wish.uid = id_from(args, "uid");
    wish.group = args.optional_text("group");
    wish.groups = args.texts("groups");
    wish.exclusive_groups = args.boolean("exclusive_groups");
    wish.home = args.optional_text("home");
    wish.shell = args.optional_text("shell");
    wish.comment = args.optional_text("comment");
    wish.password_hash = args.optional_text("password_hash");
    wish.create_home = args.boolean("create_home");
    wish.system = args.boolean("system");
    host.set_user(wish);
}

FunctionSchema user_schema() {
    return {
        .name = "user.present",
        .summary = "a local user",
        .changed = "the user was not there, or something that is said here was not so",
        .arguments =
            {{.name = "name", .type = ArgumentType::text, .required = true, .help = "the user's name"},
             {.name = "uid", .type = ArgumentType::integer, .help = "the number; otherwise the next free one"},
             {.name = "group",
              .type = ArgumentType::text,
              .help = "the primary group; of a new user one of its own name"},
             {.name = "groups", .type = ArgumentType::text_list, .help = "groups that the user shall be in, too"},
             {.name = "exclusive_groups", .type = ArgumentType::boolean, .fallback = false, .help = "and in no others"},
             {.name = "home", .type = ArgumentType::path, .help = "the home directory"},
             {.name = "create_home",
              .type = ArgumentType::boolean,
              .fallback = true,
              .help = "make the home directory of a new user"},
             {.name = "shell", .type = ArgumentType::path, .help = "the login shell"},
             {.name = "comment", .type = ArgumentType::text, .help = "the full name"},
             {.name = "password_hash",
              .type = ArgumentType::text,
              .help = "the password's hash, as /etc/shadow has it",
              .sensitive = true},
             {.name = "system",
              .type = ArgumentType::boolean,
              .fallback = false,
              .help = "a new user gets a number of the system's range"}},
        .claims = {{.kind = "user", .aspect = "account", .argument = "name", .wants = "present"}},
        .example =
            "fn: user.present\n"
            "name: deploy\n"
            "shell: /bin/bash\n"
            "groups: [www-data]\n",
    };
}

FunctionSchema group_schema() {
    return {
        .name = "group.present",
        .summary = "a local group",
        .changed = "the group was not there, or had another number",
        .arguments = {{.name = "name", .type = ArgumentType::text, .required = true, .help = "the group's name"},
                      {.name = "gid", .type = ArgumentType::integer, .help = "the number; otherwise the next free one"},
                      {.name = "system",
                       .type = ArgumentType::boolean,
                       .fallback = false,
                       .help = "a new group gets a number of the system's range"}},
        .claims = {{.kind = "group", .aspect = "group", .argument = "name", .wants = "present"}},
        .example =
            "fn: group.present\n"
            "name: deploy\n"
            "gid: 2000\n",
    };
}

}  // namespace

void register_accounts(FunctionRegistry& registry) {
    registry.add({.schema = user_schema(), .converge = make_user, .subject = "name", .check = check_user});
    registry.add({.schema = group_schema(),
                  .converge =
                      [](const Arguments& args, Host& host) {
                          host.set_group({args.text("name"), id_from(args, "gid"), args.boolean("system")});
                      },
                  .subject = "name",
                  .check =
                      [](const Arguments& args) {
                          std::vector<ArgumentProblem> problems;
                          check_name("name", args.text("name"), problems);
                          check_id(args, "gid", problems);
                          return problems;
                      }});
}

}  // namespace prove
