// Late states: an agent in the middle of a run asks for one, and gets the piece that its own results make of it. Only
// for a job that it runs itself; whatever it says is data for its own states (S6, S50, S62).
#include "master/jobs/dispatch.hpp"

namespace prove {

void Dispatch::on_late_request(const KeyId& key, const LateQuestion& question) {
    auto* const job = book_.find(question.job);
    auto* const target = job != nullptr ? job->target_of(key) : nullptr;
    if (target == nullptr || target->row.phase != TargetPhase::running) return;
    // It asks again where no answer comes. Compiling costs much: one at a time, and not without end.
    if (compiling_late_.contains({key, question.job}) || !late_asked_.allow(key.hex(), boot())) return;
    CommandWish wish = wish_for(*job, *target);
    wish.late = question.request;
    if (job->preparer == nullptr) {
        struct Changed final : Preparer {
            Prepared prepare(const TargetId&, const Value&) const override { return {}; }
            PreparedPiece late(const TargetId&, const LateRequest&, const Value&) const override {
                throw Error(ErrorKind::refused, "the catalog was changed while prove-master was down; run it again");
            }
        };
        return late_compiled(*target, make_command(Changed(), wish));
    }
    compiling_late_.insert({key, question.job});
    log_.info("compiling a late state", {{"job", question.job.text()},
                                         {"target", target->row.target.text()},
                                         {"state", question.request.state().text()}});
    // After a restart of the master what the run itself names is made once more, too.
    if (!serving_.offers(key, question.job)) prepare(*job, *target);
    pool_.prepare(job->preparer, std::move(wish));
}

void Dispatch::late_compiled(const ActiveTarget& target, ReadyCommand ready) {
    if (target.row.phase != TargetPhase::running) return;
    serving_.offer_late(ready.wish.key, ready.wish.job, std::move(ready.contents));
    Issue what;
    what.type = MessageType::late_piece;
    what.kind = AudienceKind::agent;
    what.agent = ready.wish.key;
    what.job = ready.wish.job;
    what.sealed = true;
    send_to(ready.wish.key, what, std::move(ready.payload));
}

}  // namespace prove
