// Drives a Schedule: answers probes and conditions, runs the parts of what is next, writes debts to the ledger before
// the changes that cause them, and gathers the report. One run, one thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "agent/engine/conditions.hpp"
#include "agent/engine/engine.hpp"
#include "agent/engine/part_runner.hpp"
#include "agent/engine/prepared.hpp"
#include "agent/engine/schedule.hpp"

namespace prove {

class Runner {
  public:
    // `host` is the machine, or in a plan an overlay over it.
    Runner(const StateRun& run, RunMode mode, const EngineContext& context, Host& host,
           const std::vector<std::vector<PreparedVariant>>& prepared);
    RunReport report();

  private:
    void take(Step step);
    void invoke(const Step& step, StateInvocation& invocation);
    const PreparedVariant& choose_variant(NodeIndex node, StateInvocation& invocation);
    bool is_held_back(const PreparedVariant& variant, StateInvocation& invocation);
    void run_parts(NodeIndex node, const PreparedVariant& variant, StateInvocation& invocation);
    void run_in_place(NodeIndex node, const Variant& variant, std::size_t index, StatePartInvocation& part);
    void skip_parts(const PreparedVariant& variant, std::size_t from, const std::string& reason,
                    StateInvocation& invocation);
    void end(NodeIndex node, const Variant* variant, StateInvocation& invocation);
    void owe(NodeIndex node, const Variant& variant, std::size_t part);
    void owe_late(NodeIndex node, const Variant& variant, std::size_t part);
    void strike_paid();
    void heed_cancellation();
    ConditionContext conditions();

    // runner_packages.cpp: adjacent package parts in one transaction
    struct Place {
        NodeIndex node = 0;
        std::size_t part = 0;
        const PreparedVariant* variant = nullptr;
        auto operator<=>(const Place&) const = default;
    };
    void prepare_packages(NodeIndex node, const PreparedVariant& variant, std::size_t part);
    std::vector<Place> package_row(const Place& first) const;
    bool extend_row(std::vector<Place>& row, NodeIndex node, const PreparedVariant& variant, std::size_t part) const;
    void run_transaction(const std::vector<Place>& row);

    const StateRun& run_;
    RunMode mode_;
    const EngineContext& context_;
    Host& host_;
    const std::vector<std::vector<PreparedVariant>>& prepared_;
    Schedule schedule_;
    Outputs outputs_;
    PartRunner parts_;
    RunReport report_;
    std::set<Place> merged_;  // parts whose packages a common transaction took care of
    bool ledger_is_broken_ = false;
};

}  // namespace prove
