// Directories and revisions.
#include "master/cli/catalog_version.hpp"

#include <cstdlib>
#include <filesystem>

#include "common/process/run.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

CommandResult git(std::vector<std::string> words, const std::string& index = "") {
    Command command;
    command.argv = {"git"};
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    command.cwd = std::filesystem::current_path().string();
    command.env["HOME"] = environment("HOME");  // what the user's Git is set to, such as safe.directory
    if (!index.empty()) command.env["GIT_INDEX_FILE"] = index;
    try {
        return run_command(command);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::missing) throw;
        throw Error(ErrorKind::missing, "looking at revisions needs Git: install the package 'git'");
    }
}

std::string told(const CommandResult& result) {
    const std::string text(escape_control(trim(result.err.substr(0, 400))));
    return text.empty() ? "" : " (Git says: " + text + ")";
}

std::string git_text(std::vector<std::string> words, const std::string& what) {
    const CommandResult result = git(std::move(words));
    if (!result.succeeded()) throw Error(ErrorKind::usage, what + told(result));
    return std::string(trim_end(result.out));
}

// Writes the catalog of a revision below `folder`, and gives the directory.
std::string written(const std::string& revision, const std::string& beside, const std::string& folder) {
    const std::string neither = prove::quoted(revision) + " is neither a directory nor a revision: ";
    const std::string tree = git_text({"-C", beside, "rev-parse", "--absolute-git-dir"},
                                      neither + prove::quoted(beside) + " is in no Git work tree");
    std::string prefix = git_text({"-C", beside, "rev-parse", "--show-prefix"}, neither + "its work tree is not found");
    if (!prefix.empty()) prefix.pop_back();  // its last '/'
    const std::string commit =
        git_text({"-C", beside, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"},
                 neither + "Git does not know it in " + prove::quoted(beside));
    const std::string target = folder + "/tree", index = folder + "/index";
    make_private_folder(target);
    const std::vector<std::string> at = {"--git-dir=" + tree, "--work-tree=" + target};
    const auto run = [&](std::vector<std::string> words, const std::string& what) {
        words.insert(words.begin(), at.begin(), at.end());
        const CommandResult result = git(std::move(words), index);
        if (!result.succeeded()) throw Error(ErrorKind::usage, what + told(result));
    };
    run({"read-tree", commit + ":" + prefix},
        "revision " + prove::quoted(revision) + " has no directory " + prove::quoted(prefix.empty() ? "." : prefix));
    run({"-C", target, "checkout-index", "--all"}, "revision " + prove::quoted(revision) + " cannot be written");
    return target;
}

}  // namespace

CatalogVersion::CatalogVersion(const std::string& name, const std::string& beside, const std::vector<Inventory>& inventories) {
    if (name.empty()) throw Error(ErrorKind::usage, "a version is a directory or a revision, and this one is empty");
    const std::string directory = is_folder(name) ? name : written(name, beside, folder_.path());
    local_ = with_context([&] { return "while loading version " + prove::quoted(name); },
                          [&] { return std::make_unique<LocalCatalog>(CatalogPlace{directory, inventories}); });
}

}  // namespace prove
