// See late_states.hpp.
#include "agent/daemon/late_states.hpp"

namespace prove {

LateExchange::Answer LateExchange::ask(const JobId& job, const LateRequest& request, bool kept_too,
                                       const Cancellation& cancellation) {
    const auto question = std::pair(job, key_of(request));
    std::vector<std::string> kept;
    if (kept_too) kept = cache_.find(question.second);
    const Cancellation::Waker waker(cancellation, [this] { changed_.notify_all(); });
    std::unique_lock lock(mutex_);
    waiting_[question].reset();
    lock.unlock();
    ask_(job, request, std::move(kept));
    lock.lock();
    // The waker's notification can fall between the check and the wait: hence a look now and then.
    while (!waiting_[question] && !cancellation.cancelled()) changed_.wait_for(lock, std::chrono::milliseconds(500));
    const std::optional<Answer> answer = std::move(waiting_[question]);
    waiting_.erase(question);
    if (!answer) throw Error(ErrorKind::cancelled, "cancelled while waiting to be compiled");
    if (!answer->reply.error.empty()) throw Error(ErrorKind::unavailable, answer->reply.error);
    return *answer;
}

void LateExchange::answered(const LateReply& reply, const std::vector<std::string>& frames) {
    if (!frames.empty()) cache_.keep(reply.key, frames);
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find({reply.job, reply.key});
    if (found != waiting_.end()) found->second = Answer{reply, frames.empty()};
    changed_.notify_all();
}

LateExchange::Answer JobLate::ask(const LateRequest& request, bool kept_too) {
    try {
        return exchange_.ask(job_, request, kept_too, cancellation_);
    } catch (const Error& error) {
        if (!own_ || error.kind() != ErrorKind::unavailable) throw;
        throw Error(ErrorKind::held, error.text());
    }
}

LatePiece JobLate::piece(const LateRequest& request) {
    auto answer = ask(request, true);
    const auto& blob = answer.reply.blob;
    if (answer.is_kept && blob && !have_.has(blob->hash)) answer = ask(request, false);
    const Value run = run_of(answer.reply);
    // Of a piece that was kept only what is missing on this host is fetched; then the master has to know why.
    std::function<void()> grant;
    if (answer.is_kept)
        grant = [this, request] { (void)ask(request, false); };
    contents_.add(contents_in_order(run), std::move(grant));
    return {state_run_from(run), answer.reply.outside};
}

Value JobLate::run_of(const LateReply& reply) {
    if (!reply.blob) return reply.run;
    contents_.add({*reply.blob}, {});
    return read_json(contents_.fetch(reply.blob->hash), JsonLimits::state_run());
}

}  // namespace prove
