// Commands from the pipe, results into it. See the header.
#include "agent/oneshot/one_shot.hpp"

#include <thread>

#include "agent/actions/posted_events.hpp"
#include "agent/actions/run_contents.hpp"
#include "agent/host/linux_host.hpp"

namespace prove {

namespace {

class PipeEvents final : public PostedEvents {
  public:
    PipeEvents(const JobId& job, const std::function<void(JobEvent)>& post, const SendFrame& send)
        : PostedEvents(job, post), send_(send) {}
    void note(const std::string& text) override { send_({PipeType::note, text.substr(0, pipe_limit(PipeType::note))}); }

  private:
    const SendFrame& send_;
};

}  // namespace

struct OneShot::Work {
    Work(const JobId& id, const SendFrame& send)
        : job(id), contents(id, send, cancellation), late(id, send, contents, cancellation) {}
    JobId job;
    Cancellation cancellation;
    PipeContents contents;
    PipeLate late;
};

OneShot::OneShot(PipeLink& link, const Clock& clock, Folders folders, std::function<void()> leave)
    : link_(link),
      clock_(clock),
      folders_(std::move(folders)),
      leave_(std::move(leave)),
      send_([this](const PipeFrame& frame) { link_.send(frame); }),
      functions_(all_functions()) {}

std::string OneShot::run() {
    std::thread listening([this] { listen(); });
    std::thread beating([this] { beat(); });
    while (const auto command = next_command()) carry_out(*command);
    {
        const std::lock_guard lock(mutex_);
        done_ = true;
        changed_.notify_all();
    }
    listening.join();
    beating.join();
    return lost_;
}

void OneShot::listen() {
    const std::string why = link_.listen([this](const PipeFrame& frame) { hear(frame); });
    std::unique_lock lock(mutex_);
    lost_ = why;
    if (work_ != nullptr) work_->cancellation.cancel("the connection was lost: " + why);
    changed_.notify_all();
    if (!changed_.wait_for(lock, last_moments, [this] { return done_; })) leave_();
}

void OneShot::beat() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, PipeLink::beat, [this] { return done_ || !lost_.empty(); })) {
        lock.unlock();
        link_.send({PipeType::heartbeat, ""});
        lock.lock();
    }
}

// Throws Error(invalid) for what makes no sense: then the other end is taken for lost.
void OneShot::hear(const PipeFrame& frame) {
    if (frame.type == PipeType::heartbeat) return;
    if (frame.type == PipeType::command) {
        JobCommand command = job_command_from(read_json(frame.payload, [] {
            JsonLimits limits = JsonLimits::state_run();
            limits.bytes = pipe_limit(PipeType::command);
            return limits;
        }()));
        const std::lock_guard lock(mutex_);
        commands_.push_back(std::move(command));
        changed_.notify_all();
        return;
    }
    const std::lock_guard lock(mutex_);
    if (work_ == nullptr) return;  // it has ended meanwhile
    if (frame.type == PipeType::cancel) {
        const Cancel cancel = cancel_from(read_json(frame.payload));
        if (cancel.job == work_->job)
            work_->cancellation.cancel(cancel.by.empty() ? "cancelled" : "cancelled by " + cancel.by);
    } else if (frame.type == PipeType::file_chunk) {
        work_->contents.arrived(file_chunk_from(frame.payload));
    } else if (frame.type == PipeType::late_piece) {
        JsonLimits limits = JsonLimits::state_run();
        limits.bytes = pipe_limit(PipeType::late_piece);
        work_->late.arrived(late_reply_from(read_json(frame.payload, limits)));
    } else {
        throw Error(ErrorKind::invalid, "a message came that is not for prove-exec");
    }
}

std::optional<JobCommand> OneShot::next_command() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !lost_.empty() || !commands_.empty(); });
    if (!lost_.empty()) return std::nullopt;
    JobCommand command = std::move(commands_.front());
    commands_.pop_front();
    return command;
}

void OneShot::carry_out(const JobCommand& command) {
    Work work(command.job, send_);
    {
        const std::lock_guard lock(mutex_);
        work_ = &work;
        if (!lost_.empty()) work.cancellation.cancel("the connection was lost");
    }
    const std::function<void(JobEvent)> post = [this](const JobEvent& event) {
        link_.send({PipeType::event, write_json(to_value(event))});
    };
    PipeEvents events(command.job, post, send_);
    ActionContext context{functions_,
                          work.contents,
                          clock_,
                          events,
                          [this] { return std::make_unique<LinuxHost>(clock_); },
                          folders_.ledger,
                          folders_.facts,
                          command.job.text(),
                          &work.cancellation,
                          &work.late};
    if (const Value* run = command.operation == "states" ? command.body.find("run") : nullptr)
        work.contents.expect(contents_in_order(*run), contents_lacking(*run));
    const std::int64_t started = clock_.wall_ms();
    ActionResult done = run_action(command.operation, command.body, context);
    {
        const std::lock_guard lock(mutex_);
        work_ = nullptr;
    }
    JobResult result;
    result.job = command.job;
    result.end = done.end;
    result.reason = std::move(done.reason);
    result.started_ms = started;
    result.finished_ms = clock_.wall_ms();
    result.body = std::move(done.body);
    link_.send({PipeType::result, write_json(to_value(result))});
}

}  // namespace prove
