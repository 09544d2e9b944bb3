// From names in a state file to nodes of the run: ids, globs, file:NAME; and what to say about a name that is not
// there. A file that came by meta.include finds its own ids first, then those of the files around it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "master/compile/graph.hpp"

namespace prove {

class References {
  public:
    References(const Catalog& catalog, const Graph& graph, bool complete, Diagnostics& diagnostics);

    // The nodes that a name of state `from` means under `key`; an error where there is none. A glob does not mean the
    // state that it stands in. Valid until the next call.
    const std::vector<NodeIndex>& resolve(const Reference& reference, NodeIndex from, const char* key);
    // The one state of this id; an error where there is none.
    std::optional<NodeIndex> resolve_id(const Reference& reference, NodeIndex from, const char* key);

  private:
    bool match(const std::string& scope, const std::string& glob, NodeIndex from);
    void resolve_file(const Reference& reference, NodeIndex from, const char* key);
    void unknown(const Reference& reference, NodeIndex from, const char* key);
    std::string elsewhere(const std::string& id) const;

    const Catalog& catalog_;
    const Graph& graph_;
    const bool complete_;
    Diagnostics& diagnostics_;
    std::vector<NodeIndex> found_;
    std::set<std::string> told_;
};

}  // namespace prove
