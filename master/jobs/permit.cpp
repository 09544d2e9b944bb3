// The table of what can be asked, and who may.
#include "master/jobs/permit.hpp"

#include <algorithm>

namespace prove {

const char* name_of(Permission permission) {
    switch (permission) {
        case Permission::ping:
            return "ping";
        case Permission::facts:
            return "facts";
        case Permission::cmd:
            return "cmd";
        case Permission::states_plan:
            return "states.plan";
        case Permission::states_apply:
            return "states.apply";
        case Permission::jobs_read:
            return "jobs.read";
        case Permission::jobs_cancel:
            return "jobs.cancel";
        case Permission::targets_read:
            return "targets.read";
        case Permission::catalog_read:
            return "catalog.read";
        case Permission::catalog_write:
            return "catalog.write";
        case Permission::keys_read:
            return "keys.read";
        case Permission::keys_write:
            return "keys.write";
        case Permission::tokens_write:
            return "tokens.write";
        case Permission::audit_read:
            return "audit.read";
        case Permission::schedules_read:
            return "schedules.read";
        case Permission::schedules_write:
            return "schedules.write";
    }
    return "";
}

const std::vector<Permission>& all_permissions() {
    static const std::vector<Permission> all = {
        Permission::ping,         Permission::facts,         Permission::cmd,         Permission::states_plan,
        Permission::states_apply, Permission::jobs_read,     Permission::jobs_cancel, Permission::targets_read,
        Permission::catalog_read, Permission::catalog_write, Permission::keys_read,   Permission::keys_write,
        Permission::tokens_write, Permission::audit_read,    Permission::schedules_read, Permission::schedules_write};
    return all;
}

void Permit::expect(Permission permission) const {
    if (permission == permission_) return;
    throw Error(ErrorKind::internal,
                std::string("a permit for ") + name_of(permission_) + " was used for " + name_of(permission));
}

Permit Authorizer::authorize(const Caller& caller, Permission permission, const std::string& about) {
    const auto& uids = policy_.administrator_uids;
    const auto& groups = policy_.administrator_groups;
    const bool allowed = std::find(uids.begin(), uids.end(), caller.uid) != uids.end() ||
                         std::any_of(caller.groups.begin(), caller.groups.end(), [&](const std::string& group) {
                             return std::find(groups.begin(), groups.end(), group) != groups.end();
                         });
    if (allowed) return Permit(permission, caller.user, caller.from);
    AuditRow record;
    record.time_ms = clock_.wall_ms();
    record.who = caller.user;
    record.from = caller.from;
    record.command = name_of(permission);
    record.decision = "denied";
    record.detail = about;
    store_.write({record}, [](const Error*) {});
    std::string wanted;
    for (const auto& group : groups) wanted += (wanted.empty() ? "" : " or ") + group;
    throw Error(ErrorKind::refused, caller.user + " may not do " + name_of(permission) + " on this master" +
                                        (wanted.empty() ? "" : "; members of the group " + wanted + " may"));
}

Permit Authorizer::authorize_own_run(const TargetId& agent, Permission permission) {
    if (permission != Permission::states_plan && permission != Permission::states_apply)
        throw Error(ErrorKind::refused, "an agent may ask for runs of its own states only");
    return Permit(permission, "agent " + agent.text(), "its own connection");
}

Permit Authorizer::authorize_scheduled(const std::string& schedule, Permission permission, std::string from) {
    if (permission != Permission::states_plan && permission != Permission::states_apply && permission != Permission::cmd)
        throw Error(ErrorKind::refused, "a schedule may plan or apply states, or run a command, and nothing else");
    return Permit(permission, "schedule " + schedule, std::move(from));
}

}  // namespace prove
