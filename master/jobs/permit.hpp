// Who may do what (S4, S5). A handler takes a Permit, and only authorize() makes one. The first version knows
// administrators: uid 0, the uid that runs the master, and members of the groups that the settings name.
#pragma once

#include <string>
#include <vector>

#include "common/time/clock.hpp"
#include "master/store/store.hpp"

namespace prove {

// One line per thing that can be asked of a master: the dispatch table of S4.
enum class Permission {
    ping,
    facts,
    cmd,
    states_plan,
    states_apply,
    jobs_read,
    jobs_cancel,
    targets_read,
    catalog_read,
    catalog_write,
    keys_read,
    keys_write,
    tokens_write,
    audit_read,
    schedules_read,
    schedules_write,
};
const char* name_of(Permission permission);  // "states.apply"
const std::vector<Permission>& all_permissions();

struct Caller {
    unsigned uid = 0;
    std::string user;  // "alice", or the uid in digits where it has no name
    std::vector<std::string> groups;
    std::string from;  // "socket uid 1000"
};

struct Policy {
    std::vector<unsigned> administrator_uids = {0};
    std::vector<std::string> administrator_groups = {"prove"};
};

// Proof that `who` may do `permission`.
class Permit {
  public:
    Permission permission() const { return permission_; }
    const std::string& who() const { return who_; }
    const std::string& from() const { return from_; }
    // Throws Error(internal) where the permit is for something else: a handler calls it first.
    void expect(Permission permission) const;

  private:
    friend class Authorizer;
    Permit(Permission permission, std::string who, std::string from)
        : permission_(permission), who_(std::move(who)), from_(std::move(from)) {}
    Permission permission_;
    std::string who_, from_;
};

class Authorizer {
  public:
    Authorizer(Policy policy, Store& store, const Clock& clock)
        : policy_(std::move(policy)), store_(store), clock_(clock) {}
    // Throws Error(refused), and writes the denial to the audit log (S89). `about`: what it was about, for the log.
    Permit authorize(const Caller& caller, Permission permission, const std::string& about);
    // An accepted agent may ask for runs of its own states, and for nothing else.
    Permit authorize_own_run(const TargetId& agent, Permission permission);
    // A schedule of the catalog may have done what it says.
    Permit authorize_scheduled(const std::string& schedule, Permission permission, std::string from);

  private:
    Policy policy_;
    Store& store_;
    const Clock& clock_;
};

}  // namespace prove
