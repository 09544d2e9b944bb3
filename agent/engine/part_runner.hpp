// Executes one part: looks, changes, proves, tries again where the part says so, and reports. Knows nothing of order
// and nothing of other parts, but for who undoes whom (FlapWatch).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/engine/conditions.hpp"
#include "agent/engine/engine.hpp"
#include "agent/engine/prepared.hpp"
#include "agent/engine/run_board.hpp"

namespace prove {

// What the end of an attempt looks like to people: the error's text, and what it happened in.
std::string reason_of(const Error& error);
// What it makes of the state or part that it ends: failed, or held where only the master was missing.
Outcome outcome_of(const Error& error);

class PartRunner {
  public:
    struct Task {
        const Node& node;
        const PreparedVariant& variant;
        const PreparedPart& prepared;
        std::function<void()> before_first_change;     // makes debts durable; empty in a plan
        std::function<bool(const StateId&)> may_undo;  // what that state changed in this run (FlapWatch)
    };

    static constexpr std::chrono::milliseconds default_timeout{600'000};

    // `host` is where parts run: the machine itself, or in a plan an overlay over it. Called while the board is free.
    PartRunner(RunBoard& board, Host& host) : board_(board), context_(board.context), host_(host) {}

    StatePartInvocation run(const Task& task, const ConditionContext& conditions);

    // Tells both hosts the deadline, cancellation and output of what comes next; gives what was recorded meanwhile.
    void begin(const StateId& state, std::chrono::milliseconds timeout, bool sensitive, OutputSink output,
               std::function<void()> before_first_change);
    std::vector<Change> end();

    static std::chrono::milliseconds timeout_of(const StatePart& part);

    // Plan only: a state whose effects are not known; what goes wrong after it is unknown, not a failure.
    void doubt(const StateId& state);

  private:
    struct Attempt;
    void try_all(const Task& task, const ConditionContext& conditions, Attempt& result, StatePartInvocation& report);
    void attempt(const Task& task, const ConditionContext& conditions, const Arguments& arguments, Attempt& result,
                 StatePartInvocation& report);
    static void require_that(const StatePart& part, const ConditionContext& conditions, const Arguments& arguments);
    void prove_it(const Task& task, const Arguments& arguments, Attempt& result);
    void read_outputs(const Task& task, const Arguments& arguments, Attempt& result);
    void look_at_failure(Attempt& result, const std::string& text, ErrorKind kind);
    bool is_proved(const Task& task, const Arguments& arguments) const;
    bool wait_before_next(const Retry& retry, int attempts_so_far);
    bool cancelled() const { return context_.cancellation && context_.cancellation->cancelled(); }

    bool is_plan() const { return board_.mode == RunMode::plan; }

    RunBoard& board_;
    const EngineContext& context_;
    Host& host_;
};

}  // namespace prove
