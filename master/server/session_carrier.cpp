// One errand: open a session, hear the facts, compile, begin once that is durable, run, tell.
#include "master/server/session_carrier.hpp"

#include "agent/actions/posted_events.hpp"
#include "common/process/awaited.hpp"
#include "common/text/duration.hpp"
#include "master/executors/held_content.hpp"
#include "proto/message_rules.hpp"

namespace prove {

namespace {

// What hosts may tell faster than the loop takes it; more waits in their pipes.
constexpr std::size_t most_on_the_way = 4u << 20;
// A host that asks without end would keep the compilers busy.
constexpr std::size_t most_late_asked = 2'000;

NotBegun cancelled(const Cancellation& cancellation) {
    return {TargetEnd::cancelled, cancellation.reason()};
}

TargetEnd end_of(const Error& error) {
    switch (error.kind()) {
        case ErrorKind::unavailable:
            return TargetEnd::unreachable;
        case ErrorKind::cancelled:
            return TargetEnd::cancelled;
        case ErrorKind::refused:
        case ErrorKind::invalid:
            return TargetEnd::refused;
        default:
            return TargetEnd::failed;
    }
}

// A result as one that an agent would send: what is larger than that is not taken from anybody.
Ran as_result(const JobId& job, ActionResult result) {
    Ran ran;
    ran.result.job = job;
    ran.result.end = result.end;
    ran.result.reason = std::move(result.reason);
    ran.result.body = result.body.is_null() ? Value::object() : std::move(result.body);
    ran.body_text = write_json(ran.result.body);
    if (ran.body_text.size() <= result_limit) return ran;
    ran.result.end = JobResult::End::failed;
    ran.result.reason =
        "its result is " + show_size(ran.body_text.size()) + ", and at most " + show_size(result_limit) + " are taken";
    ran.result.body = Value::object();
    ran.body_text = write_json(ran.result.body);
    return ran;
}

}  // namespace

struct SessionCarrier::Task {
    explicit Task(Errand errand_) : errand(std::move(errand_)) {}
    const Errand errand;
    Cancellation cancellation;
    Value facts;  // that the target told
    HeldContent content;
};

// How many bytes of events the loop has not come to yet.
class SessionCarrier::Flow {
  public:
    void add(std::size_t bytes, const Cancellation& closing) {
        const Cancellation::Waker waker(closing, [this] { take(0); });
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return bytes_ < most_on_the_way || closing.cancelled(); });
        bytes_ += bytes;
    }
    void take(std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        bytes_ -= bytes;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t bytes_ = 0;
};

// A render worker ends with the thread that started it, so that compiling is only done in threads that stay.
template <class Made, class Work>
std::optional<Made> SessionCarrier::in_compilers(const Task& task, Work work) {
    const auto made = std::make_shared<Awaited<Made>>();
    compilers_.post([made, work = std::move(work)] { made->give(work()); });
    return made->wait(task.cancellation);
}

class SessionCarrier::Late final : public LateSource {
  public:
    Late(SessionCarrier& carrier, Task& task) : carrier_(carrier), task_(task) {}
    LatePiece piece(const LateRequest& asked) override {
        if (++asked_ > most_late_asked) throw Error(ErrorKind::full, "too many late states were asked for in one run");
        struct Answer {
            PreparedPiece piece;
            std::optional<Error> error;
        };
        const auto answer = carrier_.in_compilers<Answer>(task_, [errand = task_.errand, facts = task_.facts, asked] {
            try {
                return Answer{errand.preparer->late(errand.target, asked, facts), {}};
            } catch (const Error& error) {
                return Answer{{}, error};
            }
        });
        if (!answer) throw Error(ErrorKind::cancelled, "cancelled");
        if (answer->error) throw Error(*answer->error);
        const LateReply& reply = answer->piece.reply;
        task_.content.add(answer->piece.contents);
        LatePiece piece;
        piece.outside = reply.outside;
        piece.run = state_run_from(
            reply.blob ? read_json(task_.content.fetch(reply.blob->hash), JsonLimits::state_run()) : reply.run);
        return piece;
    }

  private:
    SessionCarrier& carrier_;
    Task& task_;
    std::size_t asked_ = 0;
};

SessionCarrier::SessionCarrier(std::size_t sessions, Open open, Mailbox& loop, Workers& compilers, const Logger& log)
    : open_(std::move(open)),
      loop_(loop),
      compilers_(compilers),
      log_(log),
      flow_(std::make_shared<Flow>()),
      sessions_(std::make_unique<Workers>(sessions, log)) {}

