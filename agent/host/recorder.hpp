// What a part did, or would do, as its Host records it: shared by every Host, so that all record alike.
#pragma once

#include <utility>
#include <vector>

#include "agent/host/host.hpp"

namespace prove {

class Recorder {
  public:
    void begin(PartContext part) {
        part_ = std::move(part);
        changes_.clear();
        announced_ = false;
    }
    std::vector<Change> end() {
        std::vector<Change> changes = std::move(changes_);
        begin({});
        return changes;
    }
    const PartContext& part() const { return part_; }

    // Called before a machine is changed; the first time it lets the engine write down what the part will owe.
    void before_change() {
        if (announced_) return;
        announced_ = true;
        if (part_.before_first_change) part_.before_first_change();
    }
    void add(Change change) {
        if (part_.sensitive) change.diff.clear();
        changes_.push_back(std::move(change));
    }
    void add(std::vector<Change> changes) {
        for (Change& change : changes) add(std::move(change));
    }

  private:
    PartContext part_;
    std::vector<Change> changes_;
    bool announced_ = false;
};

}  // namespace prove
