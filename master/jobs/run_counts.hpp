// What became of all the runs since the master started, counted: for metrics and for `prove-cli status`. Thread-safe: the
// loop counts, others look.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <tuple>

#include "common/text/metrics_text.hpp"
#include "master/store/records.hpp"

namespace prove {

class RunCounts {
  public:
    // A target of a job has ended; each end is counted once.
    void count(const JobRow& job, const JobTargetRow& target);

    struct Totals {
        std::uint64_t runs = 0, not_well = 0, states_changed = 0, states_drifted = 0;
    };
    Totals totals() const;
    void write(MetricsText& text) const;

  private:
    struct RunKind {
        std::string operation, mode, by;
        auto operator<=>(const RunKind&) const = default;
    };
    mutable std::mutex mutex_;
    std::map<std::pair<RunKind, TargetEnd>, std::uint64_t> runs_;
    std::map<std::string, std::uint64_t> states_;   // by outcome
    std::map<std::string, std::uint64_t> changes_;  // by cause
    std::map<std::string, Histogram> durations_, waits_;  // by operation
};

}  // namespace prove