SessionCarrier::~SessionCarrier() {
    closing_.cancel("prove-master is stopping");
    for (auto& [which, task] : tasks_) task->cancellation.cancel("prove-master is stopping");
    sessions_.reset();
}

void SessionCarrier::carry(Errand errand) {
    const auto which = std::pair(errand.job, errand.target);
    const auto task = std::make_shared<Task>(std::move(errand));
    tasks_[which] = task;
    sessions_->post([this, task] { work(*task); });
}

void SessionCarrier::stop(const JobId& job, const TargetId& target, const std::string& why) {
    if (const auto found = tasks_.find({job, target}); found != tasks_.end()) found->second->cancellation.cancel(why);
}

void SessionCarrier::post(std::function<void(Dispatch&)> what) {
    loop_.post([this, what = std::move(what)] {
        what(*dispatch_);
        dispatch_->settle();
    });
}

void SessionCarrier::work(Task& task) {
    const auto ended = std::make_shared<CarriedEnd>();
    try {
        *ended = carry_out(task);
    } catch (const std::exception& fault) {
        log_.error("a fault in a session", {{"target", task.errand.target.text()}, {"what", fault.what()}});
        *ended = NotBegun{TargetEnd::failed, std::string("a fault of prove-master: ") + fault.what()};
    }
    post([this, job = task.errand.job, target = task.errand.target, ended](Dispatch& to) {
        tasks_.erase({job, target});
        to.carried_ended(job, target, std::move(*ended));
    });
}

CarriedEnd SessionCarrier::carry_out(Task& task) {
    const Cancellation& cancellation = task.cancellation;
    if (cancellation.cancelled()) return cancelled(cancellation);
    Late late(*this, task);
    try {
        const Way way = task.errand.preparer->way_to(task.errand.target);
        const auto session = open_(way, task.errand.job, task.content, &late, cancellation);
        return run(task, *session);
    } catch (const Error& error) {
        if (cancellation.cancelled()) return cancelled(cancellation);
        return NotBegun{end_of(error), error.full_text()};
    }
}

CarriedEnd SessionCarrier::run(Task& task, Session& session) {
    const Errand& errand = task.errand;
    ActionResult told = ask_facts(session, task.cancellation);
    if (told.end != JobResult::End::done) {
        // Nothing was done there, so that a connection that is lost now is one that never was.
        const auto end =
            told.end == JobResult::End::interrupted ? TargetEnd::unreachable : target_end_from(name_of(told.end));
        return NotBegun{end, told.reason};
    }
    const Value* facts = told.body.is_mapping() ? told.body.find("facts") : nullptr;
    if (facts == nullptr || !facts->is_mapping())
        return NotBegun{TargetEnd::failed, "what it tells of itself makes no sense"};
    task.facts = *facts;
    const std::size_t size = write_json(task.facts).size(), most = payload_limit(MessageType::heartbeat);
    if (size > most)
        return NotBegun{TargetEnd::failed,
                        "its facts are " + show_size(size) + ", and at most " + show_size(most) + " are taken"};
    auto attempt = in_compilers<Attempt>(
        task, [errand, facts = task.facts] { return try_to_prepare(*errand.preparer, errand.target, facts); });
    if (!attempt) return cancelled(task.cancellation);
    if (attempt->error) return NotPrepared{*attempt->error, std::move(attempt->diagnostics)};
    task.content.add(attempt->prepared.contents);
    if (!may_begin(task)) return cancelled(task.cancellation);
    const std::function<void(JobEvent)> tell = [this, &errand](JobEvent event) {
        tell_event(errand, std::move(event));
    };
    PostedEvents events(errand.job, tell);
    return as_result(errand.job, session.run(errand.operation, attempt->prepared.body, events, task.cancellation));
}

void SessionCarrier::tell_event(const Errand& errand, JobEvent event) {
    const std::size_t size =
        event.output.bytes.size() + (event.invocation ? write_json(to_value(*event.invocation)).size() : 0);
    flow_->add(size, closing_);
    post([flow = flow_, target = errand.target, event = std::move(event), size](Dispatch& to) {
        flow->take(size);
        to.carried_event(target, event);
    });
}

// Once that it has begun is durable: what nobody would know of after a crash is not done.
bool SessionCarrier::may_begin(const Task& task) {
    const auto go = std::make_shared<Awaited<bool>>();
    post([job = task.errand.job, target = task.errand.target, facts = task.facts, go](Dispatch& to) {
        to.carried_begins(job, target, facts, [go](bool yes) { go->give(yes); });
    });
    return go->wait(task.cancellation).value_or(false);
}

}  // namespace prove
