// Outputs of other states in the context of a template. The template is rendered before the run all the same: such a
// value is an object that can only be printed (names.py), and prints as a text that stands for it, a hole. The target
// fills the holes when the values are known, so it needs neither the master nor a template engine.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "master/compile/compiler.hpp"
#include "proto/error.hpp"

namespace prove {

class OutputHoles {
  public:
    // Puts {"$hole": TEXT} in the place of every output in the contexts of these nodes' parts, which must stay where
    // they are until mark() is done.
    explicit OutputHoles(std::vector<Node>& nodes);
    // After the contents are made: those that have holes name them, {"$blob", "size", "holes": {TEXT: {"$out": ...}}}.
    void mark(const std::map<Hash, Blob>& blobs, Diagnostics& diagnostics);

  private:
    struct Dug {
        StatePart* part = nullptr;
        StateId state;
        SourcePosition position;  // of the context
        std::map<std::string, Value> holes;
    };
    static Value dig(const Value& value, std::map<std::string, Value>& holes);

    std::vector<Dug> dug_;
};

}  // namespace prove
