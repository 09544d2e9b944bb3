// Which state files make a target's run, in which order: its own as resolved, each after those that it includes; and
// the files that their states call, by meta.include and by meta.run with parameters, each once for every call.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "master/compile/state_files.hpp"

namespace prove {

struct GatheredFiles {
    std::vector<CompiledFile> files;
    std::vector<std::size_t> order;  // of those that no state calls
    bool complete = true;            // false where a file could not be read: what its states are called is not known
};

GatheredFiles gather_files(const Catalog& catalog, const ResolvedTarget& target, StateFileReader& reader,
                           Diagnostics& diagnostics);

}  // namespace prove
