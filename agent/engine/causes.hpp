// Why a run changes what it changes: because other things are wanted than were applied last (intended), or because the
// host has moved since (drift). Knows what each state was when it was applied last, and says it of every change, in
// plans as well. Whoever asks holds the run's board.
#pragma once

#include <map>

#include "agent/engine/live_run.hpp"
#include "agent/engine/prepared.hpp"

namespace prove {

// What a state wishes for: its functions, arguments, probes and conditions, of all variants. Not where it is written,
// what it notifies and when it runs: none of that moves a host. Secrets are in it by their marks.
Hash wish_of(const Node& node, const LiveRun& run);

class Causes {
  public:
    // Both are borrowed; without `last` nothing is known, and no cause is given.
    Causes(const LiveRun& run, const AppliedStates* last) : run_(run), last_(last) {}

    // Of what this invocation has changed so far. A notified state has the cause of who notified it: a reload after a
    // drift was mended is drift, whatever else asked for it was intended.
    Cause of(NodeIndex node, const PreparedVariant* variant, const StateInvocation& invocation);

    // What has been applied after this run: states that came out right wish for what they wish for now, others are as
    // they were, and those that are no more are forgotten.
    AppliedStates after(const RunReport& report) const;

  private:
    Cause latest(NodeIndex node) const;
    Cause of_group(const Node& group) const;
    Cause of_notifiers(const StateInvocation& invocation) const;
    bool wishes_the_same(NodeIndex node);

    const LiveRun& run_;
    const AppliedStates* last_;
    std::map<NodeIndex, Cause> latest_;  // of those that changed something in this run
    std::map<NodeIndex, bool> same_;
};

}  // namespace prove
