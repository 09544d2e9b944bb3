// The cases of a component, tests/*.yml: variables and facts in, the states that come of them or an error out. Reading
// them, and comparing what they expect with what was compiled.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "master/compile/compiler.hpp"

namespace prove {

struct ComponentCase {
    std::string name;  // a sentence
    SourcePosition position;
    Value variables = Value::object(), facts = Value::object(), probes = Value::object();
    std::vector<std::string> states, roles;
    std::optional<Value> expect;      // by id, what each state has, among other things; null: there is no such state
    std::vector<std::string> errors;  // each is part of an error of the compile
};

// Every case of every file of the folder's tests/, in their order. What is wrong goes to `diagnostics`.
std::vector<ComponentCase> read_cases(const std::string& folder, const std::string& component, Diagnostics& diagnostics);

// One thing that is not as the case expects it.
struct CaseDifference {
    std::string what;  // "vhost.parts[0].path"
    SourcePosition position;
    std::string expected, found;
};

// The states of a run as a state file would have them: by id, their keys, and their parts with contents as text. Of a
// state with probes the variant that `probes` choose.
Value states_of(const Compiled& compiled, const Value& probes);
std::vector<CaseDifference> differences(const Value& expected, const Value& found);
Value to_value(const CaseDifference& difference);

}  // namespace prove
