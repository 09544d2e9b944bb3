// Which states may run beside each other (`parallelism`): only such of different files, and no two that claim one
// resource. What a state may wake while it runs counts with it: what it notifies, and what that notifies, at any depth.
// So rows of states that run side by side never meet, and none waits for another in the middle of its work. Pure.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/engine/engine.hpp"
#include "agent/engine/live_run.hpp"

namespace prove {

class Overlap {
  public:
    struct Claims {
        std::set<std::string> names;  // "/etc/motd" (which is below "/etc"), "unit nginx", "packages" ...
        bool unknown = false;         // an output of another state will say: it runs alone
    };
    // Of one node.
    using ClaimsOf = std::function<Claims(const Node& node)>;
    Overlap(std::shared_ptr<const LiveRun> run, const std::vector<Debt>& owed, ClaimsOf claims_of);
    // The run has grown: all is known anew.
    void look_again();

    bool may_start(NodeIndex root);
    void start(NodeIndex root);
    void end(NodeIndex root);
    // Whether `node` may be woken by what `root` does.
    bool reaches(NodeIndex root, NodeIndex node) { return reach_of(root).nodes.count(node) != 0; }

  private:
    struct Reach {
        std::set<NodeIndex> nodes;
        std::set<std::string> files;
        std::set<std::string> names;
        std::set<std::string> above;  // folders that the names are below
        bool unknown = false;
    };
    const Reach& reach_of(NodeIndex root);
    std::vector<NodeIndex> wakes(NodeIndex node) const;
    static bool meet(const Reach& left, const Reach& right);

    std::shared_ptr<const LiveRun> live_;
    const LiveRun& run_;
    ClaimsOf claims_of_;
    std::vector<Debt> debts_;
    std::vector<Claims> claims_;
    std::vector<std::vector<NodeIndex>> groups_of_;
    std::multimap<NodeIndex, NodeIndex> owed_;
    std::map<NodeIndex, Reach> reaches_;  // made when first asked for
    std::set<NodeIndex> running_;
};

}  // namespace prove
