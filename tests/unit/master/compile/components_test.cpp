// Components in a compile: their parameters against the variables, and functions of their own.
#include <catch2/catch.hpp>

#include "tests/unit/master/compile/compiling.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

using Files = std::map<std::string, std::string>;

const std::string component_yml =
    "version: \"1.2.0\"\n"
    "parameters:\n"
    "  domain: {type: text, required: true, help: what it is called}\n"
    "  port: {type: integer, default: 80}\n"
    "  log: {choices: [terse, full], default: terse}\n"
    "  aliases: {type: list}\n";
const std::string states =
    "it:\n  - fn: file.managed\n    path: /etc/site\n    content: ${vars.web.domain} ${vars.web.port} ${vars.web.log}\n";

// A target with the component `web` and these variables.
Compiling with_variables(const std::string& variables, Files others = {}) {
    others.emplace("components/web/component.yml", component_yml);
    others.emplace("components/web/states.yml", states);
    others.emplace("targets.yml", "targets:\n  - name: web1\n    states: [web]\n    variables: " + variables + "\n");
    return Compiling(std::move(others));
}

// A component with a function.
Compiling with_function(const std::string& site, const std::string& yml = "") {
    return Compiling({{"states/site.yml", site},
                      {"components/shop/component.yml", yml},
                      {"components/shop/functions/line", "#!/bin/sh\n"}});
}

std::string why_refused(Files files) {
    files.emplace("targets.yml", "");
    try {
        const Compiling compiling(std::move(files));
    } catch (const CatalogError& error) {
        std::string text;
        for (const auto& diagnostic : error.diagnostics().sorted())
            text += diagnostic.position.text() + ": " + diagnostic.where + ": " + diagnostic.text + "\n";
        return text;
    }
    return "";
}

}  // namespace

TEST_CASE("a component's parameters have their defaults, which its variables file and all other layers stand above",
          "[components]") {
    const auto with = [](const std::string& variables, Files others = {}) {
        const auto compiled = with_variables(variables, std::move(others)).compile();
        return content(compiled, node(compiled, "it").variants.at(0).parts.at(0));
    };
    CHECK(with("{web: {domain: a.example}}") == "a.example 80 terse");
    CHECK(with("{web: {domain: a.example}}", {{"components/web/variables.yml", "port: 81\n"}}) == "a.example 81 terse");
    CHECK(with("{web: {domain: a.example, port: 82, log: full}}", {{"components/web/variables.yml", "port: 81\n"}}) ==
          "a.example 82 full");
}

TEST_CASE("variables that are not what a component's parameters say are errors where they are written", "[components]") {
    CHECK(with_variables("{web: {domain: 5}}").errors() ==
          "targets.yml:4:31: component web: its parameter 'domain': expected a text, found the integer 5; put it in "
          "quotes\n");
    CHECK(with_variables("{web: {domain: a, port: \"80\"}}").errors() ==
          "targets.yml:4:40: component web: its parameter 'port': expected an integer, found the text '80'\n");
    CHECK(with_variables("{web: {domain: a, log: fuller}}").errors() ==
          "targets.yml:4:39: component web: its parameter 'log': expected one of terse, full, found the text 'fuller'; did "
          "you mean 'full'?\n");
    CHECK(with_variables("{web: {domain: a, aliases: b}}").errors() ==
          "targets.yml:4:43: component web: its parameter 'aliases': expected a list, found the text 'b'\n");
    CHECK(with_variables("{web: {domain: a, prot: 81}}").errors() ==
          "targets.yml:4:34: component web: it has no parameter 'prot'; did you mean 'port'?\n");
    CHECK(with_variables("{web: {domain: a}}", {{"components/web/variables.yml", "colour: red\n"}}).errors() ==
          "components/web/variables.yml:1:1: component web: it has no parameter 'colour'; it has domain, port, log and "
          "aliases\n");
}

TEST_CASE("a parameter that is required and missing is told with what it is for", "[components]") {
    auto errors = with_variables("{}", {{"components/web/states.yml", "it: [{fn: file.absent, path: /srv/x}]\n"}}).errors();
    CHECK(errors ==
          "targets.yml:2:11: component web: its parameter 'domain' is missing (what it is called); a variable gives it: web: "
          "{domain: ...}\n");
}

