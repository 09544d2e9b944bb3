// The predicted machine's accounts, packages, units, and what a command that only looks would say.
#include <algorithm>

#include "agent/host/names.hpp"
#include "agent/host/predictions.hpp"

namespace prove {

void Predictions::put_user(const UserPlan& plan) {
    const UserWish& wish = plan.wish;
    UserInfo info = plan.before;
    info.name = wish.name;
    if (plan.is_new) info.uid = new_id();
    if (wish.uid) info.uid = *wish.uid;
    if (wish.group) {
        if (const auto primary = group(*wish.group)) info.gid = primary->gid;
    } else if (plan.is_new) {
        // A new user's group has its name (Debian's USERGROUPS_ENAB).
        if (!group(wish.name)) put_group({{wish.name, std::nullopt, wish.system}, true, {}});
        info.gid = group(wish.name)->gid;
    }
    if (wish.comment) info.comment = *wish.comment;
    if (wish.home)
        info.home = *wish.home;
    else if (plan.is_new)
        info.home = "/home/" + wish.name;
    if (wish.shell) info.shell = *wish.shell;
    users_[wish.name] = info;
    memberships_[wish.name] = {plan.groups.begin(), plan.groups.end()};
    if (wish.password_hash) passwords_[wish.name] = *wish.password_hash;
}

void Predictions::put_group(const GroupPlan& plan) {
    GroupInfo info = group(plan.wish.name).value_or(GroupInfo{plan.wish.name, new_id(), {}});
    if (plan.wish.gid) info.gid = *plan.wish.gid;
    groups_[plan.wish.name] = info;
}

std::optional<UserInfo> Predictions::user(const std::string& name) const {
    const auto known = users_.find(name);
    return known != users_.end() ? std::optional(known->second) : under_.user(name);
}

std::optional<UserInfo> Predictions::user(std::uint32_t uid) const {
    for (const auto& [name, info] : users_)
        if (info.uid == uid) return info;
    const auto real = under_.user(uid);
    // One whose number is predicted to change has this number no more.
    return real && users_.count(real->name) == 0 ? real : std::nullopt;
}

std::optional<GroupInfo> Predictions::group(const std::string& name) const {
    const auto known = groups_.find(name);
    return known != groups_.end() ? std::optional(known->second) : under_.group(name);
}

std::optional<GroupInfo> Predictions::group(std::uint32_t gid) const {
    for (const auto& [name, info] : groups_)
        if (info.gid == gid) return info;
    const auto real = under_.group(gid);
    return real && groups_.count(real->name) == 0 ? real : std::nullopt;
}

std::vector<std::string> Predictions::groups_of(const std::string& user) const {
    const auto known = memberships_.find(user);
    if (known == memberships_.end()) return under_.groups_of(user);
    return {known->second.begin(), known->second.end()};
}

std::optional<std::string> Predictions::password_hash(const std::string& user) const {
    const auto known = passwords_.find(user);
    if (known != passwords_.end()) return known->second;
    return users_.count(user) != 0 && !under_.user(user) ? std::nullopt : under_.password_hash(user);
}

PackageInfo Predictions::package(const std::string& name) const {
    const auto known = packages_.find(name);
    return known != packages_.end() ? known->second : under_.package(name);
}

UnitInfo Predictions::unit(const std::string& name) const {
    const std::string full = unit_name(name);
    const auto known = units_.find(full);
    if (known != units_.end()) return known->second;
    UnitInfo info = under_.unit(full);
    if (info.exists || files_.empty()) return info;
    // A unit file that this run would write: the unit will be there, not started and not enabled.
    const auto at = full.find('@');
    const std::string pattern = at == std::string::npos ? full : full.substr(0, at + 1) + full.substr(full.rfind('.'));
    for (const char* folder : {"/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"})
        if (files_.count(Path(folder) / pattern) != 0 && stat(Path(folder) / pattern))
            return {true, "inactive", "disabled", false};
    return info;
}

std::vector<std::string> Predictions::ask(const ProgramCall& call) const {
    return under_.ask(call);
}

CommandResult Predictions::look(const Command& command) const {
    return under_.look(command);
}

}  // namespace prove
