// Accounts of people, or those that were named, and the groups that they need. Never a password.
#include <map>
#include <set>

#include "agent/actions/survey.hpp"
#include "common/process/accounts.hpp"
#include "common/text/glob.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

// Debian policy 9.2.2: accounts that are given out to people.
constexpr std::uint32_t first_of_people = 1'000, last_of_people = 59'999;

bool of_people(std::uint32_t id) {
    return id >= first_of_people && id <= last_of_people;
}

bool wanted(const Survey& survey, const UserInfo& user) {
    if (survey.usual()) return of_people(user.uid);
    for (const std::string& glob : survey.users)
        if (glob_matches(glob, user.name)) return true;
    return false;
}

}  // namespace

Accounts survey_accounts(const HostReader& host, const Survey& survey) {
    Accounts accounts;
    const Path passwd("/etc/passwd");
    if ((!survey.usual() && survey.users.empty()) || !host.stat(passwd)) return accounts;
    std::map<std::string, Value> users, groups;
    const auto need_group = [&groups](const GroupInfo& group) {
        Value value = Value::object();
        value.set("name", group.name);
        value.set("gid", std::int64_t{group.gid});
        if (!of_people(group.gid)) value.set("system", true);
        groups.insert_or_assign(group.name, std::move(value));
    };
    for (const std::string& line : split_lines(host.read_file(passwd))) {
        const auto user = user_from_line(line);
        if (!user || users.contains(user->name) || !wanted(survey, *user)) continue;
        const auto primary = host.group(user->gid);
        if (!primary) {
            accounts.users.notes.push_back("user " + quoted(user->name) + ": its group " + std::to_string(user->gid) +
                                           " has no name; left out");
            continue;
        }
        need_group(*primary);
        Value value = Value::object();
        value.set("name", user->name);
        value.set("uid", std::int64_t{user->uid});
        value.set("group", primary->name);
        Value others = Value::array();
        for (const std::string& name : host.groups_of(user->name)) {
            others.push(name);
            const auto group = host.group(name);
            // A group of a package's (sudo, docker) comes with that package.
            if (group && of_people(group->gid)) need_group(*group);
        }
        if (!others.list().empty()) value.set("groups", std::move(others));
        value.set("home", user->home);
        value.set("shell", user->shell);
        if (!user->comment.empty()) value.set("comment", user->comment);
        if (!of_people(user->uid)) value.set("system", true);
        users.emplace(user->name, std::move(value));
    }
    for (auto& [name, value] : groups) accounts.groups.list.push(std::move(value));
    for (auto& [name, value] : users) accounts.users.list.push(std::move(value));
    return accounts;
}

}  // namespace prove
