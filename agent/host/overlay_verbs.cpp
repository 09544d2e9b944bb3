// The verbs of an overlay: make the plan that LinuxHost would make, predict its result, record its changes.
#include "agent/host/overlay_host.hpp"
#include "agent/host/plan_files.hpp"
#include "agent/host/plan_system.hpp"
#include "agent/host/programs.hpp"
#include "common/text/text.hpp"

namespace prove {

void OverlayHost::record(Change change) {
    if (!changed_) first_change_ = recorder_.part().state;
    changed_ = true;
    recorder_.add(std::move(change));
}

void OverlayHost::record(std::vector<Change> changes) {
    for (Change& change : changes) record(std::move(change));
}

void OverlayHost::put_folders(const std::vector<Path>& folders) {
    for (const Path& folder : folders) {
        FileInfo info;
        info.type = FileInfo::Type::directory;
        info.mode = 0755;
        own(info);
        predicted_.put_directory(folder, info);
    }
}

void OverlayHost::put_file(const FilePlan& plan) {
    if (plan.changes.empty()) return;
    put_folders(plan.folders);
    if (plan.replaces)
        predicted_.put_file(plan.path, plan.info, plan.content, plan.bytes);
    else
        predicted_.put_attributes(plan.path, plan.info);
    record(plan.changes);
}

void OverlayHost::write_file(const Path& path, const FileWish& wish) {
    FileWish shown = wish;
    shown.show_diff = wish.show_diff && !recorder_.part().sensitive;
    put_file(plan_write(predicted_, path, shown));
}

void OverlayHost::edit_file(const Path& path, const std::string& content) {
    put_file(plan_edit(predicted_, path, content, !recorder_.part().sensitive));
}

void OverlayHost::make_directory(const Path& path, const Attributes& attributes, bool make_dirs) {
    const AttributesPlan plan = plan_directory(predicted_, path, attributes, make_dirs);
    if (plan.changes.empty()) return;
    put_folders(plan.folders);
    if (plan.makes_directory)
        predicted_.put_directory(plan.path, plan.info);
    else
        predicted_.put_attributes(plan.path, plan.info);
    record(plan.changes);
}

void OverlayHost::set_attributes(const Path& path, const Attributes& attributes) {
    const AttributesPlan plan = plan_attributes(predicted_, path, attributes);
    if (plan.changes.empty()) return;
    predicted_.put_attributes(plan.path, plan.info);
    record(plan.changes);
}

void OverlayHost::link(const Path& path, const LinkWish& wish) {
    const LinkPlan plan = plan_link(predicted_, path, wish);
    if (plan.changes.empty()) return;
    put_folders(plan.folders);
    predicted_.put_link(plan.path, plan.target);
    record(plan.changes);
}

void OverlayHost::remove(const Path& path, bool recurse) {
    const RemovalPlan plan = plan_removal(predicted_, path, recurse);
    if (plan.changes.empty()) return;
    predicted_.put_absent(plan.path);
    record(plan.changes);
}

CommandResult OverlayHost::run(const Command&, const std::optional<Path>& creates) {
    const std::string& state = recorder_.part().state;
    const std::string reason = state.empty() ? "a command" : "the command of state " + quoted(state);
    if (creates) predicted_.put_unknown(*creates, reason);
    add_unpredictable(reason);
    Change change;
    change.resource = "command";
    change.aspect = "run";
    change.event = true;
    record(std::move(change));
    return {};
}

void OverlayHost::run_program(const ProgramCall& call) {
    std::vector<Change> changes = changes_of(call, ask(call), recorder_.part().sensitive);
    if (changes.empty()) return;
    const std::string& state = recorder_.part().state;
    add_unpredictable(state.empty() ? "what " + call.name + " does" : "what state " + quoted(state) + " does");
    record(std::move(changes));
}

// There is no transaction to prepare: each part predicts its own.
void OverlayHost::prepare_install(const std::vector<PackageWish>&) {}
void OverlayHost::prepare_removal(const std::vector<std::string>&, bool) {}

void OverlayHost::install(const std::vector<PackageWish>& wishes) {
    check_wishes(wishes);
    for (const PackageWish& wish : wishes) {
        const PackageInfo now = predicted_.package(wish.name);
        if (is_satisfied(now, wish)) continue;
        PackageInfo after;
        after.state = PackageInfo::State::installed;
        after.version = wish.version;
        predicted_.put_package(wish.name, after);
        add_unpredictable("package " + wish.name + ", not installed yet");
        record(package_change(wish.name, package_text(now), package_text(after)));
    }
}

void OverlayHost::remove_packages(const std::vector<std::string>& names, bool purge) {
    for (const std::string& name : names) {
        check_wishes({PackageWish{.name = name}});
        const PackageInfo now = predicted_.package(name);
        if (is_removed(now, purge)) continue;
        PackageInfo after;
        after.state = purge ? PackageInfo::State::absent : PackageInfo::State::config_files;
        predicted_.put_package(name, after);
        record(package_change(name, package_text(now), "absent"));
    }
}

void OverlayHost::start(const std::string& name) {
    const std::string full = checked_unit(name);
    UnitInfo info = unit(full);
    auto change = plan_start(full, info);
    if (!change) return;
    info.active_state = "active";
    predicted_.put_unit(full, info);
    record(std::move(*change));
}

void OverlayHost::stop(const std::string& name) {
    const std::string full = checked_unit(name);
    UnitInfo info = unit(full);
    auto change = plan_stop(full, info);
    if (!change) return;
    info.active_state = "inactive";
    predicted_.put_unit(full, info);
    record(std::move(*change));
}

void OverlayHost::enable(const std::string& name) {
    const std::string full = checked_unit(name);
    UnitInfo info = unit(full);
    auto change = plan_enable(full, info);
    if (!change) return;
    info.unit_file_state = "enabled";
    predicted_.put_unit(full, info);
    record(std::move(*change));
}

void OverlayHost::disable(const std::string& name) {
    const std::string full = checked_unit(name);
    UnitInfo info = unit(full);
    auto change = plan_disable(full, info);
    if (!change) return;
    info.unit_file_state = "disabled";
    predicted_.put_unit(full, info);
    record(std::move(*change));
}

// An event is predicted even of a unit that something unpredictable is still to bring or to start: that is what will be
// done, and whether it succeeds is not what a plan is asked.
void OverlayHost::reload(const std::string& name) {
    const std::string full = checked_unit(name);
    UnitInfo info = predicted_.unit(full);
    if (!unpredictable_.empty() && !info.active()) {
        info.exists = true;
        info.active_state = "active";
    }
    record(plan_reload(full, info));
}

void OverlayHost::restart(const std::string& name) {
    const std::string full = checked_unit(name);
    UnitInfo info = predicted_.unit(full);
    if (!unpredictable_.empty()) info.exists = true;
    Change change = plan_restart(full, info);
    if (predicted_.unit(full).exists) {
        info.active_state = "active";
        predicted_.put_unit(full, info);
    }
    record(std::move(change));
}

void OverlayHost::set_user(const UserWish& wish) {
    const UserPlan plan = plan_user(predicted_, wish);
    if (plan.changes.empty()) return;
    predicted_.put_user(plan);
    record(plan.changes);
}

void OverlayHost::set_group(const GroupWish& wish) {
    const GroupPlan plan = plan_group(predicted_, wish);
    if (plan.changes.empty()) return;
    predicted_.put_group(plan);
    record(plan.changes);
}

}  // namespace prove
