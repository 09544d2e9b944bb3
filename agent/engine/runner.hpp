// Drives a Schedule: answers probes and conditions, runs the parts of what is next, writes debts to the ledger before
// the changes that cause them, and gathers the report. One for each lane (lanes.hpp): it holds the board but while a
// host works.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "agent/engine/conditions.hpp"
#include "agent/engine/part_runner.hpp"
#include "agent/engine/run_board.hpp"

namespace prove {

class Runner {
  public:
    // Both are borrowed. `host` is the machine, or in a plan an overlay over it.
    Runner(RunBoard& board, std::size_t lane, Host& host);
    // Whatever the step wakes before it has ended runs here too. The caller holds the board.
    void take(Step step);

  private:
    void invoke(const Step& step, StateInvocation& invocation);
    const PreparedVariant& choose_variant(const Node& node, const std::vector<PreparedVariant>& variants,
                                          StateInvocation& invocation);
    bool is_held_back(const PreparedVariant& variant, StateInvocation& invocation);
    void run_parts(NodeIndex node, const PreparedVariant& variant, StateInvocation& invocation);
    void run_in_place(NodeIndex node, const Variant& variant, std::size_t index, StatePartInvocation& part);
    void skip_parts(const PreparedVariant& variant, std::size_t from, const std::string& reason,
                    StateInvocation& invocation);
    void end(NodeIndex node, const Variant* variant, StateInvocation& invocation);
    void owe(NodeIndex node, const Variant& variant, std::size_t part);
    void owe_late(NodeIndex node, const Variant& variant, std::size_t part);
    bool is_plan() const { return board_.mode == RunMode::plan; }
    ConditionContext conditions();

    // runner_late.cpp: late states
    void compile(NodeIndex late);
    LatePiece piece_for(const LateRequest& request);

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

    RunBoard& board_;
    std::size_t lane_;
    const LiveRun& run_;
    const EngineContext& context_;
    Schedule& schedule_;
    Host& host_;
    PartRunner parts_;
};

// The caller holds the board.
void heed_cancellation(RunBoard& board);
void strike_paid(RunBoard& board);
bool is_failure(Outcome outcome);

}  // namespace prove
