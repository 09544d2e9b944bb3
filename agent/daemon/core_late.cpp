// The core's late states: asked for while their job runs, answered once (S50), and asked again where no answer comes.
#include "agent/daemon/core.hpp"

namespace prove {

namespace {
constexpr std::int64_t patience_ms = 120'000;
constexpr std::int64_t ask_again_most_ms = 40'000;
}  // namespace

void AgentCore::ask_late(const JobId& job, const LateRequest& request, const std::vector<std::string>& kept) {
    LateReply none;
    none.job = job;
    none.state = request.state();
    none.index = request.states.size() - 1;
    none.key = key_of(request);
    if (!running_.contains(job)) {
        none.error = "its job has ended";
        return parts_.listener.late_answered(none, {});
    }
    if (const auto verified = mail_.open_kept(kept, MessageType::late_piece)) {
        try {
            LateReply reply = open_late_piece(*verified, parts_.self.opener, parts_.self.key);
            if (reply.key == none.key && reply.state == none.state) {
                reply.job = job;
                reply.index = none.index;
                parts_.log.info("a late state is the one that was kept", {{"state", none.state.text()}});
                return parts_.listener.late_answered(reply, {});
            }
        } catch (const Error&) {
            // Damaged, or of other keys: it is asked for as if there were none.
        }
    }
    if (is_own(job)) {
        none.error = "only the master can compile it, and this run is made without it";
        return parts_.listener.late_answered(none, {});
    }
    if (write_json(to_value(LateQuestion{job, request})).size() > payload_limit(MessageType::late_request)) {
        none.error = "the results that it waits for are more than the 64 KiB that it may be compiled from";
        return parts_.listener.late_answered(none, {});
    }
    parts_.log.info("asking for a late state", {{"job", job.text()}, {"state", none.state.text()}});
    asked_late_[{job, none.key}] = {request, {}, parts_.clock.boot_ms() + patience_ms};
    tick();
}

void AgentCore::send_late_due() {
    const auto now = parts_.clock.boot_ms();
    for (auto at = asked_late_.begin(); at != asked_late_.end();) {
        auto& [question, asked] = *at;
        if (now >= asked.give_up_ms) {
            LateReply none;
            none.job = question.first;
            none.state = asked.request.state();
            none.index = asked.request.states.size() - 1;
            none.key = question.second;
            none.error = "the master did not compile it within two minutes" +
                         std::string(link_.up() ? "" : ": there is no connection to it");
            at = asked_late_.erase(at);
            parts_.listener.late_answered(none, {});
            continue;
        }
        if (link_.up() && now >= asked.repeat.at_ms) {
            send(MessageType::late_request, question.first, to_value(LateQuestion{question.first, asked.request}));
            again(asked.repeat, ask_again_most_ms);
        }
        ++at;
    }
}

// S50: a late piece is no job. It is taken only for a job that runs here, and only where it was asked for.
void AgentCore::late_piece(const Verified& verified, const std::vector<std::string>& frames) {
    LateReply reply = open_late_piece(verified, parts_.self.opener, parts_.self.key);
    for (auto at = asked_late_.begin(); at != asked_late_.end(); ++at) {
        const LateRequest& request = at->second.request;
        if (at->first.first != reply.job || request.state() != reply.state || request.states.size() - 1 != reply.index)
            continue;
        // What was made of other facts than the run is good for this run, and not worth keeping.
        const bool keep = reply.error.empty() && reply.key == at->first.second;
        reply.key = at->first.second;
        asked_late_.erase(at);
        return parts_.listener.late_answered(reply, keep ? frames : std::vector<std::string>{});
    }
    parts_.log.info("a late state came that nobody waits for", {{"job", reply.job.text()}});
}

void AgentCore::end_late(const JobId& job) {
    std::erase_if(asked_late_, [&](const auto& asked) { return asked.first.first == job; });
}

}  // namespace prove