TEST_CASE("what a component requires brings its defaults, and its parameters are checked too", "[components]") {
    const Files others = {{"components/web/component.yml", "requires: [tls]\n"},
                          {"components/tls/component.yml", "parameters: {bits: {type: integer, default: 4096}}\n"},
                          {"components/web/states.yml",
                           "it:\n  - fn: file.managed\n    path: /etc/site\n    content: bits ${vars.tls.bits}\n"}};
    const auto compiled = with_variables("{}", others).compile();
    CHECK(content(compiled, node(compiled, "it").variants.at(0).parts.at(0)) == "bits 4096");
    CHECK(with_variables("{tls: {bits: many}}", others).errors() ==
          "targets.yml:4:29: component tls: its parameter 'bits': expected an integer, found the text 'many'\n");
}

TEST_CASE("defaults that are none of their type, and a family of functions that is Prove's, refuse the catalog",
          "[components]") {
    CHECK(why_refused({{"components/web/component.yml", "functions: {x: {arguments: {on: {type: boolean, default: yes}}}}\n"},
                       {"components/web/functions/x", "#!/bin/sh\n"}}) ==
          "components/web/component.yml:1:58: component web: function x: argument on: its default: expected true or false, "
          "found 'yes', which is a text; write true or false\n");
    CHECK(why_refused({{"components/web/component.yml", "parameters:\n  port: {type: integer, default: eighty}\n"}}) ==
          "components/web/component.yml:2:34: component web: parameter port: its default: expected an integer, found the "
          "text 'eighty'\n");
    CHECK(why_refused({{"components/file/functions/line", "#!/bin/sh\n"}}) ==
          "components/file/functions/line: component file: its functions would be called 'file.*', as Prove's own are; a "
          "component with functions needs another name\n");
}

TEST_CASE("a part that calls a component's function brings the program along, by its hash", "[components]") {
    const auto compiled = with_function("it:\n  - fn: shop.line\n    path: /etc/lines\n    line: milk\n").compile();
    const auto& part = node(compiled, "it").variants.at(0).parts.at(0);
    CHECK(part.function == "component.function");
    CHECK(part.arguments.at("function").text() == "shop.line");
    CHECK(write_json(part.arguments.at("args")) == R"({"path":"/etc/lines","line":"milk"})");
    CHECK(content(compiled, part) == "#!/bin/sh\n");
    REQUIRE(compiled.run->files.size() == 1);
    CHECK(compiled.run->files[0].hash == hash_of("#!/bin/sh\n"));
}

TEST_CASE("arguments of a component's function are checked where component.yml declares them", "[components]") {
    const std::string yml =
        "functions:\n  line:\n    help: a line in a file\n    arguments:\n      path: {type: path, required: true, help: the file}\n"
        "      times: {type: integer, default: 1}\n      secret: {type: text, sensitive: true}\n";
    CHECK(with_function("it: [{fn: shop.line, pth: /x}]\n", yml).errors() ==
          "states/site.yml:1:22: it: unknown argument 'pth' of shop.line; did you mean 'path'?\n");
    CHECK(with_function("it: [{fn: shop.line, times: 2}]\n", yml).errors() ==
          "states/site.yml:1:11: it: shop.line needs the argument 'path': the file\n");
    CHECK(with_function("it: [{fn: shop.line, path: x}]\n", yml).errors() != "");
    const auto compiled = with_function("it: [{fn: shop.line, path: /x}]\n", yml).compile();
    CHECK(write_json(node(compiled, "it").variants.at(0).parts.at(0).arguments.at("args")) == R"({"path":"/x","times":1})");
    CHECK_FALSE(node(compiled, "it").variants.at(0).parts.at(0).sensitive);
    const auto secret = with_function("it: [{fn: shop.line, path: /x, secret: s}]\n", yml).compile();
    CHECK(node(secret, "it").variants.at(0).parts.at(0).sensitive);
}

TEST_CASE("an argument of a component's function may be an output of another state", "[components]") {
    const auto compiled = with_function(
                              "it:\n  - fn: shop.line\n    list: [!out name.stdout]\n"
                              "name:\n  - fn: cmd.read\n    cmd: hostname\n")
                              .compile();
    CHECK(node(compiled, "it").requirements == std::vector<NodeIndex>{1});
    CHECK_THAT(with_function("it: [{fn: shop.line, list: [!out nme.stdout]}]\nname: [{fn: cmd.read, cmd: hostname}]\n").errors(),
               Contains("did you mean 'name'?"));
}

TEST_CASE("a function that the component does not have is told with the nearest; nobody writes component.function",
          "[components]") {
    CHECK(with_function("it: [{fn: shop.lines}]\n").errors() ==
          "states/site.yml:1:11: it: unknown function 'shop.lines'; did you mean 'shop.line'?\n");
    CHECK_THAT(with_function("it: [{fn: component.function, function: x, content: y}]\n").errors(),
               Contains("unknown function 'component.function'"));
}
