// Man pages and completion are made from the command tree, so that nothing can be forgotten in them.
#include "common/manual/manual.hpp"

#include <catch2/catch.hpp>
#include <CLI/CLI.hpp>

namespace prove {
namespace {

struct Tree {
    CLI::App app{"does things", "tool"};
    std::string file;
    Tree() {
        CLI::App* jobs = app.add_subcommand("jobs", "every job");
        CLI::App* show = jobs->add_subcommand("show", "one job");
        show->add_option("--file", file, "a file, or '.'")->type_name("FILE");
        show->footer("Examples:\n  tool jobs show 12");
    }
};

TEST_CASE("a man page has every command, option and example of the tree", "[manual]") {
    Tree tree;
    ManualPage page;
    page.name = "tool";
    page.description = "What it is.\n\nAnd more.";
    page.exit_status = "0\tall well";
    const std::string text = man_page(tree.app, page);

    CHECK(text.find(".TH TOOL 1") == 0);
    CHECK(text.find(".SS tool jobs show") != std::string::npos);
    CHECK(text.find("\\-\\-file FILE") != std::string::npos);
    CHECK(text.find("tool jobs show 12") != std::string::npos);
    CHECK(text.find(".TP\n.B 0\nall well") != std::string::npos);
}

TEST_CASE("a line of text that begins with a dot is not taken for roff", "[manual]") {
    CLI::App app{".hidden", "tool"};
    ManualPage page;
    page.name = "tool";
    page.description = ".also";
    CHECK(man_page(app, page).find("\n.also") == std::string::npos);
}

TEST_CASE("the reference in Markdown has every command with its options and examples", "[manual]") {
    Tree tree;
    const std::string text = markdown_reference(tree.app);
    CHECK(text.find("\n## tool jobs show\n\none job\n") != std::string::npos);
    CHECK(text.find("| `--file FILE` | a file, or '.' |") != std::string::npos);
    CHECK(text.find("```\ntool jobs show 12\n```") != std::string::npos);
}

TEST_CASE("completion offers the commands and options of each level", "[manual]") {
    Tree tree;
    const std::string text = bash_completion(tree.app, "tool");
    CHECK(text.find("'') candidates='jobs --help'") != std::string::npos);
    CHECK(text.find("'jobs show') candidates='--help --file'") != std::string::npos);
    CHECK(text.find("complete -o default -F _tool tool") != std::string::npos);
}

}  // namespace
}  // namespace prove
