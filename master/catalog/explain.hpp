// Where a variable's value comes from: every layer that set a key, which of them won, and where each is written. Beside
// merge_variables(), whose outcome it explains: for any layers, what wins here is what templates see. Pure.
#pragma once

#include <string>
#include <vector>

#include "proto/value.hpp"

namespace prove {

struct NamedLayer {
    std::string rule;  // "group web", "target web1", "defaults of component webserver"
    Value variables;   // a mapping
};

struct VariableSetting {
    enum class Effect {
        wins,      // this is the value
        adds,      // what a `key+` appended, or what it was appended to
        replaced,  // a higher layer set it anew, or replaced the mapping that it stood in
    };
    Effect effect = Effect::wins;
    std::string rule;
    Value value;
    SourcePosition position;  // of the key
};
const char* name_of(VariableSetting::Effect effect);

struct ExplainedVariable {
    std::vector<std::string> path;          // the keys that lead to it, outermost first
    std::vector<VariableSetting> settings;  // highest layer first; none wins where a replaced mapping took it away
};

// Every variable that is not a mapping with something in it, in the order in which they were first set. `layers`: lowest
// first, such as merge without an error.
std::vector<ExplainedVariable> explain_variables(const std::vector<NamedLayer>& layers);

Value to_value(const ExplainedVariable& variable);

}  // namespace prove
