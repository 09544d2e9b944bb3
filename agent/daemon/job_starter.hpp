// The seam between the core, which knows which jobs are to run, and whoever runs them.
#pragma once

#include <cstdint>
#include <string>

#include "proto/ids.hpp"
#include "proto/value.hpp"

namespace prove {

// A job that was accepted, for whoever runs it.
struct JobOrder {
    JobId job;
    std::string operation;
    Value body;
    std::int64_t start_by_boot_ms = 0;   // it must not start later, by the boot clock
    bool own = false;                    // of this agent's own making: no master knows of it, and none can be asked
};

// Runs jobs somewhere else. Every job that was started ends in one AgentCore::finished().
struct JobStarter {
    virtual ~JobStarter() = default;
    // Why this operation cannot be taken now ("too many jobs are waiting"); empty where it can.
    virtual std::string refusal(const std::string& operation) const = 0;
    virtual void start(JobOrder order) = 0;
    // Running or waiting; nothing happens where it is neither.
    virtual void cancel(const JobId& job, const std::string& reason) = 0;
};

}  // namespace prove
