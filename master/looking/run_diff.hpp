// What differs between two compiled StateRuns of one target, state by state and argument by argument, in the words of
// the catalog: ids, keys, contents of files as a diff. What is sensitive is said to differ and never shown (S62).
#pragma once

#include <string>
#include <vector>

#include "agent/functions/registry.hpp"
#include "master/compile/compiler.hpp"

namespace prove {

struct RunDiff {
    struct Field {
        std::string name;     // "requires", "file.managed: mode", "part 2, cmd.run: cmd", "when cert: ..."
        std::string before;   // one line of YAML; empty where it was not there
        std::string after;
        std::string diff;     // in place of both: a unified diff of texts of several lines
        bool hidden = false;  // it differs, and is not to be shown
        bool operator==(const Field&) const = default;
    };
    enum class Kind { added, removed, changed, moved };
    struct State {
        Kind kind = Kind::changed;
        std::string id;
        std::string place;       // "states/site.yml:3:1"; of the newer one, where there is one
        std::string summary;     // what it does: "file.managed /etc/motd"
        std::vector<Field> fields;  // of `changed`
        std::string after_state;    // of `moved`: behind which state it is now; empty: it is the first
        bool operator==(const State&) const = default;
    };
    std::vector<Field> options;  // of the run
    std::vector<State> states;   // in the order of the newer run; removed ones where they were
    bool empty() const { return options.empty() && states.empty(); }
    bool operator==(const RunDiff&) const = default;
};
const char* name_of(RunDiff::Kind kind);

RunDiff diff_runs(const Compiled& before, const Compiled& after, const FunctionRegistry& functions);

std::string diff_text(const RunDiff& diff);
Value to_value(const RunDiff& diff);
RunDiff run_diff_from(const Value& value);  // throws Error(invalid)

}  // namespace prove
