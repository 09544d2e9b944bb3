// `!out state.name`: a value that another state of the same run gives, known only while it runs. In a StateRun it is
// {"$out": "state.name"}, wherever a value may stand in the arguments of a part and in a condition.
#pragma once

#include <functional>
#include <string>

#include "proto/ids.hpp"
#include "proto/value.hpp"

namespace prove {

struct OutputRef {
    StateId state;
    std::string name;
    bool operator==(const OutputRef&) const = default;
    // "!out state.name": for messages.
    std::string text() const { return "!out " + state.text() + "." + name; }
};

// A mapping with "$out" in it, well-formed or not.
bool is_output(const Value& value);
// The state's id may have dots in it; the output's name has none. Throws Error(invalid) with the value's place.
OutputRef output_ref(const Value& value);
// Calls `visit` with every reference in `value`, itself included, at any depth.
void for_each_output(const Value& value, const std::function<void(const Value& reference)>& visit);
bool holds_output(const Value& value);

}  // namespace prove
