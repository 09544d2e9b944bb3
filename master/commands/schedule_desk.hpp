// Schedules as agents meet them: the sheet that each goes by, and the jobs that they ask for when one is due. A sheet is
// sent where an agent names another one than it should have, and to all that are connected when catalog or pauses
// change. What is public may be called from any thread; the work is done in the front's.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "master/commands/catalog_keeper.hpp"
#include "master/commands/choose.hpp"
#include "master/commands/pauses.hpp"
#include "master/commands/schedule_gate.hpp"
#include "master/jobs/dispatch.hpp"

namespace prove {

class ScheduleDesk {
  public:
    using Post = std::function<void(std::function<void()>)>;
    // Makes a job for one agent; `made` is called in the loop's thread.
    using Submit = std::function<void(const Permit& permit, JobAsked asked, Dispatch::RunMade made)>;
    struct Parts {
        const Clock& clock;
        const Store& store;
        Dispatch& dispatch;
        CatalogKeeper& catalog;
        const TargetList& targets;
        const Pauses& pauses;
        Authorizer& authorizer;
        Post loop, front;
        Submit submit;
    };
    // Everything in `parts` outlives it.
    explicit ScheduleDesk(Parts parts);

    // An agent goes by the sheet with this hash (hex; empty: by none).
    void told_sheet(const TargetId& agent, const std::string& held);
    // Catalog or pauses are not what they were.
    void changed();
    // An agent asks for what a schedule says: the request names its slot. In the loop's thread.
    void asked(const TargetId& agent, const RunRequest& request, Dispatch::RunMade made);
    // The same for a target that is reached without an agent: whoever keeps its clock asks. `made` may be told first that
    // others go before it.
    void asked_for_carried(const TargetId& target, const ScheduledSlot& slot, RunMode mode, Dispatch::RunMade made);
    // Something happened in these jobs. In the loop's thread.
    void told(const std::set<JobId>& jobs);

  private:
    struct Due;

    ScheduleSheet sheet_for(const TargetId& agent, const Snapshot& snapshot) const;
    void send_where_other(const TargetId& agent, const std::string& held);
    std::string why_not(const Due& due, const Snapshot* snapshot) const;
    void consider(std::shared_ptr<Due> due);
    void begin(const std::shared_ptr<Due>& due);
    void take_turns();
    void answer(const Due& due, Dispatch::RunAnswer what) const;

    Parts parts_;
    std::map<TargetId, std::string> held_;  // the front's thread only, as all below
    ScheduleGate gate_;
};

}  // namespace prove
