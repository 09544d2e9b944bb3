// LinuxHost: file verbs and commands. Each makes its plan, and does nothing where that holds no change.
#include <algorithm>

#include "agent/host/linux_host.hpp"
#include "agent/host/plan_files.hpp"
#include "agent/host/programs.hpp"
#include "agent/host/scope.hpp"
#include "common/text/text.hpp"

namespace prove {

// Caches that hang on files: units, accounts.
void LinuxHost::file_changed(const Path& path) {
    if (path.text().find("/systemd/") != std::string::npos) systemd_.unit_files_changed();
    if (path.is_below(Path("/etc"))) {
        accounts_.reset();
        has_remote_accounts_.reset();
    }
}

void LinuxHost::forget_all() {
    apt_.forget();
    systemd_.forget();
    accounts_.reset();
    has_remote_accounts_.reset();
    remote_.clear();
}

void LinuxHost::validate(const Path& path, const std::vector<std::string>& words, const std::string& candidate) const {
    Command command;
    command.argv = words;
    // In a line for the shell the name is quoted, should it need that.
    const bool shell = words.size() == 3 && words[0] == "/bin/sh" && words[1] == "-c";
    for (std::string& word : command.argv) word = replace_all(word, "{}", shell ? shell_quoted(candidate) : candidate);
    const CommandResult result = commands_.run(command, Commands::Show::output);
    if (result.cancelled)
        throw Error(ErrorKind::cancelled, "the validation of " + quoted(path.text()) + " was cancelled");
    if (result.timed_out)
        throw Error(ErrorKind::timeout, "the validation of " + quoted(path.text()) + " did not end in time");
    if (!result.succeeded())
        throw Error(ErrorKind::failed, "the new " + quoted(path.text()) + " did not pass its validation (exit code " +
                                           std::to_string(result.exit_code) + "); the old one was left as it was");
}

// Makes the folders that a plan begins with, and records each at once: what comes after may fail. Gives the changes
// that are still to be made.
std::vector<Change> LinuxHost::make_folders(const Folders& folders, const std::vector<Change>& changes) {
    for (std::size_t i = 0; i < folders.size(); ++i) {
        files_.make_folder(folders[i]);
        recorder_.add(changes[i]);
    }
    return {changes.begin() + static_cast<std::ptrdiff_t>(folders.size()), changes.end()};
}

void LinuxHost::put_file(const FilePlan& plan, const std::vector<std::string>& validation) {
    if (plan.changes.empty()) return;
    recorder_.before_change();
    auto changes = make_folders(plan.folders, plan.changes);
    if (plan.replaces) {
        FileSystem::Validate check;
        if (!validation.empty())
            check = [&](const std::string& candidate) { validate(plan.path, validation, candidate); };
        files_.put_file(plan, check);
    } else {
        files_.set_attributes(plan.path, plan.info);
    }
    file_changed(plan.path);
    recorder_.add(std::move(changes));
}

void LinuxHost::write_file(const Path& path, const FileWish& wish) {
    FileWish shown = wish;
    shown.show_diff = wish.show_diff && !recorder_.part().sensitive;
    put_file(plan_write(*this, path, shown), wish.validate);
}

void LinuxHost::edit_file(const Path& path, const std::string& content) {
    put_file(plan_edit(*this, path, content, !recorder_.part().sensitive), {});
}

void LinuxHost::make_directory(const Path& path, const Attributes& attributes, bool make_dirs) {
    const AttributesPlan plan = plan_directory(*this, path, attributes, make_dirs);
    if (plan.changes.empty()) return;
    recorder_.before_change();
    auto changes = make_folders(plan.folders, plan.changes);
    if (plan.makes_directory)
        files_.make_directory(plan.path, plan.info);
    else
        files_.set_attributes(plan.path, plan.info);
    recorder_.add(std::move(changes));
}

void LinuxHost::set_attributes(const Path& path, const Attributes& attributes) {
    const AttributesPlan plan = plan_attributes(*this, path, attributes);
    if (plan.changes.empty()) return;
    recorder_.before_change();
    files_.set_attributes(plan.path, plan.info);
    recorder_.add(plan.changes);
}

void LinuxHost::link(const Path& path, const LinkWish& wish) {
    const LinkPlan plan = plan_link(*this, path, wish);
    if (plan.changes.empty()) return;
    recorder_.before_change();
    auto changes = make_folders(plan.folders, plan.changes);
    files_.put_link(plan);
    file_changed(plan.path);
    recorder_.add(std::move(changes));
}

void LinuxHost::remove(const Path& path, bool recurse) {
    const RemovalPlan plan = plan_removal(*this, path, recurse);
    if (plan.changes.empty()) return;
    recorder_.before_change();
    files_.remove(plan);
    file_changed(plan.path);
    recorder_.add(plan.changes);
}

CommandResult LinuxHost::run(const Command& command, const std::optional<Path>&) {
    recorder_.before_change();
    const CommandResult result = commands_.run(command, Commands::Show::output, runs_as_unit() ? "cmd" : "");
    Change change;
    change.resource = "command";
    change.aspect = "run";
    change.event = true;
    recorder_.add(std::move(change));
    // It may have done anything.
    forget_all();
    return result;
}

// What it said beforehand is recorded whatever comes of it: one that fails in the middle may have done it all. A second
// look tells whether it did.
void LinuxHost::run_program(const ProgramCall& call) {
    std::vector<Change> changes = changes_of(call, ask(call), recorder_.part().sensitive);
    if (changes.empty()) return;
    recorder_.before_change();
    recorder_.add(std::move(changes));
    try {
        apply_program(commands_, call, runs_as_unit() ? "function" : "");
    } catch (...) {
        forget_all();
        throw;
    }
    forget_all();
}

}  // namespace prove
