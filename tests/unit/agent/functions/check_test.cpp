// Checking arguments: what a catalog's author reads when a part is wrong.
#include <catch2/catch.hpp>

#include "tests/support/host_tests.hpp"

using namespace prove;
using namespace prove::testing;

namespace {

// "LINE:COLUMN text" of all that is wrong with a part, sorted by place.
std::vector<std::string> problems(const std::string& function, const std::string& yaml) {
    const auto registry = all_functions();
    const Value values = read_yaml(yaml, std::make_shared<const std::string>("s.yml"));
    Diagnostics diagnostics;
    check_call(*registry.find(function), values, values.position(), "a_state", diagnostics);
    std::vector<std::string> lines;
    for (const Diagnostic& one : diagnostics.sorted()) {
        CHECK(one.where == "a_state");
        lines.push_back(std::to_string(one.position.line) + ":" + std::to_string(one.position.column) + " " + one.text);
    }
    return lines;
}
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("an unknown argument is named with the nearest one, at its own place") {
    CHECK(problems("file.managed", "path: /a\npth: /b\ncontent: x\n") ==
          Lines{"2:1 unknown argument 'pth' of file.managed; did you mean 'path'?"});
    CHECK(problems("group.present", "name: a\nqqqqqqqq: 1\n") ==
          Lines{"2:1 unknown argument 'qqqqqqqq' of group.present"});
}

TEST_CASE("a missing argument is named with what it is for") {
    CHECK(problems("file.absent", "recurse: true\n") ==
          Lines{"1:1 file.absent needs the argument 'path': what shall not be there"});
}

TEST_CASE("an argument that is missing because it was mistyped is one error") {
    CHECK(problems("file.absent", "pth: /x\n") ==
          Lines{"1:1 unknown argument 'pth' of file.absent; did you mean 'path'?"});
    CHECK(problems("file.managed", "path: /x\nsorce: prove://x\n") ==
          Lines{"2:1 unknown argument 'sorce' of file.managed; did you mean 'source'?"});
    CHECK(problems("file.absent", "qqqqqqqq: /x\n").size() == 2);
}

TEST_CASE("everything that is wrong is reported at once") {
    CHECK(problems("file.directory", "mode: 755\nuser: 0\nmkdirs: true\n").size() == 4);
}

TEST_CASE("a wrong type says what was expected and what was found") {
    CHECK(problems("file.directory", "path: /a\nmode: 755\n") ==
          Lines{"2:7 argument 'mode' of file.directory: expected a quoted octal mode such as \"0644\", found the "
                "integer 755"});
    CHECK(problems("file.directory", "path: /a\nmode: \"0955\"\n").size() == 1);
    CHECK(problems("file.directory", "path: /a\nuser: 0\n") ==
          Lines{"2:7 argument 'user' of file.directory: expected a text, found the integer 0; put it in quotes"});
    CHECK(problems("group.present", "name: a\ngid: \"5\"\n").size() == 1);
    CHECK(problems("package.installed", "package: [a1, 5]\n").size() == 1);
    CHECK(problems("package.installed", "package: []\n") ==
          Lines{"1:10 argument 'package' of package.installed: the list is empty"});
    CHECK(problems("cmd.run", "cmd: {a: b}\n").size() == 1);
    CHECK(problems("cmd.run", "cmd: x\nenv: {A: 1}\n").front().find("expected a text for 'A'") != std::string::npos);
    CHECK(problems("cmd.run", "cmd: x\nenv: {A=B: x}\n").size() == 1);
    CHECK(problems("cmd.run", "cmd: x\nsuccess_codes: [0, 2]\n").empty());
    CHECK(problems("cmd.run", "cmd: x\nsuccess_codes: 2\n").empty());
}

TEST_CASE("yes and no where a boolean is wanted are errors that say so") {
    CHECK(problems("file.absent", "path: /a/b\nrecurse: yes\n") ==
          Lines{"2:10 argument 'recurse' of file.absent: expected true or false, found 'yes', which is a text; write "
                "true or "
                "false"});
    CHECK(problems("file.absent", "path: /a/b\nrecurse: 1\n").size() == 1);
}

TEST_CASE("an argument without a value is an error, not the default") {
    CHECK(problems("file.absent", "path: /a/b\nrecurse:\n") ==
          Lines{"2:1 argument 'recurse' of file.absent: it has no value; leave it out, or give true or false"});
}

TEST_CASE("a choice that is none is named with the nearest one") {
    CHECK(problems("file.managed", "path: /a\ncontent: x\nsymlink: folow\n") ==
          Lines{"3:10 argument 'symlink' of file.managed: expected one of refuse, follow, replace, found the text "
                "'folow'; did "
                "you mean 'follow'?"});
}

TEST_CASE("a path must be absolute and without detours") {
    CHECK(problems("file.absent", "path: etc/motd\n").size() == 1);
    CHECK(problems("file.absent", "path: /etc/../motd\n").size() == 1);
    CHECK(problems("file.absent", "path: /etc//motd\n").size() == 1);
    CHECK(problems("file.absent", "path: 5\n").size() == 1);
}

TEST_CASE("file.managed without source and content points to file.attributes") {
    CHECK(problems("file.managed", "path: /a\nmode: \"0644\"\n") ==
          Lines{"1:1 file.managed needs 'source' or 'content'; to set only owner, group or mode of a file, use "
                "file.attributes"});
    CHECK(problems("file.managed", "path: /a\nsource: prove://x\ncontent: y\n") ==
          Lines{"3:1 file.managed takes only one of 'source', 'content'; 'source' and 'content' are given"});
    CHECK(problems("file.managed", "path: /a\nsource: /etc/x\n").size() == 1);
}

TEST_CASE("file.managed refuses a validation that never looks at the new file") {
    CHECK(problems("file.managed", "path: /a\ncontent: x\nvalidate: nginx -t\n").size() == 1);
    CHECK(problems("file.managed", "path: /a\ncontent: x\nvalidate: visudo -cf {}\n").empty());
    CHECK(problems("file.managed", "path: /a\ncontent: x\nvalidate: [visudo, -cf, \"{}\"]\n").empty());
}

TEST_CASE("file.absent refuses the root and what is right below it") {
    CHECK(problems("file.absent", "path: /\n").size() == 1);
    CHECK(problems("file.absent", "path: /etc\n") ==
          Lines{"1:7 file.absent: '/etc' is too near to the root to be removed; was a variable empty?"});
}

TEST_CASE("names that another program would take for options or expressions are refused") {
    for (const char* name : {"-y", "a", "x=1", "../x", "x/y", "x-", "X1", "x y", ""})
        CHECK(problems("package.installed", std::string("package: \"") + name + "\"\n").size() == 1);
    for (const char* name : {"libstdc++6", "g++", "libc6:i386", "python3.11", "7zip"})
        CHECK(problems("package.installed", std::string("package: \"") + name + "\"\n").empty());
    for (const char* name : {"-x", "a b", "../x", ".hidden", "a/b"})
        CHECK(problems("service.running", std::string("service: \"") + name + "\"\n").size() == 1);
    for (const char* name : {"nginx", "getty@tty1.service", "dev-sda1.swap", "a\\x2db.mount"})
        CHECK(problems("service.running", std::string("service: '") + name + "'\n").empty());
    for (const char* name : {"-x", "1a", "a:b", "a b", "ab/c", "abcdefghijklmnopqrstuvwxyzabcdefg"})
        CHECK(problems("user.present", std::string("name: \"") + name + "\"\n").size() == 1);
}

TEST_CASE("one version cannot hold for several packages") {
    CHECK(problems("package.installed", "package: [ab, cd]\nversion: \"1\"\n").size() == 1);
    CHECK(problems("package.installed", "package: [ab]\nversion: \"1:2.3-4~x+b1\"\n").empty());
    CHECK(problems("package.installed", "package: ab\nversion: \"1 2\"\n").size() == 1);
}

TEST_CASE("user.present refuses a password where a hash is wanted, and fields that would break /etc/passwd") {
    CHECK(problems("user.present", "name: ann\npassword_hash: hunter2\n").size() == 1);
    CHECK(problems("user.present", "name: ann\npassword_hash: \"$6$a$b\"\n").empty());
    CHECK(problems("user.present", "name: ann\ncomment: \"a:b\"\n").size() == 1);
    CHECK(problems("user.present", "name: ann\nuid: -1\n").size() == 1);
    CHECK(problems("user.present", "name: ann\nuid: 4294967295\n").size() == 1);
    CHECK(problems("user.present", "name: ann\nexclusive_groups: true\n").size() == 1);
}

TEST_CASE("S1 arguments are checked once more where they are used") {
    const auto registry = all_functions();
    const FunctionSchema& schema = registry.find("file.absent")->schema;
    Value values = Value::object();
    CHECK_THROWS_AS(Arguments(schema, values, nullptr), Error);
    values.set("path", "/a/b");
    CHECK(Arguments(schema, values, nullptr).boolean("recurse") == false);
    values.set("recurse", "true");
    CHECK_THROWS_AS(Arguments(schema, values, nullptr), Error);
    CHECK_THROWS_AS(Arguments(schema, Value(5), nullptr), Error);
}

TEST_CASE("S1 a content that is named by no hash is refused") {
    const auto registry = all_functions();
    const FunctionSchema& schema = registry.find("file.managed")->schema;
    for (const char* text : {"{$blob: zz, size: 1}", "{$blob: \"00\", size: 1}", "{$blob: 5, size: 1}", "{$blob: x}"}) {
        Value values = Value::object();
        values.set("path", "/a");
        values.set("content", read_yaml(text, nullptr));
        CHECK_THROWS_AS(Arguments(schema, values, nullptr), Error);
    }
}

TEST_CASE("every function declares itself whole, and its example is right") {
    const auto registry = all_functions();
    CHECK(registry.names().size() == 23);
    for (const std::string& name : registry.names()) {
        if (name == component_function) continue;  // written by the compiler only, so that nobody needs an example
        INFO(name);
        const Function& function = *registry.find(name);
        const FunctionSchema& schema = function.schema;
        CHECK_FALSE(schema.summary.empty());
        CHECK_FALSE(schema.changed.empty());
        REQUIRE(function.converge);
        CHECK(schema.outputs.empty() == (!function.read_outputs && !function.act));
        CHECK(schema.groups == static_cast<bool>(function.package_wishes));
        CHECK((schema.arguments.empty() || schema.argument(function.subject) != nullptr));
        for (const Argument& argument : schema.arguments) {
            INFO(argument.name);
            CHECK_FALSE(argument.help.empty());
            CHECK_FALSE((argument.required && !argument.fallback.is_null()));
            CHECK((argument.type == ArgumentType::choice) == !argument.choices.empty());
        }
        for (const Claim& claim : schema.claims) CHECK(schema.argument(claim.argument) != nullptr);
        Value example = read_yaml(schema.example, std::make_shared<const std::string>(name));
        CHECK(example.at("fn").text() == name);
        // What a state may say beside its arguments; `that` of meta.assert are conditions.
        for (const char* key : {"fn", "notify", "requires", "onlyif", "that"}) example.mapping().erase(key);
        Diagnostics diagnostics;
        check_call(function, example, {}, name, diagnostics);
        CHECK_FALSE(diagnostics.has_errors());
    }
}

TEST_CASE("meta functions that are compiled away are in the reference, and no target has them") {
    const auto language = functions_of_the_language();
    for (const char* name : {"meta.group", "meta.block", "meta.include"}) {
        CHECK(language.find(name) != nullptr);
        CHECK(all_functions().find(name) == nullptr);
    }
}

TEST_CASE("a second function of a name is a fault") {
    FunctionRegistry registry;
    Function function;
    function.schema.name = "a.b";
    registry.add(function);
    CHECK_THROWS_AS(registry.add(function), Error);
    CHECK(registry.find("a.c") == nullptr);
}

TEST_CASE("a part's subject is one short line") {
    const auto registry = all_functions();
    MemoryContent contents;
    CHECK(registry.subject("file.absent", arguments_of("{path: /a/b}", contents)) == "/a/b");
    CHECK(registry.subject("package.installed", arguments_of("{package: [nginx, curl]}", contents)) == "nginx, curl");
    CHECK(registry.subject("cmd.run", arguments_of("{cmd: [ls, -l]}", contents)) == "ls -l");
    CHECK(registry.subject("cmd.run", arguments_of("{cmd: \"one\\ntwo\"}", contents)) == "one…");
    const std::string line =
        registry.subject("cmd.run", arguments_of("{cmd: \"" + std::string(200, 'x') + "\"}", contents));
    CHECK(line == std::string(79, 'x') + "…");
    CHECK(registry.subject("no.such", Value::object()).empty());
}
