// One function called by hand: what its words mean, and what is wrong with them.
#include <catch2/catch.hpp>

#include "agent/functions/registry.hpp"
#include "master/compile/ad_hoc.hpp"
#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;

namespace {

AdHocState call(const std::string& function, std::initializer_list<std::pair<const char*, Value>> arguments) {
    AdHocState state;
    state.function = function;
    for (const auto& [name, value] : arguments) state.arguments.set(name, value);
    return state;
}

// A catalog whose target has a state of its own.
std::map<std::string, std::string> catalog(std::map<std::string, std::string> more = {}) {
    more["states/site.yml"] = "mine:\n  fn: file.managed\n  path: /mine\n  content: x\n";
    return more;
}

StatePart part_of(Compiling& compiling, const AdHocState& state) {
    compiling.request().ad_hoc = state;
    const Compiled compiled = compiling.compile();
    REQUIRE(compiled.run->nodes.size() == 1);
    CHECK(compiled.run->nodes[0].id.text() == "ad hoc");
    CHECK(compiled.run->partial);
    return compiled.run->nodes[0].variants.at(0).parts.at(0);
}

// What `name=word` becomes for a function that takes it.
Value read_as(const std::string& function, const char* name, const std::string& word,
              std::initializer_list<std::pair<const char*, Value>> others = {}) {
    Compiling compiling(catalog());
    AdHocState state = call(function, others);
    state.arguments.set(name, word);
    return part_of(compiling, state).arguments.at(name);
}

std::string wrong(const AdHocState& state) {
    const Compiling compiling(catalog());
    try {
        compiling.compiler().check(state);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::usage);
        return error.text();
    }
    return "";
}

}  // namespace

TEST_CASE("a word is read as the function's schema wants it", "[ad_hoc]") {
    const std::pair<const char*, Value> content{"content", "x"}, path{"path", "/x"};
    CHECK(read_as("file.managed", "mode", "0644", {path, content}) == Value("0644"));
    CHECK(read_as("file.managed", "path", "/a b", {content}) == Value("/a b"));
    CHECK(read_as("file.managed", "make_dirs", "true", {path, content}) == Value(true));
    CHECK(read_as("package.installed", "package", "nginx") == Value("nginx"));
    CHECK(read_as("package.installed", "package", "[nginx, curl]") == Value(Value::List{"nginx", "curl"}));
    CHECK(read_as("user.present", "uid", "1200", {{"name", "anna"}}) == Value(1200));
    CHECK(read_as("cmd.run", "env", "{A: b, C: '1'}", {{"cmd", "true"}}).at("C") == Value("1"));
}

TEST_CASE("a text is taken as it stands, whatever it looks like", "[ad_hoc]") {
    for (const char* text : {"true", "0644", "[a, b]", "{a: b}", "${name}", "% for x in y:", "a: b", "-", " x ", "#", "'"}) {
        INFO(text);
        Compiling compiling(catalog());
        compiling.request().ad_hoc = call("file.managed", {{"path", "/x"}, {"content", text}});
        const Compiled compiled = compiling.compile();
        REQUIRE(compiled.blobs.size() == 1);
        CHECK(*compiled.blobs.begin()->second == text);
    }
}

TEST_CASE("a command is a shell line, or a list where no blank follows the bracket", "[ad_hoc]") {
    CHECK(read_as("cmd.run", "cmd", "[ -e /x ] || touch /x") == Value("[ -e /x ] || touch /x"));
    CHECK(read_as("cmd.run", "cmd", "[ -e /x ]") == Value("[ -e /x ]"));
    CHECK(read_as("cmd.run", "cmd", "{ true; }") == Value("{ true; }"));
    CHECK(read_as("cmd.run", "cmd", "[touch, /x]") == Value(Value::List{"touch", "/x"}));
}

TEST_CASE("values that are no texts are taken as they are: a program gives them with their types", "[ad_hoc]") {
    Compiling compiling(catalog());
    const StatePart part = part_of(compiling, call("package.installed", {{"package", Value(Value::List{"nginx", "curl"})}}));
    CHECK(part.arguments.at("package") == Value(Value::List{"nginx", "curl"}));
}

