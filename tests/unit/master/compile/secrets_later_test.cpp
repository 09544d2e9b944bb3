// Secrets where compiling happens more than once: late states, what is remembered from one target and one catalog to
// the next, and parts that a component's own function runs.
#include <catch2/catch.hpp>

#include "proto/late.hpp"
#include "tests/unit/master/compile/vault.hpp"
#include "tests/unit/master/compile/with_memory.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// A late state that prints a secret, and asks with what a part read that has one in it.
const std::string late_states =
    "disks: {fn: cmd.read, cmd: lsblk}\n"
    "open: {fn: cmd.read, cmd: 'mysql ${vars.v}'}\n"
    "format:\n"
    "  late: true\n"
    "  requires: [disks, open]\n"
    "  parts:\n"
    "% for disk in results.disks.stdout.split():\n"
    "    - {fn: cmd.run, cmd: 'mkfs ${disk}', stdin: '${vars.url}'}\n"
    "% endfor\n"
    "    - {fn: file.managed, path: /f, mode: '0600', source: 'prove://f.mako'}\n"
    "    - {fn: cmd.run, cmd: x, stdin: !out open.stdout}\n";

const Files managed_file = {{"files/f.mako", "${vars.v}"}};

CompiledPiece piece(const Compiling& site, const std::string& stdout) {
    Value of_disks = Value::object();
    of_disks.set("stdout", stdout);
    LateRequest::Asked asked{StateId("format"), Value::object()};
    asked.results.set("disks", std::move(of_disks));
    asked.results.set("open", Value::object());
    LateRequest request;
    request.states.push_back(std::move(asked));
    return site.compiler().compile_late({.target = TargetId("web1"), .facts = Value::object()}, request);
}

}  // namespace

TEST_CASE("S91 a late state's piece has marks, and the run that it belongs to brings all secrets of the target",
          "[secrets][late]") {
    const Vault vault;
    const Compiling site = vault.site(late_states, managed_file);
    const Compiled compiled = site.compile();
    CHECK(compiled.secrets.size() == 3);  // v, low and db.password: who knows what a late state will name
    const CompiledPiece late = piece(site, "sda\nsdb\n");
    const auto found = late.piece.run.find(StateId("format"));
    REQUIRE(found);
    const std::vector<StatePart>& parts = late.piece.run.nodes[*found].variants.at(0).parts;
    REQUIRE(parts.size() == 4);
    for (const StatePart& part : parts) CHECK(part.sensitive);
    CHECK(vault.opened(compiled, secret_text(parts[1].arguments.at("stdin"))) == "http://canary@db");
    const auto hash = Hash::from_hex_text(parts[2].arguments.at("content").at("$blob").text());
    CHECK(vault.opened(compiled, *late.blobs.at(*hash)) == "canary");
    CHECK(parts[2].arguments.at("content").at("holes").mapping().size() == 1);
    std::string all = write_json(to_value(late.piece.run)) + late.basis;
    for (const auto& [of, blob] : late.blobs) all += *blob;
    CHECK(all.find("canary") == std::string::npos);
}

TEST_CASE("a secret that was encrypted anew makes another basis of late states, so that no kept piece has its old mark",
          "[secrets][late]") {
    const Vault vault;
    const auto basis = [&](const std::string& ciphertext) {
        const Files files = {
            {"prove.yml", vault.options() + "variables: {low: x}\n"},
            {"files/f.mako", "${vars.v}"},
            {"targets.yml", "targets: [{name: web1, states: [site], variables: {v: " + ciphertext + ", url: x}}]\n"}};
        return piece(vault.site(late_states, files), "sda").basis;
    };
    const std::string one = vault.secret("canary");
    CHECK(basis(one) == basis(one));
    CHECK(basis(one) != basis(vault.secret("canary")));
}

TEST_CASE("S91 what is wrong with a late state is told without the secrets in it", "[secrets][late]") {
    const Vault vault;
    std::string states = late_states;
    states.replace(states.find("path: /f"), 8, "path: 'x${vars.v}', nonsense: '${vars.v}'");
    try {
        (void)piece(vault.site(states, managed_file), "sda");
        FAIL("it compiled");
    } catch (const CatalogError& error) {
        const std::string text = told_in_a_run(error).text();
        CHECK(text.find("unknown argument 'nonsense' of file.managed") != std::string::npos);
        CHECK(text.find("canary") == std::string::npos);
        CHECK(marks_in(text).empty());
    }
}

