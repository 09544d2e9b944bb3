// The order of a StateRun: which state runs next, and what a finished one wakes, skips or still owes. Pure: no host, no
// clock, no threads. Runner feeds it outcomes; every rule of "The order of things" in the catalog's reference lives
// here and only here.
//
//     while (auto step = schedule.next()) {
//         if (step->action == Step::Action::settled) report it
//         else for each part: run it; schedule.part_finished(...); run what next() gives now, in between
//              schedule.finished(...)
//     }
//
// Between the parts of a state next() gives only what those parts notified. With `parallelism` there are as many lanes:
// rows of states that run beside each other, each with its own next(); Overlap says which may.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/engine/debts.hpp"
#include "agent/engine/live_run.hpp"
#include "agent/engine/overlap.hpp"
#include "proto/outcome.hpp"
#include "proto/state_run.hpp"

namespace prove {

struct Step {
    enum class Action {
        run,      // run it, then call finished()
        compile,  // a late state, whose requirements are complete: call grow() or give_up_compiling()
        settled,  // nothing to run: `invocation` is its whole report (skipped, failed or unknown)
    };
    Action action = Action::run;
    NodeIndex node = 0;
    // State, why, who notified it and its number are filled in. For a group also its outcome, which finished() wants
    // back unless a condition of the group's own says otherwise.
    StateInvocation invocation;
};

// What became of one part, as far as the order is concerned.
struct PartEnd {
    bool changed = false;  // changed something, or would
    bool failed = false;   // or unproved
    bool unknown = false;  // plan only
};

class Schedule {
  public:
    // `owed`: the debts that earlier runs left. `overlap` is only for runs with `parallelism`.
    Schedule(std::shared_ptr<LiveRun> run, const std::vector<Debt>& owed,
             std::optional<Overlap> overlap = std::nullopt);
    // `run` is borrowed and must outlive the schedule.
    Schedule(const StateRun& run, const std::vector<Debt>& owed) : Schedule(std::make_shared<LiveRun>(run), owed) {}

    // Nothing means, between the parts of a state: go on; else that nothing may start now, or, where no lane runs
    // anything, that the run is at its end.
    std::optional<Step> next(std::size_t lane = 0);

    // What must be in the ledger before this part of the running node (or, for a transaction that is made for several,
    // of a node that will run) changes something: those that are not there yet.
    std::vector<Debt> incur(NodeIndex node, const Variant& variant, std::size_t part);
    void part_finished(NodeIndex node, const Variant& variant, std::size_t part, PartEnd end);
    // `skipped` here means: by its own condition. Without a variant none was chosen or its parts did not run: then it
    // stands for all of them.
    void finished(NodeIndex node, const Variant* variant, Outcome outcome, bool changed);

    // meta.run: this state runs now, between the parts of `from`, whatever it did before; next() gives it.
    void run_here(NodeIndex from, NodeIndex to);

    // A late state has been compiled: the piece takes its place in the run, and what is new in it gets its turn. Gives
    // the new nodes. Throws Error(invalid) where the piece does not fit; then nothing has changed.
    std::vector<NodeIndex> grow(NodeIndex late, LatePiece piece);
    // It could not be, or not now: next() gives it to be run, so that it comes out as whoever runs it says.
    void give_up_compiling(NodeIndex late);

    // Nothing starts any more; what was to run is skipped with this reason. What is owed stays owed.
    void cancel(std::string reason);

    // Debts that were paid, dropped or never came to be since the last call.
    std::vector<Debt> take_struck();
    // What people should know of: debts that were dropped.
    const std::vector<std::string>& notes() const { return notes_; }

    // Whether its latest invocation is held, or was skipped because of one that is.
    bool is_held(NodeIndex node) const;

    enum class Changed { no, yes, unknown };
    // Whether this state has changed something in this run so far.
    Changed changed(NodeIndex node) const;

    // The block whose rescue made good what failed here, so that it does not make the run a failed one. For the end.
    std::optional<NodeIndex> rescuer(NodeIndex node) const;
    // Whether `later` is the rescue, or stands in the `always`, of a block whose body `earlier` stands in: it may undo
    // what that did.
    bool cleans_up_after(NodeIndex later, NodeIndex earlier) const;

    // Calls `take` with the written states that would come next if nothing woke up in between, until it says false.
    void following(const std::function<bool(NodeIndex)>& take) const;

  private:
    enum class Standing { none, succeeded, failed, held, skipped };
    enum class Sureness { certain, uncertain };

