// LinuxHost: accounts. The distribution's own tools act; what differs was found without them.
#include "agent/host/linux_host.hpp"
#include "agent/host/plan_accounts.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

// The command line of useradd or usermod, with what differs only.
std::vector<std::string> user_command(const HostReader& host, const UserPlan& plan) {
    const UserWish& wish = plan.wish;
    std::vector<std::string> argv = {plan.is_new ? "useradd" : "usermod"};
    const auto add = [&argv](const char* option, const std::string& value) {
        argv.insert(argv.end(), {option, value});
    };
    const auto add_if_differs = [&](const char* option, const std::string& now,
                                    const std::optional<std::string>& wanted) {
        if (wanted && (plan.is_new || now != *wanted)) add(option, *wanted);
    };
    if (wish.uid && (plan.is_new || plan.before.uid != *wish.uid)) add("-u", std::to_string(*wish.uid));
    if (wish.group)
        add("-g", *wish.group);
    else if (plan.is_new && host.group(wish.name))
        add("-g", wish.name);  // else useradd refuses, as that group is there
    if (plan.sets_groups) add("-G", join(plan.groups, ","));
    add_if_differs("-d", plan.before.home, wish.home);
    add_if_differs("-s", plan.before.shell, wish.shell);
    add_if_differs("-c", plan.before.comment, wish.comment);
    if (plan.is_new) argv.emplace_back(wish.create_home ? "-m" : "-M");
    if (plan.is_new && wish.system) argv.emplace_back("-r");
    argv.insert(argv.end(), {"--", wish.name});
    return argv;
}

}  // namespace

void LinuxHost::set_user(const UserWish& wish) {
    const UserPlan plan = plan_user(*this, wish);
    if (plan.changes.empty()) return;
    recorder_.before_change();
    // The password is the last change of the plan, and is set last: by standard input, since arguments can be read by
    // everybody on the machine.
    std::vector<Change> changes = plan.changes;
    std::vector<Change> password;
    if (plan.sets_password) {
        password.push_back(std::move(changes.back()));
        changes.pop_back();
    }
    if (!changes.empty()) {
        const auto argv = user_command(*this, plan);
        accounts_.reset();
        commands_.act(argv, argv.front());
        recorder_.add(std::move(changes));
    }
    if (password.empty()) return;
    commands_.act({"chpasswd", "-e"}, "chpasswd", wish.name + ":" + *wish.password_hash + "\n");
    recorder_.add(std::move(password));
}

void LinuxHost::set_group(const GroupWish& wish) {
    const GroupPlan plan = plan_group(*this, wish);
    if (plan.changes.empty()) return;
    recorder_.before_change();
    std::vector<std::string> argv = {plan.is_new ? "groupadd" : "groupmod"};
    if (wish.gid) argv.insert(argv.end(), {"-g", std::to_string(*wish.gid)});
    if (plan.is_new && wish.system) argv.emplace_back("-r");
    argv.insert(argv.end(), {"--", wish.name});
    accounts_.reset();
    commands_.act(argv, argv.front());
    recorder_.add(plan.changes);
}

}  // namespace prove
