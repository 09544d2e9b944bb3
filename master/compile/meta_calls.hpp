// The arguments of the meta functions that shape a graph, checked: meta.group, meta.block, meta.include, meta.run.
#pragma once

#include <string>
#include <vector>

#include "master/compile/draft.hpp"
#include "proto/error.hpp"

namespace prove {

// A part that calls a meta function. `where` is the id of its state.
struct MetaPart {
    const std::string& function;
    Value& arguments;
    const SourcePosition& position;
    const std::string& where;
    Diagnostics& diagnostics;

    void wrong(const SourcePosition& at, const std::string& text) const { diagnostics.error(at, where, text); }
    // Errors for arguments that are not in the list.
    void check_names(const std::vector<std::string>& known) const;
};

DraftCall read_include(const MetaPart& part);
// Takes `with` out of the arguments, which have been checked.
DraftCall read_run(const MetaPart& part);
// The states of one argument of meta.block, by their ids; null where there are none. An error where it is no mapping.
Mapping* block_states(const MetaPart& part, const char* argument);

// The names of the meta functions that stand for no part of a run.
const std::vector<std::string>& shaping_functions();

}  // namespace prove
