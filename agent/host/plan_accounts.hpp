// What set_user and set_group have to do, found by looking only; see plan_files.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/host/host.hpp"

namespace prove {

struct UserPlan {
    UserWish wish;
    bool is_new = false;
    UserInfo before;                  // where it is not new
    std::vector<std::string> groups;  // supplementary ones as they will be, sorted
    bool sets_groups = false;
    bool sets_password = false;
    std::vector<Change> changes;  // empty: nothing to do
};
UserPlan plan_user(const HostReader& host, const UserWish& wish);

struct GroupPlan {
    GroupWish wish;
    bool is_new = false;
    std::vector<Change> changes;
};
GroupPlan plan_group(const HostReader& host, const GroupWish& wish);

}  // namespace prove
