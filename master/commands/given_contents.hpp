// Files that were given to the master for a job that is asked for next (`prove-cli copy`): kept in memory by their hash, a
// few minutes, and no more of them than fits. A job holds those that it names until it is over. Thread-safe.
#pragma once

#include <list>
#include <mutex>
#include <string>

#include "common/time/clock.hpp"
#include "master/jobs/prepare.hpp"

namespace prove {

class GivenContents {
  public:
    static constexpr std::size_t most_bytes_of_one = 8u << 20;
    static constexpr std::size_t most_bytes = 64u << 20;
    static constexpr std::int64_t kept_ms = 600'000;

    explicit GivenContents(const Clock& clock) : clock_(clock) {}
    // The oldest make way. Throws Error(usage) above the limit.
    BlobRef add(std::string bytes);
    // Those that a job names. Throws Error(usage) where one was never given, or is gone.
    Contents find(const std::vector<BlobRef>& named);

  private:
    struct Given {
        Hash hash;
        std::shared_ptr<const std::string> bytes;
        std::int64_t since_ms = 0;
    };
    void forget_old(std::size_t room);

    const Clock& clock_;
    std::mutex mutex_;  // over all below
    std::list<Given> given_;  // the oldest first
    std::size_t bytes_ = 0;
};

}  // namespace prove
