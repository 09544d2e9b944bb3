// Reading passwd, group and shadow. See the header.
#include "common/process/accounts.hpp"

#include <algorithm>
#include <charconv>

#include "common/files/files.hpp"
#include "common/process/run.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

std::optional<std::uint32_t> number_from(const std::string& text) {
    std::uint32_t number = 0;
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    return parsed.ec == std::errc() && parsed.ptr == end && !text.empty() ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<UserInfo> user_from_line(std::string_view line) {
    const auto fields = split(line, ':');
    if (fields.size() != 7 || fields[0].empty() || fields[0][0] == '+' || fields[0][0] == '-') return std::nullopt;
    const auto uid = number_from(fields[2]);
    const auto gid = number_from(fields[3]);
    if (!uid || !gid) return std::nullopt;
    return UserInfo{fields[0], *uid, *gid, fields[4], fields[5], fields[6]};
}

std::optional<GroupInfo> group_from_line(std::string_view line) {
    const auto fields = split(line, ':');
    if (fields.size() != 4 || fields[0].empty() || fields[0][0] == '+' || fields[0][0] == '-') return std::nullopt;
    const auto gid = number_from(fields[2]);
    if (!gid) return std::nullopt;
    GroupInfo group{fields[0], *gid, {}};
    if (!fields[3].empty()) group.members = split(fields[3], ',');
    return group;
}

std::optional<std::string> shadow_hash(std::string_view shadow, const std::string& user) {
    for (const std::string& line : split_lines(shadow)) {
        const auto fields = split(line, ':');
        if (fields.size() >= 2 && fields[0] == user) return fields[1];
    }
    return std::nullopt;
}

AccountFiles AccountFiles::parse(std::string_view passwd, std::string_view group) {
    AccountFiles files;
    for (const std::string& line : split_lines(passwd)) {
        auto user = user_from_line(line);
        if (user && files.user_names_.emplace(user->name, files.users_.size()).second)
            files.users_.push_back(std::move(*user));
    }
    for (const std::string& line : split_lines(group)) {
        auto known = group_from_line(line);
        if (known && files.group_names_.emplace(known->name, files.groups_.size()).second)
            files.groups_.push_back(std::move(*known));
    }
    return files;
}

AccountFiles AccountFiles::read(const std::string& etc) {
    return parse(find_whole_file(etc + "/passwd").value_or(""), find_whole_file(etc + "/group").value_or(""));
}

const UserInfo* AccountFiles::user(const std::string& name) const {
    const auto found = user_names_.find(name);
    return found == user_names_.end() ? nullptr : &users_[found->second];
}

const UserInfo* AccountFiles::user(std::uint32_t uid) const {
    const auto found =
        std::find_if(users_.begin(), users_.end(), [uid](const UserInfo& user) { return user.uid == uid; });
    return found == users_.end() ? nullptr : &*found;
}

const GroupInfo* AccountFiles::group(const std::string& name) const {
    const auto found = group_names_.find(name);
    return found == group_names_.end() ? nullptr : &groups_[found->second];
}

const GroupInfo* AccountFiles::group(std::uint32_t gid) const {
    const auto found =
        std::find_if(groups_.begin(), groups_.end(), [gid](const GroupInfo& group) { return group.gid == gid; });
    return found == groups_.end() ? nullptr : &*found;
}

std::vector<std::string> AccountFiles::groups_of(const std::string& user) const {
    std::vector<std::string> names;
    for (const GroupInfo& group : groups_)
        if (std::find(group.members.begin(), group.members.end(), user) != group.members.end())
            names.push_back(group.name);
    std::sort(names.begin(), names.end());
    return names;
}

bool has_remote_accounts() {
    for (const std::string& line : split_lines(find_whole_file("/etc/nsswitch.conf").value_or(""))) {
        const auto words = split_words(line.substr(0, line.find('#')));
        if (words.empty() || (words[0] != "passwd:" && words[0] != "group:")) continue;
        for (std::size_t i = 1; i < words.size(); ++i)
            if (words[i][0] != '[' && words[i] != "files" && words[i] != "compat" && words[i] != "systemd") return true;
    }
    return false;
}

std::optional<std::string> ask_getent(const std::string& database, const std::string& key) {
    if (key.empty() || key.front() == '-') return std::nullopt;
    Command command;
    command.argv = {"getent", database, key};
    command.timeout = std::chrono::seconds(30);
    try {
        const CommandResult result = run_command(command);
        if (result.succeeded()) return std::string(trim_end(result.out));
    } catch (const Error&) {
        // No getent on this machine: then what its files say is all there is.
    }
    return std::nullopt;
}

}  // namespace prove
