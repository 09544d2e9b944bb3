// A StateRun made ready to run: each part with its function and its checked arguments, before anything is done.
#pragma once

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

// By node and variant. Throws Error(invalid) where a function is not one of this build, or does not take its arguments.
// Borrows the run and the registry.
std::vector<std::vector<PreparedVariant>> prepare(const StateRun& run, const FunctionRegistry& functions,
                                                  ContentSource& content);

}  // namespace prove
