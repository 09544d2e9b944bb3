// The tree of commands: every one explains itself with examples that work, and wrong usage is 2.
#include <catch2/catch.hpp>
#include <CLI/CLI.hpp>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "master/cli/command_line.hpp"
#include "tests/support/in_sources.hpp"
#include "tests/unit/master/cli/captured.hpp"

using namespace prove;
using namespace prove::test;

namespace {

void collect(CLI::App& app, std::vector<CLI::App*>& all) {
    for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        all.push_back(command);
        collect(*command, all);
    }
}

// The part of an example that prove-cli itself gets to see.
std::vector<std::string> own_words(const std::string& example) {
    std::string text = example.substr(example.find("prove-cli "));
    for (const char* end : {" | ", " > ", "   #", ")"})
        if (std::string(end) != ")" || example.find("(prove-cli") != std::string::npos)
            text = text.substr(0, text.find(end));
    return {text};
}

}  // namespace

TEST_CASE("every command says what it does and has examples that its own parser takes", "[cli]") {
    CommandLine tree;
    add_all_commands(tree);
    std::vector<CLI::App*> all = {&tree.app()};
    collect(tree.app(), all);
    REQUIRE(all.size() > 25);
    for (const CLI::App* command : all) {
        INFO(command->get_name());
        CHECK_FALSE(command->get_description().empty());
        int examples = 0;
        for (const auto& example : split_lines(command->get_footer())) {
            if (example.rfind("  ", 0) != 0 || example.find("prove-cli ") == std::string::npos) continue;
            ++examples;
            CommandLine fresh;
            add_all_commands(fresh);
            INFO(example);
            for (const auto& words : own_words(example)) CHECK_NOTHROW(fresh.app().parse(words, true));
        }
        CHECK(examples > 0);
        for (const CLI::Option* option : command->get_options()) {
            INFO(option->get_name());
            CHECK_FALSE(option->get_description().empty());
        }
    }
}

TEST_CASE("wrong usage is 2, and says where help is", "[cli]") {
    const Ran unknown = run({"jobs", "shwo"});
    CHECK(unknown.code == 2);
    CHECK(unknown.err.find("see 'prove-cli jobs --help'") != std::string::npos);
    CHECK(unknown.err.find("there is no command 'shwo'; did you mean 'show'?") != std::string::npos);
    CHECK(run({"staets", "plan", "x"}).err.find("did you mean 'states'?") != std::string::npos);
    CHECK(run({"jobs"}).err.find("there are list, show, watch and cancel") != std::string::npos);
    CHECK(run({}).code == 2);
    CHECK(run({"ping"}).code == 2);
    CHECK(run({"--output", "xml", "ping", "*"}).code == 2);
    CHECK(run({"--master", "/x", "--catalog", "/y", "ping", "*"}).code == 2);
    CHECK(run({"jobs", "list", "--limit", "0"}).code == 2);
}

TEST_CASE("an unknown option is named as it was written, with the nearest one", "[cli]") {
    const Ran limit = run({"jobs", "list", "--limt", "5"});
    CHECK(limit.code == 2);
    CHECK(limit.err == "prove-cli: there is no option '--limt'; did you mean '--limit'?\nsee 'prove-cli jobs list --help'\n");
    CHECK(run({"ping", "--outptu=json"}).err.rfind("prove-cli: there is no option '--outptu'; did you mean '--output'?\n", 0) == 0);
    CHECK(run({"--outptu", "json", "targets"}).err.find("did you mean '--output'?") != std::string::npos);
    CHECK(run({"targets", "--nothing-like-it"}).err ==
          "prove-cli: there is no option '--nothing-like-it'\nsee 'prove-cli targets --help'\n");
    CHECK(run({"ping", "a", "b", "c"}).err.rfind("prove-cli: 'b' is one word more than this command takes\n", 0) == 0);
    CHECK(run({"targets", "--\x1b[31m"}).err.find('\x1b') == std::string::npos);
}

TEST_CASE("a value that an option does not take is told with those that it takes", "[cli]") {
    CHECK(run({"graph", "web1", "--format", "dto"}).err ==
          "prove-cli: --format takes text, dot and svg, not 'dto'; did you mean 'dot'?\nsee 'prove-cli graph --help'\n");
    CHECK(run({"--output", "xmls", "ping", "*"}).err.rfind("prove-cli: --output takes text, json and yaml, not 'xmls'", 0) == 0);
}

