// Ids and parts of a compiled run, for tests that look at its graph.
#pragma once

#include <string>
#include <vector>

#include "tests/unit/master/compile/compiling.hpp"

namespace prove::test {

using Ids = std::vector<std::string>;

inline Ids ids(const Compiled& compiled, const std::vector<NodeIndex>& nodes) {
    Ids result;
    for (const NodeIndex index : nodes) result.push_back(compiled.run->nodes[index].id.text());
    return result;
}

inline Ids all_ids(const Compiled& compiled) {
    Ids result;
    for (const Node& state : compiled.run->nodes) result.push_back(state.id.text());
    return result;
}

inline const StatePart& part(const Compiled& compiled, const std::string& id, std::size_t index = 0) {
    return node(compiled, id).variants[0].parts.at(index);
}

inline Ids kept(Compiling& compiling, std::vector<std::string> states) {
    compiling.request().states = std::move(states);
    return all_ids(compiling.compile());
}

}  // namespace prove::test
