// Notices two states that undo each other within one run: one puts an aspect of a resource back into the condition that
// another changed it from. Such a run would change both again the next time, and would never be done. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "proto/outcome.hpp"

namespace prove {

class FlapWatch {
  public:
    // Remembers what this state, in this probe variant, changed. Empty, or what flapped. Another variant of the same
    // state is no flapping the first time: that is what probes are for. Nor is it to undo what a state did that
    // `may_undo` says this one cleans up after.
    std::string look(const StateId& state, std::uint32_t variant, const std::vector<Change>& changes,
                     const std::function<bool(const StateId&)>& may_undo = {});

  private:
    struct Written {
        StateId state;
        std::uint32_t variant = 0;
        std::string before;
    };
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, std::vector<Written>> written_;  // by resource and aspect
};

}  // namespace prove
