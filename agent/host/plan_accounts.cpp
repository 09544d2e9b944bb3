// What the account verbs have to do. See the header.
#include "agent/host/plan_accounts.hpp"

#include <algorithm>
#include <set>

#include "agent/host/names.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

class UserPlanner {
  public:
    UserPlanner(const HostReader& host, const UserWish& wish) : host_(host) { plan_.wish = wish; }

    UserPlan make() {
        const UserWish& wish = plan_.wish;
        const auto now = host_.user(wish.name);
        plan_.is_new = !now;
        if (now)
            plan_.before = *now;
        else
            add("existence", "absent", "present");
        if (wish.uid) compare("uid", std::to_string(plan_.before.uid), std::to_string(*wish.uid));
        if (wish.group) compare_primary_group();
        if (wish.comment) compare("comment", plan_.before.comment, *wish.comment);
        if (wish.home) compare("home", plan_.before.home, *wish.home);
        if (wish.shell) compare("shell", plan_.before.shell, *wish.shell);
        compare_groups();
        if (wish.password_hash) compare_password();
        return std::move(plan_);
    }

  private:
    void add(const std::string& aspect, std::string before, std::string after) {
        Change change;
        change.resource = "user " + plan_.wish.name;
        change.aspect = aspect;
        change.before = std::move(before);
        change.after = std::move(after);
        plan_.changes.push_back(std::move(change));
    }

    void compare(const std::string& aspect, const std::string& before, const std::string& after) {
        if (plan_.is_new)
            add(aspect, "absent", after);
        else if (before != after)
            add(aspect, before, after);
    }

    GroupInfo existing_group(const std::string& name) {
        const auto known = host_.group(name);
        if (!known)
            throw Error(ErrorKind::missing,
                        "there is no group " + quoted(name) + " on this host; have group.present make it first");
        return *known;
    }

    void compare_primary_group() {
        const GroupInfo wanted = existing_group(*plan_.wish.group);
        const auto now = plan_.is_new ? std::nullopt : host_.group(plan_.before.gid);
        compare("group", now ? now->name : std::to_string(plan_.before.gid), wanted.name);
    }

    // The primary group is never one of the others, whoever lists it.
    std::string primary_group() {
        if (plan_.wish.group) return *plan_.wish.group;
        const auto now = plan_.is_new ? std::nullopt : host_.group(plan_.before.gid);
        return now ? now->name : plan_.wish.name;
    }

    void compare_groups() {
        const UserWish& wish = plan_.wish;
        const std::string primary = primary_group();
        std::set<std::string> now;
        if (!plan_.is_new)
            for (const std::string& group : host_.groups_of(wish.name)) now.insert(group);
        now.erase(primary);
        std::set<std::string> wanted = wish.exclusive_groups ? std::set<std::string>() : now;
        for (const std::string& group : wish.groups)
            if (group != primary) wanted.insert(existing_group(group).name);
        plan_.groups.assign(wanted.begin(), wanted.end());
        plan_.sets_groups = wanted != now;
        if (plan_.sets_groups)
            add("groups", plan_.is_new ? "absent" : join({now.begin(), now.end()}, ","), join(plan_.groups, ","));
    }

    // A '!' before the hash means that the account is locked, which is another matter than its password. Neither hash
    // is shown: reports are read by more people than /etc/shadow.
    void compare_password() {
        const std::string& wanted = *plan_.wish.password_hash;
        const auto now = plan_.is_new ? std::nullopt : host_.password_hash(plan_.wish.name);
        if (now && (*now == wanted || *now == "!" + wanted)) return;
        plan_.sets_password = true;
        const auto shown = [](const std::string& hash) { return "blake2b:" + hash_of(hash).hex(); };
        add("password", now ? shown(*now) : "absent", shown(wanted));
    }

    const HostReader& host_;
    UserPlan plan_;
};

void check_name(const std::string& name) {
    if (!is_account_name(name)) throw Error(ErrorKind::invalid, quoted(name) + " is not the name of an account");
}

}  // namespace

UserPlan plan_user(const HostReader& host, const UserWish& wish) {
    check_name(wish.name);
    return UserPlanner(host, wish).make();
}

GroupPlan plan_group(const HostReader& host, const GroupWish& wish) {
    check_name(wish.name);
    GroupPlan plan;
    plan.wish = wish;
    const auto now = host.group(wish.name);
    plan.is_new = !now;
    const auto add = [&plan](const char* aspect, std::string before, std::string after) {
        Change change;
        change.resource = "group " + plan.wish.name;
        change.aspect = aspect;
        change.before = std::move(before);
        change.after = std::move(after);
        plan.changes.push_back(std::move(change));
    };
    if (!now) add("existence", "absent", "present");
    if (wish.gid && (!now || now->gid != *wish.gid))
        add("gid", now ? std::to_string(now->gid) : "absent", std::to_string(*wish.gid));
    return plan;
}

}  // namespace prove
