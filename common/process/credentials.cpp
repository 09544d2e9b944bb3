// Accounts and environment of a program that is started: looked up before any fork, since that may take anything.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "common/process/accounts.hpp"
#include "common/process/start.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

std::optional<unsigned> digits(const std::string& text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// The accounts of this machine, as they are now.
class Accounts {
  public:
    Accounts() : files_(AccountFiles::read("/etc")), has_remote_(has_remote_accounts()) {}

    // Ourselves. Not asked elsewhere: whoever asks runs a program, which wants to know the same.
    UserInfo us() const {
        if (const UserInfo* const local = files_.user(::geteuid())) return *local;
        const char* const home = std::getenv("HOME");
        return {"", ::geteuid(), ::getegid(), "", home == nullptr ? "" : home, ""};
    }

    // Digits are a number where nobody has them as a name.
    UserInfo user(const std::string& name) const {
        if (const auto found = find_user(name)) return *found;
        const auto uid = digits(name);
        if (!uid) throw Error(ErrorKind::missing, "there is no user " + quoted(name));
        if (const UserInfo* const local = files_.user(*uid)) return *local;
        return UserInfo{"", *uid, *uid, "", "/", ""};
    }

    gid_t group(const std::string& name) const {
        if (const GroupInfo* const local = files_.group(name)) return local->gid;
        const auto line = has_remote_ ? ask_getent("group", name) : std::nullopt;
        if (const auto remote = line ? group_from_line(*line) : std::nullopt) return remote->gid;
        const auto gid = digits(name);
        if (!gid) throw Error(ErrorKind::missing, "there is no group " + quoted(name));
        return *gid;
    }

    std::vector<gid_t> groups_of(const UserInfo& user) const {
        std::vector<gid_t> groups = {user.gid};
        if (user.name.empty()) return groups;
        const auto add = [&groups](gid_t gid) {
            if (std::find(groups.begin(), groups.end(), gid) == groups.end()) groups.push_back(gid);
        };
        for (const std::string& name : files_.groups_of(user.name)) add(files_.group(name)->gid);
        // "name 100 1001 1002"
        const auto line = has_remote_ ? ask_getent("initgroups", user.name) : std::nullopt;
        for (const std::string& word : split_words(line.value_or("")))
            if (const auto gid = digits(word)) add(*gid);
        return groups;
    }

  private:
    std::optional<UserInfo> find_user(const std::string& name) const {
        if (const UserInfo* const local = files_.user(name)) return *local;
        const auto line = has_remote_ ? ask_getent("passwd", name) : std::nullopt;
        return line ? user_from_line(*line) : std::nullopt;
    }

    AccountFiles files_;
    bool has_remote_;
};

}  // namespace

Credentials credentials_of(const std::string& user, const std::string& group) {
    Credentials result;
    result.change = !user.empty() || !group.empty();
    const Accounts accounts;
    const UserInfo account = user.empty() ? accounts.us() : accounts.user(user);
    result.uid = account.uid;
    result.gid = group.empty() ? account.gid : accounts.group(group);
    result.home = account.home.empty() ? "/" : account.home;
    if (result.change) result.groups = accounts.groups_of(account);
    // To become what we are already needs no right to change it.
    if (result.uid == ::geteuid() && result.gid == ::getegid() && ::geteuid() != 0) result.change = false;
    return result;
}

std::vector<std::string> child_environment(const Credentials& credentials,
                                           const std::map<std::string, std::string>& added) {
    std::map<std::string, std::string> all = {
        {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
        {"HOME", credentials.home},
        {"LANG", "C.UTF-8"},
    };
    for (const auto& [name, value] : added) {
        if (name.empty() || name.find('=') != std::string::npos)
            throw Error(ErrorKind::invalid, quoted(name) + " is not the name of an environment variable");
        all[name] = value;
    }
    std::vector<std::string> result;
    for (const auto& [name, value] : all) result.push_back(name + "=" + value);
    return result;
}

}  // namespace prove
