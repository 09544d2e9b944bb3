// Conditions and probes, answered on the host: does a command succeed, is a path there, does a fact hold. Nothing is
// truthy: what cannot be answered is an Error, and in a plan what cannot be known yet is Unknown.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "agent/engine/outputs.hpp"
#include "agent/engine/schedule.hpp"
#include "agent/host/host.hpp"
#include "proto/state_run.hpp"

namespace prove {

struct ConditionContext {
    const HostReader& host;
    const Value& facts;
    std::function<Schedule::Changed(const StateId&)>
        changed;                           // throws Error(invalid) where no such state is in the run
    std::chrono::milliseconds timeout{0};  // of a command
    const Outputs* outputs = nullptr;      // for `!out`; null where nothing names any
};

// Throws Error where it cannot be answered and Unknown where a plan cannot know.
bool holds(const Condition& condition, const ConditionContext& context);
// Whether all hold; one that does not hold settles it, whatever cannot be known about the others.
bool all_hold(const std::vector<Condition>& conditions, const ConditionContext& context);

// Empty where onlyif and unless let it run, else why not. Throws as holds() does.
std::string why_not(const std::vector<Condition>& onlyif, const std::vector<Condition>& unless,
                    const ConditionContext& context);

// The first that does not hold, as describe() says it; empty where all do. Throws as holds() does.
std::string first_untrue(const std::vector<Condition>& conditions, const ConditionContext& context);

// "{exists: /etc/x}", "the command 'test -f x'": for messages.
std::string describe(const Condition& condition);

}  // namespace prove
