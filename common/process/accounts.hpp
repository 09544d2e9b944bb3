// Accounts without the C library's name services, which a static program cannot use: the local ones from their files,
// with no fork and nothing that might ask the network; and `getent` where the machine has accounts elsewhere too.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prove {

struct UserInfo {
    std::string name;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string comment, home, shell;
    bool operator==(const UserInfo&) const = default;
};
struct GroupInfo {
    std::string name;
    std::uint32_t gid = 0;
    std::vector<std::string> members;
    bool operator==(const GroupInfo&) const = default;
};

class AccountFiles {
  public:
    // Lines that are malformed are passed over, as the C library does.
    static AccountFiles parse(std::string_view passwd, std::string_view group);
    // Reads passwd and group of `etc`.
    static AccountFiles read(const std::string& etc);

    const UserInfo* user(const std::string& name) const;
    const UserInfo* user(std::uint32_t uid) const;  // the first of that number
    const GroupInfo* group(const std::string& name) const;
    const GroupInfo* group(std::uint32_t gid) const;
    std::vector<std::string> groups_of(const std::string& user) const;  // sorted

  private:
    std::vector<UserInfo> users_;
    std::vector<GroupInfo> groups_;
    std::map<std::string, std::size_t, std::less<>> user_names_, group_names_;
};

// One line of passwd or group, as `getent` prints it, too.
std::optional<UserInfo> user_from_line(std::string_view line);
std::optional<GroupInfo> group_from_line(std::string_view line);
// The second field of a user's line in a shadow file.
std::optional<std::string> shadow_hash(std::string_view shadow, const std::string& user);

// Whether nsswitch.conf names a source of accounts beside the local files (and systemd's, which only has dynamic
// users).
bool has_remote_accounts();
// What `getent DATABASE KEY` prints; nothing where it knows none, or there is no getent.
std::optional<std::string> ask_getent(const std::string& database, const std::string& key);

}  // namespace prove
