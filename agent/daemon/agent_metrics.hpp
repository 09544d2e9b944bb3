// What this agent has done since it started and how it stands, for Prometheus: the settings' metrics_file, which
// node_exporter's textfile collector reads, since a program of root opens no socket for that (S96). One thread.
#pragma once

#include <map>
#include <string>

#include "agent/daemon/core.hpp"
#include "common/text/metrics_text.hpp"

namespace prove {

class AgentMetrics {
 public:
    void ended(const JobResult& result);
    std::string text(const AgentCore::Status& status, const Clock& clock) const;

 private:
    struct RunKind {
        std::string what, by, end;       // "states apply", "other"; "master" or "itself"; "done"
        auto operator<=>(const RunKind&) const = default;
    };
    struct Last {
        std::int64_t finished_ms = 0;
        bool well = false;
    };
    void count_states(const RunReport& report);

    std::map<RunKind, std::uint64_t> runs_;
    std::map<std::string, std::uint64_t> states_, changes_;
    std::map<std::string, Last> last_;   // by what
    std::map<std::string, Histogram> durations_;
};

}  // namespace prove