TEST_CASE("a rotated secret is rendered anew, or as it was, and never wrong, whatever is remembered",
          "[secrets][memory]") {
    const Vault vault;
    const auto memory = std::make_shared<CompileMemory>();
    const std::string states =
        "a: {fn: cmd.run, cmd: x, stdin: 'a ${vars.v} ${vars.plain}'}\n"
        "b: {fn: file.managed, path: /b, mode: '0600', source: 'prove://b.mako'}\n";
    const auto said = [&](const std::string& of_v) {
        const Files files = {
            {"targets.yml", "targets: [{name: web1, states: [site], variables: {plain: p, v: " + of_v + "}}]\n"},
            {"files/b.mako", "b ${vars.v}\n"}};
        const Compiling site = vault.site(states, files, memory);
        const Compiled compiled = site.compile();
        CHECK(compiled.secrets.size() == (of_v.find("prove1") == std::string::npos ? 0 : 1));
        return vault.opened(compiled, argument(compiled, "a", "stdin") + " " +
                                          content(compiled, node(compiled, "b").variants[0].parts[0]));
    };
    const std::string one = vault.secret("one"), again = vault.secret("one"), two = vault.secret("two");
    for (const std::string* ciphertext : {&one, &again, &two, &one}) {
        const std::string plain = ciphertext == &two ? "two" : "one";
        CHECK(said(*ciphertext) == "a " + plain + " p b " + plain + "\n");
    }
    CHECK(said("open") == R"("a open p" b open)"
                          "\n");
    CHECK(said(two) == "a two p b two\n");
}

TEST_CASE("a variable that was a mapping and becomes a secret is another value to all that is remembered",
          "[secrets][memory]") {
    const Vault vault;
    const auto memory = std::make_shared<CompileMemory>();
    const auto said = [&](const std::string& of_v) {
        const Files files = {
            {"targets.yml", "targets: [{name: web1, states: [ask], variables: {v: " + of_v + "}}]\n"},
            {"states/ask.yml.jinja", "a: {fn: cmd.run, cmd: x, stdin: 'mapping {{ vars.v is mapping }}'}\n"}};
        const Compiled compiled = vault.site("", files, memory).compile();
        return argument(compiled, "a", "stdin");
    };
    CHECK(said("{a: 1}") == R"("mapping true")");
    CHECK(said(vault.secret("canary")) == R"("mapping false")");
    CHECK(said("{a: 1}") == R"("mapping true")");
}

TEST_CASE("S62 a group that comes to match by facts is checked again, though it brings the same", "[secrets][memory]") {
    const Vault vault;
    const auto memory = std::make_shared<CompileMemory>();
    const std::string file = "x: " + vault.secret("canary") + "\n";
    const auto errors = [&](const std::string& which) {
        WithMemory site({{"prove.yml", vault.options()},
                         {"groups.yml", "groups: [{name: g, " + which + ", variable_files: [f]}]\n"},
                         {"variables/f.yml", file},
                         {"targets.yml", "targets: [{name: web1, states: [site]}]\n"},
                         {"states/site.yml", "a: {fn: cmd.run, cmd: x}\n"}},
                        memory);
        site.known().facts["web1"] = facts_with("debian");
        return site.errors("web1");
    };
    CHECK(errors("glob: '*'").empty());
    CHECK(errors("match: 'fact:os=debian'").find("a group that matches by facts may not bring '!secret' values") !=
          std::string::npos);
    CHECK(errors("glob: 'web*'").empty());
}

TEST_CASE("S91 a secret may go to a component's parameter and to its own function, whose part shows nothing then",
          "[secrets][components]") {
    const Vault vault;
    const Files files = {
        {"targets.yml", "targets: [{name: web1, states: [site, shop], variables: {v: " + vault.secret("canary") +
                            ", shop: {token: " + vault.secret("canary") + "}}}]\n"},
        {"components/shop/component.yml",
         "version: \"1.0.0\"\nparameters:\n  token: {type: text, required: true}\n  port: {type: integer, default: "
         "80}\n"
         "functions:\n  line:\n    arguments:\n      word: {type: text}\n      deep: {type: mapping}\n"},
        {"components/shop/functions/line", "#!/bin/sh\n"},
        {"components/shop/states.yml", "own: {fn: shop.line, word: 'x ${vars.shop.token}'}\n"}};
    const Compiling site = vault.site(
        "a: {fn: shop.line, word: '${vars.v}', deep: {list: ['${vars.v}']}}\nb: {fn: shop.line, word: x}\n", files);
    const Compiled compiled = site.compile();
    CHECK(compiled.secrets.size() == 2);
    CHECK(vault.opened(compiled, argument(compiled, "a", "args")) ==
          R"({"word":{"$secret":"canary"},"deep":{"list":[{"$secret":"canary"}]}})");
    const auto sensitive = [&](const char* id) { return node(compiled, id).variants.at(0).parts.at(0).sensitive; };
    CHECK(sensitive("a"));
    CHECK(sensitive("own"));
    CHECK_FALSE(sensitive("b"));
    Files wrong = files;
    wrong["targets.yml"] =
        "targets: [{name: web1, states: [shop], variables: {shop: {token: a, port: " + vault.secret("canary") +
        "}}}]\n";
    CHECK(vault.site("", wrong).errors().find(
              "component shop: its parameter 'port': expected an integer, found a secret (!secret)") != std::string::npos);
}