TEST_CASE("the keys of a state that mean something to a single one are taken", "[ad_hoc]") {
    Compiling compiling(catalog());
    const StatePart part = part_of(
        compiling, call("cmd.run", {{"cmd", "true"}, {"timeout", "5m"}, {"verify", "false"}, {"sensitive", "true"}, {"unless", "test -e /x"}}));
    CHECK(part.timeout == std::chrono::minutes(5));
    CHECK_FALSE(part.verify);
    CHECK(part.sensitive);
    CHECK(part.unless.size() == 1);
}

TEST_CASE("what is wrong is told with the argument that it is about", "[ad_hoc]") {
    CHECK(wrong(call("file.managed", {{"path", "/x"}, {"contnet", "y"}})) ==
          "argument 2: unknown argument 'contnet' of file.managed; did you mean 'content'?");
    CHECK(wrong(call("file.manged", {{"path", "/x"}})) == "unknown function 'file.manged'; did you mean 'file.managed'?");
    CHECK(wrong(call("service.running", {})) == "service.running needs the argument 'service': a unit or a list of them; without a suffix, .service is meant");
    CHECK(wrong(call("file.managed", {{"path", "x"}, {"content", "y"}, {"make_dirs", "yes"}})) ==
          "argument 1: argument 'path' of file.managed: not a path: 'x' is not absolute (it must begin with '/')\n"
          "argument 3: argument 'make_dirs' of file.managed: expected true or false, found 'yes', which is a text; write "
          "true or false");
    CHECK(wrong(call("file.managed", {{"path", "/x"}, {"content", "y"}, {"mode", "rwx"}})) ==
          "argument 3: argument 'mode' of file.managed: expected a quoted octal mode such as \"0644\", found the text 'rwx'");
    CHECK(wrong(call("file.managed", {{"path", "/x"}, {"content", "y"}, {"source", "prove://x"}})) ==
          "argument 2: file.managed takes only one of 'source', 'content'; 'source' and 'content' are given");
    CHECK_THAT(wrong(call("package.installed", {{"package", "[a, b]]"}, {"version", "[a"}})), Catch::StartsWith("argument 1: "));
    CHECK_THAT(wrong(call("cmd.run", {{"cmd", "true"}, {"env", "{A: b"}})), Catch::StartsWith("argument 2: argument 'env': "));
    CHECK(wrong(call("file.managed", {{"path", "/x"}, {"content", "y"}})).empty());
}

TEST_CASE("what is about other states is refused, and so are functions that are about states", "[ad_hoc]") {
    for (const char* key : {"notify", "notify_failure", "requires", "listen", "lazy", "defer", "late", "tags", "probe"}) {
        INFO(key);
        CHECK(wrong(call("file.managed", {{"path", "/x"}, {"content", "y"}, {key, "z"}})) ==
              "argument 3: '" + std::string(key) + "' is about other states, and here is only one; the keys that it may have are "
              "onlyif, unless, timeout, retry, verify, sensitive and description");
    }
    for (const char* function : {"meta.run", "meta.group", "meta.block", "meta.include", "meta.noop", "meta.assert"}) {
        INFO(function);
        CHECK(wrong(call(function, {})) == "'" + std::string(function) + "' is for state files: alone it changes nothing; "
                                           "'prove-cli functions' lists what does");
    }
    CHECK(wrong(call("cmd.run", {{"cmd", "true"}, {"fn", "cmd.run"}})) == "argument 2: the function is named before its arguments");
}

TEST_CASE("it has the files, the templates and the variables of its target", "[ad_hoc]") {
    Compiling compiling(catalog({{"files/a.txt", "of the catalog"},
                                 {"files/b.mako", "port ${vars.port}"},
                                 {"targets.yml", "targets: [{name: web1, states: [site], variables: {port: 8080}}]\n"}}));
    const auto content = [&](std::pair<const char*, Value> argument, const char* engine = nullptr) {
        AdHocState state = call("file.managed", {{"path", "/x"}, argument});
        if (engine != nullptr) state.arguments.set("template", engine);
        compiling.request().ad_hoc = state;
        const Compiled compiled = compiling.compile();
        REQUIRE(compiled.blobs.size() == 1);
        return *compiled.blobs.begin()->second;
    };
    CHECK(content({"source", "prove://a.txt"}) == "of the catalog");
    CHECK(content({"source", "prove://b.mako"}) == "port 8080");
    CHECK(content({"content", "port ${vars.port}"}, "mako") == "port 8080");
    compiling.request().ad_hoc = call("file.managed", {{"path", "/x"}, {"source", "prove://c.txt"}});
    CHECK(compiling.errors() == "argument 2: ad hoc: the catalog has no file 'prove://c.txt'; did you mean 'prove://a.txt'?\n");
    compiling.request().ad_hoc = call("file.managed", {{"path", "/x"}, {"content", "${nobody}"}, {"template", "mako"}});
    CHECK_THAT(compiling.errors(), Catch::StartsWith("argument 2: 'nobody' is not defined"));
}

