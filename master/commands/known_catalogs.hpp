// The catalogs that jobs were made from, the newest few of them: to tell what changed since a target's last run. In memory:
// a master that was started again knows none but the one in force. Thread-safe.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "master/commands/snapshot.hpp"

namespace prove {

class KnownCatalogs {
  public:
    static constexpr std::size_t most = 4;
    void add(std::shared_ptr<const Snapshot> snapshot);
    // By its hash or the beginning of it, at least 8 digits; Error(usage) where it is too short or means several,
    // Error(missing) where it is not known (any more).
    std::shared_ptr<const Snapshot> find(const std::string& hash) const;

  private:
    mutable std::mutex mutex_;
    std::deque<std::shared_ptr<const Snapshot>> snapshots_;  // newest first
};

}  // namespace prove
