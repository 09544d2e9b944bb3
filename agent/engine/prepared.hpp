// A StateRun made ready to run: each part with its function and its checked arguments, before anything is done.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "agent/engine/engine.hpp"

namespace prove {

struct PreparedPart {
    const StatePart* part = nullptr;
    const Function* function = nullptr;
    // Absent where an output of another state is among them (`!out`): they are made when that is known.
    std::optional<Arguments> arguments;
};

struct PreparedVariant {
    const Variant* variant = nullptr;
    std::vector<PreparedPart> parts;
};

// The variants of one node. Throws Error(invalid) where a function is not one of this build, or does not take its
// arguments. Borrows the node and the registry. A late state has nothing to run yet.
std::vector<PreparedVariant> prepare(const Node& node, const FunctionRegistry& functions, ContentSource& content);

// By node; addresses stay when the run grows.
using PreparedRun = std::deque<std::vector<PreparedVariant>>;

}  // namespace prove
