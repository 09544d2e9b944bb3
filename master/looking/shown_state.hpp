// One state of a StateRun as its author would write it: a list of named fields with their values. Two of them are
// compared field by field; which may be shown travels with each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/functions/registry.hpp"
#include "master/compile/compiler.hpp"

namespace prove {

struct ShownField {
    std::string name;
    Value value;
    Blob content;         // in place of `value`: the content of a file
    bool hidden = false;  // sensitive
};

// `id_of` a node of the run; contents are looked up in `compiled`.
std::vector<ShownField> shown_fields(const Node& node, const Compiled& compiled, const FunctionRegistry& functions);
// "file.managed /etc/motd, service.reloaded nginx"; without subjects of sensitive parts.
std::string shown_summary(const Node& node, const FunctionRegistry& functions);

}  // namespace prove
