// Man pages and shell completion, made from a program's own CLI11 tree, so that help, manual and completion never differ.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace prove {

struct ManualPage {
    std::string name;              // "prove-cli"
    int section = 1;
    std::string description;       // paragraphs, separated by empty lines
    std::string files;             // lines "PATH<TAB>what it is"; may be empty
    std::string see_also;          // "prove-master(8), prove-agent(8)"
    std::string exit_status;       // lines "CODE<TAB>meaning"; may be empty
};
// The page in roff (man(7)).
std::string man_page(const CLI::App& app, const ManualPage& page);
// Every command with its options and examples, in Markdown, for the reference in docs/.
std::string markdown_reference(const CLI::App& app);
// A completion script for bash: subcommands and options of every level.
std::string bash_completion(const CLI::App& app, const std::string& program);

}  // namespace prove
