// LinuxHost: looking at accounts, packages, units.
#include "agent/host/linux_host.hpp"
#include "agent/host/names.hpp"
#include "agent/host/programs.hpp"
#include "common/files/files.hpp"
#include "common/text/text.hpp"

namespace prove {

LinuxHost::LinuxHost(const Clock& clock) : commands_(clock, recorder_), apt_(commands_), systemd_(commands_) {}

std::string LinuxHost::read_file(const Path& path, std::size_t limit) const {
    return FileSystem::read_file(path, limit);
}

const AccountFiles& LinuxHost::accounts() const {
    if (!accounts_) accounts_ = AccountFiles::read("/etc");
    return *accounts_;
}

std::optional<std::string> LinuxHost::getent(const char* database, const std::string& key) const {
    if (!has_remote_accounts_) has_remote_accounts_ = has_remote_accounts();
    if (!*has_remote_accounts_) return std::nullopt;
    const std::string asked = std::string(database) + ":" + key;
    const auto known = remote_.find(asked);
    if (known != remote_.end()) return known->second;
    return remote_[asked] = ask_getent(database, key);
}

std::optional<UserInfo> LinuxHost::user(const std::string& name) const {
    if (const UserInfo* local = accounts().user(name)) return *local;
    const auto line = getent("passwd", name);
    return line ? user_from_line(*line) : std::nullopt;
}

std::optional<UserInfo> LinuxHost::user(std::uint32_t uid) const {
    if (const UserInfo* local = accounts().user(uid)) return *local;
    const auto line = getent("passwd", std::to_string(uid));
    return line ? user_from_line(*line) : std::nullopt;
}

std::optional<GroupInfo> LinuxHost::group(const std::string& name) const {
    if (const GroupInfo* local = accounts().group(name)) return *local;
    const auto line = getent("group", name);
    return line ? group_from_line(*line) : std::nullopt;
}

std::optional<GroupInfo> LinuxHost::group(std::uint32_t gid) const {
    if (const GroupInfo* local = accounts().group(gid)) return *local;
    const auto line = getent("group", std::to_string(gid));
    return line ? group_from_line(*line) : std::nullopt;
}

std::vector<std::string> LinuxHost::groups_of(const std::string& user) const {
    return accounts().groups_of(user);
}

std::optional<std::string> LinuxHost::password_hash(const std::string& user) const {
    return shadow_hash(read_whole_file("/etc/shadow"), user);
}

PackageInfo LinuxHost::package(const std::string& name) const {
    return apt_.status().package(name);
}

UnitInfo LinuxHost::unit(const std::string& name) const {
    return systemd_.unit(unit_name(name));
}

std::vector<std::string> LinuxHost::ask(const ProgramCall& call) const {
    return plan_program(commands_, call);
}

CommandResult LinuxHost::look(const Command& command) const {
    return commands_.run(command, Commands::Show::nothing);
}

}  // namespace prove
