// What the core does for schedules: it asks the master, and records and starts what this agent runs by itself. The results
// of such runs go out one after the other, so that the master has them in the order in which they were.
#include <algorithm>

#include "agent/daemon/core.hpp"
#include "common/time/new_job.hpp"

namespace prove {

void AgentCore::ask(const RunRequest& request) {
    send(MessageType::run_request, {}, to_value(request));
}

bool AgentCore::is_own(const JobId& job) const {
    const auto* known = parts_.journal.find(job);
    return known != nullptr && known->own.has_value();
}

void AgentCore::take_over_own() {
    using State = AgentJournal::Job::State;
    for (const auto state : {State::accepted, State::done, State::stored})
        for (const auto& job : parts_.journal.jobs_in(state))
            if (is_own(job)) last_own_ms_ = std::max(last_own_ms_, parts_.journal.find(job)->accepted.not_after_ms);
}

// Ids sort by time, and that of an own run is later than those before it whatever the clock says.
JobId AgentCore::new_own_job() {
    last_own_ms_ = std::max(mail_.now_ms(), last_own_ms_ + 1);
    return new_job_id(last_own_ms_, parts_.random);
}

void AgentCore::start_own(const JobOrder& order, const OwnRun& own) {
    parts_.journal.accept_own(order.job, own, last_own_ms_);
    running_.insert(order.job);
    parts_.starter.start(order);
}

void AgentCore::tell_own(const OwnRun& own, const std::string& reason) {
    JobResult result;
    result.job = new_own_job();
    result.end = JobResult::End::refused;
    result.reason = reason;
    result.started_ms = result.finished_ms = std::max<std::int64_t>(0, mail_.now_ms());
    result.own = own;
    parts_.journal.accept_own(result.job, own, last_own_ms_);
    save(std::move(result));
}

void AgentCore::await_stored(const JobId& job) {
    (is_own(job) ? own_outbox_ : outbox_)[job] = {};
}

void AgentCore::send_own_due() {
    if (!link_.up() || own_outbox_.empty()) return;
    auto& [job, repeat] = *own_outbox_.begin();
    if (parts_.clock.boot_ms() < repeat.at_ms) return;
    again(repeat, 300'000);
    send_result(job);
}

}  // namespace prove