TEST_CASE("help names words of which there may be several, and the choices of an option, without a notation to learn",
          "[cli]") {
    const std::string diff = run({"diff", "--help"}).out;
    CHECK_THAT(diff, Catch::Contains("Usage: prove-cli diff [OPTIONS] [WHAT...]"));
    CHECK_THAT(run({"graph", "--help"}).out, Catch::Contains("--format text|dot|svg") && Catch::Contains("[OPTIONS] TARGET"));
    CHECK_THAT(run({"--help"}).out, Catch::Contains("--color auto|always|never") && !Catch::Contains("{"));
}

TEST_CASE("'*' is never implied: a job without an expression is not made", "[cli]") {
    for (const char* command : {"ping", "facts", "cmd"}) CHECK(run({command}).code == 2);
    CHECK(run({"states", "apply"}).code == 2);
    CHECK(run({"states", "plan"}).code == 2);
}

TEST_CASE("a command wants a program or a shell line, and not both", "[cli]") {
    CHECK(run({"--master", "/nowhere/s", "cmd", "web1"}).err.find("what is to be run?") != std::string::npos);
    CHECK(run({"--master", "/nowhere/s", "cmd", "web1", "--shell", "ls", "--", "ls"}).code == 2);
    CHECK(run({"--master", "/nowhere/s", "cmd", "web1", "--timeout", "soon", "--", "ls"}).code == 2);
    CHECK(run({"--master", "/nowhere/s", "cmd", "web1", "--env", "=x", "--", "ls"}).code == 2);
}

TEST_CASE("a master that is not there is 9, with what to do about it", "[cli]") {
    const Ran ran = run({"--master", "/nowhere/api.sock", "ping", "*"});
    CHECK(ran.code == 9);
    CHECK(ran.err.find("no master answers on '/nowhere/api.sock'") != std::string::npos);
    CHECK(ran.err.find("is prove-master running?") != std::string::npos);
    const Ran json = run({"--master", "/nowhere/api.sock", "--output", "json", "ping", "*"});
    CHECK(json.code == 9);
    const Value error = read_json(trim_end(json.err));
    CHECK(error.at("event").text() == "error");
    CHECK(error.at("kind").text() == "unavailable");
}

TEST_CASE("what needs a master says so when a catalog is given, and the other way round", "[cli]") {
    CHECK(run({"--catalog", "/nowhere", "keys", "list"}).code == 2);
    const Ran ran = run({"check"});
    CHECK(ran.code == 2);
    CHECK(ran.err.find("--catalog") != std::string::npos);
}

TEST_CASE("a variable on the command line is read as YAML reads it", "[cli]") {
    CHECK(read_command_line_value("8080") == Value(8080));
    CHECK(read_command_line_value("true") == Value(true));
    CHECK(read_command_line_value("'8080'") == Value("8080"));
    CHECK(read_command_line_value("[a, 2]").list().size() == 2);
    CHECK(read_command_line_value("") == Value(""));
    CHECK(read_command_line_value("plain text") == Value("plain text"));
    CHECK_THROWS_AS(read_command_line_value("[a"), Error);
    CHECK(run({"--master", "/nowhere/s", "states", "plan", "web1", "--var", "port"}).code == 2);
    CHECK(run({"--master", "/nowhere/s", "states", "plan", "web1", "--var", "=1"}).code == 2);
}

TEST_CASE("a function that is not there is 2, with the nearest one", "[cli]") {
    const Ran ran = run({"functions", "file.manged"});
    CHECK(ran.code == 2);
    CHECK(ran.err.find("did you mean 'file.managed'?") != std::string::npos);
    CHECK(run({"functions", "file.managed"}).out.find("Arguments:") != std::string::npos);
}

TEST_CASE("the manual and the completion come out of the same tree", "[cli]") {
    CHECK(run({"generate", "man"}).out.rfind(".TH", 0) == 0);
    CHECK(run({"generate", "completion"}).out.find("complete -o default -F _prove_cli prove-cli") != std::string::npos);
}

TEST_CASE("the generated pages of docs/ are what the programs say of themselves today", "[cli][docs]") {
    const std::map<std::string, std::vector<std::string>> pages = {
        {"functions.md", {"functions", "--markdown"}}, {"facts.md", {"generate", "facts"}}, {"commands.md", {"generate", "commands"}}};
    for (const auto& [page, words] : pages) {
        const std::string file = test::in_sources("/docs/") + page, text = run(words).out;
        if (std::getenv("PROVE_ACCEPT") != nullptr) write_file_durably(file, text, 0644);
        INFO(page << ": make it anew with prove-cli " << join(words, " "));
        CHECK((text == find_whole_file(file).value_or("")));
    }
}
