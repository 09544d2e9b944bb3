// Questions that a StateRun answers about itself.
#include "proto/state_run.hpp"

#include "proto/wire.hpp"

namespace prove {

const char* name_of(Condition::Kind kind) {
    switch (kind) {
        case Condition::Kind::command:
            return "command";
        case Condition::Kind::exists:
            return "exists";
        case Condition::Kind::missing:
            return "missing";
        case Condition::Kind::fact:
            return "fact";
        case Condition::Kind::changed:
            return "changed";
        case Condition::Kind::equals:
            return "equals";
    }
    return "command";
}

Condition::Kind condition_kind(const std::string& name) {
    using Kind = Condition::Kind;
    return enum_named(name, {Kind::command, Kind::exists, Kind::missing, Kind::fact, Kind::changed, Kind::equals},
                      "condition");
}

std::vector<RootNode> StateRun::root_nodes() const {
    std::vector<bool> waits(nodes.size());
    for (NodeIndex i = nodes.size(); i-- > 0;) {  // the end of a block stands after what is in it
        waits[i] = waits[i] || nodes[i].lazy;
        if (!nodes[i].block) continue;
        for (const NodeIndex node : nodes[i].rescue) waits[node] = true;
        for (const auto* contents : {&nodes[i].members, &nodes[i].always})
            for (const NodeIndex node : *contents) waits[node] = waits[node] || waits[i];
    }
    std::vector<RootNode> roots;
    for (NodeIndex i = 0; i < nodes.size(); ++i)
        if (!waits[i]) roots.push_back(RootNode{i});
    return roots;
}

std::optional<NodeIndex> StateRun::find(const StateId& id) const {
    for (NodeIndex i = 0; i < nodes.size(); ++i)
        if (nodes[i].id == id) return i;
    return std::nullopt;
}

}  // namespace prove
