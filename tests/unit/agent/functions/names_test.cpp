// The names that users type for years (catalog.md, "The first functions, and their arguments"): more arguments may
// come, these stay, and so does what the functions claim.
#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <vector>

#include "agent/functions/registry.hpp"

using namespace prove;

namespace {

struct Promise {
    std::string function;
    std::vector<std::string> arguments;
    std::set<std::string> claims;
};

const std::set<std::string> owner_and_mode = {"attributes"};

const std::vector<Promise> promises = {
    {"file.managed",
     {"path", "source", "content", "context", "template", "user", "group", "mode", "make_dirs", "symlink", "validate",
      "create_only", "show_diff"},
     {"content", "attributes"}},
    {"file.attributes", {"path", "user", "group", "mode"}, owner_and_mode},
    {"file.directory", {"path", "user", "group", "mode", "make_dirs"}, {"directory", "attributes"}},
    {"file.symlink", {"path", "target", "force", "make_dirs"}, {"content"}},
    {"file.absent", {"path", "recurse"}, {"existence"}},
    {"file.line", {"path", "line", "match", "after", "before", "ensure", "on_no_match", "create"}, {"line"}},
    {"cmd.run", {"cmd", "creates", "user", "group", "cwd", "env", "umask", "stdin", "success_codes"}, {}},
    {"cmd.read", {"cmd", "user", "cwd", "env"}, {}},
    {"package.installed", {"package", "version", "refresh", "recommends"}, {"package"}},
    {"package.removed", {"package", "purge"}, {"package"}},
    {"service.running", {"service"}, {"running"}},
    {"service.stopped", {"service"}, {"running"}},
    {"service.enabled", {"service"}, {"enabled"}},
    {"service.disabled", {"service"}, {"enabled"}},
    {"service.reloaded", {"service"}, {}},
    {"service.restarted", {"service"}, {}},
    {"user.present",
     {"name", "uid", "group", "groups", "exclusive_groups", "home", "create_home", "shell", "comment", "password_hash",
      "system"},
     {"account"}},
    {"group.present", {"name", "gid", "system"}, {"group"}},
};

}  // namespace

TEST_CASE("the functions and arguments that users type for years are there, and claim what the manual says") {
    const FunctionRegistry functions = all_functions();
    for (const Promise& promise : promises) {
        INFO(promise.function);
        const Function* function = functions.find(promise.function);
        REQUIRE(function != nullptr);
        for (const std::string& name : promise.arguments) {
            INFO(name);
            CHECK(function->schema.argument(name) != nullptr);
        }
        std::set<std::string> claims;
        for (const Claim& claim : function->schema.claims) claims.insert(claim.aspect);
        CHECK(claims == promise.claims);
    }
}

TEST_CASE("choices of the first functions are those that the manual names") {
    const FunctionRegistry functions = all_functions();
    const auto choices = [&](const char* function, const char* argument) {
        return functions.find(function)->schema.argument(argument)->choices;
    };
    using Words = std::vector<std::string>;
    CHECK(choices("file.managed", "symlink") == Words{"refuse", "follow", "replace"});
    CHECK(choices("file.managed", "template") == Words{"mako", "jinja"});
    CHECK(choices("file.line", "ensure") == Words{"present", "absent"});
    CHECK(choices("file.line", "on_no_match") == Words{"append", "fail", "ignore"});
    CHECK(choices("package.installed", "refresh") == Words{"auto", "always", "never"});
}

TEST_CASE("file.managed without source and content names file.attributes") {
    const FunctionRegistry functions = all_functions();
    Diagnostics diagnostics;
    Value arguments = Value::object();
    arguments.set("path", "/etc/motd");
    check_call(*functions.find("file.managed"), arguments, {}, "a_state", diagnostics);
    REQUIRE(diagnostics.error_count() == 1);
    CHECK_THAT(diagnostics.all().front().text, Catch::Contains("file.attributes"));
}