TEST_CASE("states of the target that do not compile are no matter of it", "[ad_hoc]") {
    Compiling compiling = site("broken:\n  fn: no.such\n");
    CHECK(part_of(compiling, call("cmd.run", {{"cmd", "true"}})).function == "cmd.run");
}

TEST_CASE("a content that comes with it is the file's, whatever is in it", "[ad_hoc]") {
    const std::string bytes("\0\xff binary", 9);
    AdHocState state = call("file.managed", {{"path", "/x"}});
    state.content = BlobRef{hash_of(bytes), bytes.size()};
    state.bytes = std::make_shared<const std::string>(bytes);
    Compiling compiling(catalog());
    compiling.request().ad_hoc = state;
    const Compiled compiled = compiling.compile();
    CHECK(*compiled.blobs.at(state.content->hash) == bytes);
    CHECK(compiled.run->files == std::vector<BlobRef>{*state.content});

    state.function = "cmd.run";
    CHECK(wrong(state) == "only file.managed takes a content, not 'cmd.run'");
}

TEST_CASE("a call survives its way through a job's options", "[ad_hoc]") {
    AdHocState state = call("file.managed", {{"path", "/x"}, {"make_dirs", true}});
    state.content = BlobRef{hash_of("x"), 1};
    const AdHocState again = ad_hoc_from(read_json(write_json(to_value(state))));
    CHECK(again.function == state.function);
    CHECK(again.arguments == state.arguments);
    CHECK(again.content == state.content);
    for (const char* bad : {R"({})", R"({"function": 1})", R"({"function": "x", "arguments": []})", R"({"function": "x", "more": 1})",
                            R"({"function": "x", "content": {"hash": "zz", "size": 1}})",
                            R"({"function": "x", "content": {"hash": "00", "size": -1}})"}) {
        INFO(bad);
        CHECK_THROWS_AS(ad_hoc_from(read_json(bad)), Error);
    }
}

TEST_CASE("what cannot be read is told once", "[ad_hoc]") {
    CHECK(wrong(call("cmd.run", {{"cmd", "true"}, {"env", "{A"}})) == "argument 2: argument 'env': a '{' without its '}'");
    CHECK(wrong(call("cmd.run", {{"cmd", "true"}, {"env", "{A: 1}"}})) ==
          "argument 2: argument 'env' of cmd.run: expected a text for 'A', found the integer 1; put it in quotes");
}

TEST_CASE("neither secrets, nor outputs, nor contents are brought in by a word", "[ad_hoc]") {
    CHECK_THAT(wrong(call("cmd.run", {{"cmd", "true"}, {"env", "{A: !secret x}"}})), Catch::StartsWith("argument 2: "));
    CHECK(wrong(call("file.managed", {{"path", "/x"}, {"content", read_json(R"({"$blob": "00", "size": 1})")}})) ==
          "argument 2: a content by its hash stands beside the arguments, not among them");
    Compiling compiling(catalog());
    compiling.request().ad_hoc = call("cmd.run", {{"cmd", "true"}, {"env", "{A: !out x.y}"}});
    CHECK(compiling.errors() == "argument 2: ad hoc: '!out' names 'x', which no state of this run has\n");
}

TEST_CASE("functions of the catalog's components are called with arguments of their own types", "[ad_hoc]") {
    Compiling compiling(catalog({{"components/shop/component.yml",
                                  "functions:\n  line:\n    arguments:\n      count: {type: integer}\n      name: {type: text}\n"},
                                 {"components/shop/functions/line", "#!/bin/sh\n"}}));
    const StatePart part = part_of(compiling, call("shop.line", {{"count", "3"}, {"name", "3"}}));
    CHECK(part.function == "component.function");
    CHECK(part.arguments.at("args").at("count") == Value(3));
    CHECK(part.arguments.at("args").at("name") == Value("3"));
}
