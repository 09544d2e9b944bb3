// Accounts and environment of a program that is started: looked up before any fork, since NSS may do anything.
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>

#include "common/process/start.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

struct Account {
    uid_t uid = 0;
    gid_t gid = 0;
    std::string name, home;
};

std::optional<unsigned> digits(const std::string& text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// getpw*_r and getgr*_r with a buffer that grows until the entry fits.
template <class Entry, class Ask>
bool ask_growing(Entry& entry, std::vector<char>& buffer, Ask ask) {
    for (buffer.resize(1'024);; buffer.resize(buffer.size() * 2)) {
        Entry* found = nullptr;
        const int error_number = ask(&entry, buffer.data(), buffer.size(), &found);
        if (error_number != ERANGE || buffer.size() > (1u << 20)) return found != nullptr;
    }
}

std::optional<Account> account_by_uid(uid_t uid) {
    passwd entry{};
    std::vector<char> buffer;
    if (!ask_growing(entry, buffer, [&](auto... rest) { return ::getpwuid_r(uid, rest...); })) return std::nullopt;
    return Account{entry.pw_uid, entry.pw_gid, entry.pw_name, entry.pw_dir};
}

Account account_of(const std::string& user) {
    passwd entry{};
    std::vector<char> buffer;
    if (ask_growing(entry, buffer, [&](auto... rest) { return ::getpwnam_r(user.c_str(), rest...); }))
        return Account{entry.pw_uid, entry.pw_gid, entry.pw_name, entry.pw_dir};
    const auto uid = digits(user);
    if (!uid) throw Error(ErrorKind::missing, "there is no user " + quoted(user));
    return account_by_uid(*uid).value_or(Account{*uid, *uid, "", "/"});
}

gid_t group_of(const std::string& group) {
    ::group entry{};
    std::vector<char> buffer;
    if (ask_growing(entry, buffer, [&](auto... rest) { return ::getgrnam_r(group.c_str(), rest...); }))
        return entry.gr_gid;
    const auto gid = digits(group);
    if (!gid) throw Error(ErrorKind::missing, "there is no group " + quoted(group));
    return *gid;
}

std::vector<gid_t> groups_of(const Account& account) {
    if (account.name.empty()) return {account.gid};
    std::vector<gid_t> groups(64);
    int count = static_cast<int>(groups.size());
    while (::getgrouplist(account.name.c_str(), account.gid, groups.data(), &count) < 0)
        groups.resize(static_cast<std::size_t>(count));
    groups.resize(static_cast<std::size_t>(count));
    return groups;
}

}  // namespace

Credentials credentials_of(const std::string& user, const std::string& group) {
    Credentials result;
    result.change = !user.empty() || !group.empty();
    const Account account = user.empty()
                                ? account_by_uid(::geteuid()).value_or(Account{::geteuid(), ::getegid(), "", "/"})
                                : account_of(user);
    result.uid = account.uid;
    result.gid = group.empty() ? account.gid : group_of(group);
    result.home = account.home.empty() ? "/" : account.home;
    if (result.change) result.groups = groups_of(account);
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
