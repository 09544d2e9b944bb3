// How many targets of a schedule run at once: who may begin, and who waits for whom. In memory only: who waited when the
// master went asks again. Pure; one thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proto/ids.hpp"
#include "proto/messages.hpp"

namespace prove {

class ScheduleGate {
  public:
    // What is called when its turn comes.
    using Turn = std::function<void()>;

    // Whether this target may begin now (then it has begun). Else it waits, once, and `turn` is what is called then:
    // asked again it keeps its place. `at_once` 0: no bound.
    bool enter(const ScheduledSlot& slot, const TargetId& target, std::int64_t at_once, Turn turn);
    // The job that the slot became for this target, while it runs.
    std::optional<JobId> job_of(const ScheduledSlot& slot, const TargetId& target) const;
    // It has become this job; or none, and its place is free.
    void became(const ScheduledSlot& slot, const TargetId& target, const JobId& job);
    void failed(const ScheduledSlot& slot, const TargetId& target);
    bool knows(const JobId& job) const { return jobs_.contains(job); }
    // False where it is no job of a schedule that runs.
    bool ended(const JobId& job);
    // Whose turn it is now that something has ended: they have begun; their turns are to be called.
    std::vector<Turn> take_turns();

    std::size_t running(const std::string& schedule) const;
    std::size_t waiting(const std::string& schedule) const;

  private:
    struct Waiting {
        ScheduledSlot slot;
        TargetId target;
        Turn turn;
    };
    struct Line {
        std::int64_t at_once = 0;
        std::map<TargetId, std::pair<std::int64_t, JobId>> running;  // with the slot, and the job once there is one
        std::deque<Waiting> waiting;
        bool has_room() const { return at_once == 0 || running.size() < static_cast<std::size_t>(at_once); }
    };
    std::map<std::string, Line> lines_;  // by schedule
    std::map<JobId, std::pair<std::string, TargetId>> jobs_;
};

}  // namespace prove
