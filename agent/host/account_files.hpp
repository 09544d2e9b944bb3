// The local accounts, read from their files once: no fork, no library that might ask the network.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/host/host.hpp"

namespace prove {

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

}  // namespace prove
