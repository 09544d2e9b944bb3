// Starting, following, detaching, cancelling.
#include "master/cli/job_run.hpp"

#include <csignal>
#include <cstdio>

#include "common/text/text.hpp"
#include "master/cli/job_follower.hpp"
#include "master/cli/pausing.hpp"

namespace prove {

namespace {

constexpr std::size_t asked_above = 20;

volatile std::sig_atomic_t interrupts = 0;

// While it lives, Ctrl-C sets a flag (and interrupts the read that waits) instead of ending the process.
class InterruptGuard {
 public:
    InterruptGuard() {
        interrupts = 0;
        struct sigaction action {};
        action.sa_handler = [](int) { interrupts = interrupts + 1; };
        sigaction(SIGINT, &action, &before_);
    }
    ~InterruptGuard() { sigaction(SIGINT, &before_, nullptr); }
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
    struct sigaction before_ {};
};

// While it lives, Ctrl-C waits until somebody is ready for it.
class InterruptsHeld {
 public:
    InterruptsHeld() {
        sigset_t interrupt;
        ::sigemptyset(&interrupt);
        ::sigaddset(&interrupt, SIGINT);
        ::pthread_sigmask(SIG_BLOCK, &interrupt, &before_);
    }
    ~InterruptsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    InterruptsHeld(const InterruptsHeld&) = delete;
    InterruptsHeld& operator=(const InterruptsHeld&) = delete;

 private:
    sigset_t before_{};
};

enum class Wish { go_on, detach, cancel };

// Ctrl-C asks; a second one detaches. Where nobody can be asked: a job that can go on alone is left, others are cancelled.
Wish ask_what_now(Console& console, bool detachable) {
    const InterruptsHeld held;
    interrupts = 0;
    if (!detachable) return Wish::cancel;
    return console.ask("cancel the job? otherwise it goes on without you").value_or(false) ? Wish::cancel : Wish::detach;
}

}  // namespace

bool confirm_reach(Invocation& invocation, JobSource& jobs, const std::string& expression, bool yes, const std::string& what) {
    if (yes) return true;
    const std::size_t count = jobs.count(expression);
    if (count <= asked_above) return true;
    const std::string reach = what + " reaches " + counted(count, "target");
    const auto answer = invocation.console.ask(reach + "; go on?");
    if (!answer) throw Error(ErrorKind::usage, reach + "; say --yes if that is meant");
    return *answer;
}

ExitCode follow_job(Invocation& invocation, JobSource& jobs, const JobRun& run, const std::string& job, std::size_t targets) {
    JobFollower follower(invocation, jobs, run, job, targets);
    const InterruptGuard guard;
    bool cancelling = false;
    std::uint64_t after = 0;
    for (;;) {
        const bool ended = jobs.follow(job, after, [&](const Value& event) {
            if (!event.is_null()) {
                after = static_cast<std::uint64_t>(event.at("number").integer());
                follower.hear(event);
            }
            return interrupts == 0;
        });
        if (ended) return follower.finish();
        if (cancelling) return follower.detached();
        switch (ask_what_now(invocation.console, jobs.detachable())) {
            case Wish::go_on: break;
            case Wish::detach: return follower.detached();
            case Wish::cancel:
                jobs.cancel(job);
                cancelling = true;
                invocation.console.note("cancelling; waiting for the targets to stop");
                break;
        }
    }
}

OneAnswer ask_one_target(Invocation& invocation, JobSource& jobs, const JobWanted& wanted) {
    const std::size_t count = jobs.count(wanted.expression);
    if (count > 1)
        throw Error(ErrorKind::usage, quoted(wanted.expression) + " means " + counted(count, "target") + "; one is wanted here");
    const std::string job = jobs.start(wanted).id;
    const InterruptGuard guard;
    OneAnswer answer;
    bool cancelling = false;
    std::uint64_t after = 0;
    const auto hear = [&](const Value& event) {
        if (event.is_null()) return cancelling || interrupts == 0;
        after = static_cast<std::uint64_t>(event.at("number").integer());
        if (event.at("event").text() == "target_ended") {
            answer.target = event.at("target").text();
            answer.end = event.at("body").at("end").text();
            if (const Value* reason = event.at("body").find("reason")) answer.reason = reason->text();
        }
        return cancelling || interrupts == 0;
    };
    if (invocation.console.text()) invocation.console.progress("waiting for " + escape_control(wanted.expression));
    while (!jobs.follow(job, after, hear)) {
        cancelling = true;
        jobs.cancel(job);
    }
    invocation.console.end_progress();
    if (!answer.target.empty()) answer.body = jobs.result(job, answer.target);
    return answer;
}

ExitCode run_job(Invocation& invocation, JobSource& jobs, const JobRun& run) {
    const JobStarted started = jobs.start(run.wanted);
    Console& console = invocation.console;
    if (run.wanted.operation == "states" || run.wanted.operation == "cmd") tell_of_pauses(console, started.paused);
    if (!console.text()) {
        Value value = Value::object();
        value.set("event", "job");
        value.set("job", started.id);
        value.set("targets", started.targets);
        console.object(value);
    } else if (run.detach || (run.wanted.operation == "states" && !console.quiet() && jobs.detachable())) {
        console.line("job " + started.id.substr(0, 10) + " on " + counted(started.targets, "target"));
        if (!run.detach) console.line("");
    }
    if (run.detach) return ExitCode::well;
    return follow_job(invocation, jobs, run, started.id, started.targets);
}

}  // namespace prove