    struct Notifier {
        std::optional<NodeIndex> node;  // absent: a state of an earlier run that is gone
        StateId id;
        bool holds = false;  // the notifier is complete only when this invocation has ended
    };
    struct Pending {
        std::vector<Notifier> by;
        bool certain = false;
        bool owed_only = true;     // asked for by nothing but debts of earlier runs
        bool members_only = true;  // a group that is looked at again for what its members did
        bool in_turn = false;      // it has its place in a block that was asked for
        bool here = false;         // meta.run: between the parts of its caller, whether deferred or not
        std::uint64_t event = 0;   // when it was last asked for
    };
    struct NodeState {
        bool placed = false;  // a written state that has not run yet
        bool running = false;
        bool given_up = false;  // invoked too often, or waiting in a circle: it does not run any more
        bool compiling = false;
        bool uncompiled = false;  // late, and will not be compiled in this run
        bool guessed = false;     // came out unknown because it is uncertain whether it is notified
        int invocations = 0;
        int counted = 0;  // invocations that the limit counts
        int open = 0;     // invocations that it notified and that have not ended
        Standing standing = Standing::none;
        StateId because_of;  // for failed, held and skipped ones: the root of it
        Changed changed = Changed::no;
        bool changed_since = false;  // of a group: a member changed something since the group was last looked at
        std::optional<Pending> pending;
        std::optional<NodeIndex> woken_by;   // who notified the latest invocation: for the picture of a loop
        std::optional<NodeIndex> called_by;  // meta.run: in whose place the latest invocation runs
        // Of a block, in its present round:
        bool begun = false;                  // something in it ran
        std::optional<NodeIndex> failed_by;  // the first of its body that failed, or is held
        std::optional<NodeIndex> rescue_failed_by;
        bool rescued = false;  // the latest round
    };
    // Where a node stands in a block.
    enum class Role { body, rescue, always };
    struct Stand {
        NodeIndex block = 0;
        Role role = Role::body;
    };
    struct Frame {
        NodeIndex node = 0;
        std::uint64_t began = 0;
        std::vector<Notifier> by;
    };
    using Lane = std::vector<Frame>;  // what runs in it, and between the parts of what

    // schedule.cpp: what is next
    std::optional<NodeIndex> next_asked(const Lane& lane);
    std::optional<NodeIndex> next_written();
    std::optional<NodeIndex> next_deferred() const;
    bool has_room(const Lane& lane, NodeIndex node);
    bool idle() const;
    Step start(NodeIndex node, Lane& lane);
    Frame leave(NodeIndex node);
    bool refused(NodeIndex node, const Pending& pending, StateInvocation& report);
    void settle(NodeIndex node, const Pending& pending, const StateInvocation& report);
    const std::string& name(NodeIndex node) const { return run_.nodes[node].id.text(); }
    bool complete(NodeIndex required, NodeIndex by) const;
    bool ready(NodeIndex node) const;
    std::optional<NodeIndex> unsatisfied(NodeIndex node) const;
    bool satisfied(NodeIndex required, NodeIndex by) const;
    bool notified_by(NodeIndex node, NodeIndex notifier) const;

    // schedule_wake.cpp: what an end wakes
    struct Wake {
        Sureness sureness = Sureness::certain;
        bool owed = false;
        bool holds = true;
        bool by_member = false;
        bool in_turn = false;  // it gets its place back: what stands in a block that was asked for
        bool here = false;
    };
    void wake(NodeIndex to, std::optional<NodeIndex> from, const StateId& from_id, Wake how);
    void fire(NodeIndex from, const std::vector<NodeIndex>& targets, Sureness sureness);
    void fire_guess(NodeIndex from);
    void fire_failure(NodeIndex from);
    void ended(NodeIndex node, const std::vector<Notifier>& by, Outcome outcome, bool changed);
    void stand(NodeIndex node, const std::vector<Notifier>& by, Standing standing, bool changed);
    void pay_debts_of(NodeIndex node);
    void pay_debts_at_end();
    void take_over(const std::vector<Debt>& owed);
    std::vector<NodeIndex> expanded(const std::vector<NodeIndex>& targets) const;
    void expand_into(NodeIndex target, std::vector<NodeIndex>& result) const;
    void group_outcome(NodeIndex group, StateInvocation& invocation) const;

    // schedule_blocks.cpp: what a block holds back, skips and begins
    struct Passed {
        std::string reason;
        StateId because_of;
    };
    void place_all();
    void know_groups();
    void know_stands();
    bool gets_a_place(NodeIndex node, std::optional<NodeIndex> up_to) const;
    void ask_for_new(NodeIndex late);
    bool comes_in_its_turn(NodeIndex node) const;
    std::optional<Passed> passed_over(NodeIndex node) const;
    bool cleans_up(NodeIndex node) const;
    void begin(NodeIndex node, std::optional<NodeIndex> from, const StateId& from_id, Wake how);
    void mark_begun(NodeIndex node);
    void heed_trouble(NodeIndex node, bool failed);
    void end_round(NodeIndex block);
    bool all_complete(const std::vector<NodeIndex>& nodes, NodeIndex by) const;
    std::optional<NodeIndex> first_trouble(const std::vector<NodeIndex>& nodes) const;
    bool rescue_succeeded(NodeIndex block) const;
    void block_outcome(NodeIndex block, StateInvocation& invocation) const;
    bool is_failure_of_others(NodeIndex node) const;
    std::vector<Stand> stands_of(NodeIndex node) const;
    std::string loop_text(NodeIndex node) const;
    std::string why_unsatisfied(NodeIndex required) const;
    std::string how_it_went(NodeIndex node) const;
    void strike(const std::vector<Debt>& debts);

    std::shared_ptr<LiveRun> live_;
    const LiveRun& run_;
    std::vector<NodeState> states_;
    std::vector<std::vector<NodeIndex>> groups_of_;
    std::vector<std::optional<Stand>> stands_;
    std::vector<NodeIndex> asked_;  // nodes with a pending invocation that have no place to keep
    std::vector<Lane> lanes_;
    std::optional<Overlap> overlap_;
    std::size_t first_placed_ = 0;  // no placed node before it, in the written order
    std::uint64_t now_ = 1;         // counts events; debts of earlier runs are of 0
    bool end_reached_ = false;
    std::optional<NodeIndex> stopped_by_;
    std::optional<std::string> cancelled_;
    DebtBook debts_;
    std::vector<Debt> debts_to_come_;  // to states that a late one may bring
    std::vector<Debt> struck_;
    std::vector<std::string> notes_;
};

}  // namespace prove
