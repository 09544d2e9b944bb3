// A generated site: targets in 20 roles with 100 states each. Half of a role's states are written as they are, half in
// a templated file that reads variables and facts of the target; some of those have templates for contents.
#pragma once

#include <string>

#include "master/compile/compiler.hpp"

namespace prove::bench {

constexpr int roles = 20;

void write_site(const std::string& folder, int targets);
// One line of one role's templated file says something else.
void change_one_role(const std::string& folder, int change);

// Facts as a host of such a site has them; different ones for each.
struct SiteFacts final : TargetDirectory {
    Value facts_of(const TargetId& target) const override;
    std::string status_of(const TargetId&) const override { return "connected"; }
};

}  // namespace prove::bench
