// Jobs in this process, from a catalog: no master, no agent. Each target is worked on through its executor, several at
// a time, in threads of their own, so that Ctrl-C is heard while a command takes its time.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "common/text/text.hpp"
#include "common/time/random.hpp"
#include "master/cli/catalog_run.hpp"
#include "master/cli/event_order.hpp"
#include "master/cli/job_source.hpp"
#include "master/cli/local_catalog.hpp"
#include "master/cli/password_prompt.hpp"
#include "master/compile/ad_hoc.hpp"
#include "master/executors/local.hpp"
#include "master/executors/ssh.hpp"
#include "proto/diagnostics_value.hpp"

namespace prove {

namespace {

std::string this_machine() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

// One target of a job: its run, how it is reached, and what became of it.
struct CatalogTarget {
    CatalogTarget(LocalCatalog& catalog, const std::string& name, const JobWanted& wanted)
        : run(catalog, name, wanted) {}
    CatalogRun run;
    Executor* executor = nullptr;
    Value result;
};

// What is told while one target is at work.
class TargetEvents final : public ActionEvents {
  public:
    TargetEvents(EventOrder& order, std::size_t target) : order_(order), target_(target) {}
    void output(const std::string& state, OutputStream stream, std::string_view bytes) override {
        Value body = Value::object();
        body.set("stream", stream == OutputStream::err ? "stderr" : "stdout");
        body.set("base64", to_base64(bytes));
        if (!state.empty()) body.set("state", state);
        order_.tell(target_, "output", std::move(body));
    }
    void state_started(const StateInvocation& invocation) override {
        tell("state_started", "state", invocation.state.text());
    }
    void state_finished(const StateInvocation& invocation) override {
        tell("state_finished", "invocation", to_value(invocation));
    }
    void note(const std::string& text) override { tell("note", "text", text); }

  private:
    void tell(const char* kind, const char* key, Value value) {
        Value body = Value::object();
        body.set(key, std::move(value));
        order_.tell(target_, kind, std::move(body));
    }

    EventOrder& order_;
    std::size_t target_;
};

class CatalogJobs final : public JobSource {
  public:
    explicit CatalogJobs(CatalogJobOptions options) : options_(std::move(options)) {}
    ~CatalogJobs() override {
        cancellation_.cancel("prove-cli ended");
        if (order_) order_->close();
        for (auto& worker : workers_) worker.join();
    }

    std::size_t count(const std::string& expression) override { return catalog().matching(expression).size(); }

    // Whatever can be known to be wrong without reaching a host is thrown here, before anything is done.
    JobStarted start(const JobWanted& wanted) override {
        auto names = catalog().matching(wanted.expression);
        std::sort(names.begin(), names.end());
        wanted_ = wanted;
        if (const Value* state = wanted.options.find("state")) catalog().compiler().check(ad_hoc_from(*state));
        for (const std::string& name : names) {
            auto target = std::make_unique<CatalogTarget>(catalog(), name, wanted);
            target->executor = &executor_of(*catalog().catalog().target(TargetId(name)));
            targets_.push_back(std::move(target));
        }
        prepare_this_machine();
        order_ = std::make_unique<EventOrder>(std::move(names), clock_);
        const std::size_t workers = std::min(targets_.size(), std::max<std::size_t>(1, options_.parallel));
        at_work_ = workers;
        for (std::size_t i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
        if (ssh_) look_ahead();
        return {"local", targets_.size()};
    }

    bool follow(const std::string&, std::uint64_t after, const std::function<bool(const Value&)>& on_event) override {
        for (;;) {
            const auto event = order_->next(after, Milliseconds(100));
            if (!event) {
                if (!on_event(Value())) return false;
                continue;
            }
            ++after;
            const bool last = event->at("event").text() == "job_ended";
            if (!on_event(*event) && !last) return false;
            if (last) return true;
        }
    }

    Value result(const std::string&, const std::string& name) override {
        for (const auto& target : targets_)
            if (target->run.target() == name) return std::move(target->result);
        return {};
    }
    void cancel(const std::string&) override { cancellation_.cancel("cancelled by you"); }
    bool detachable() const override { return false; }

  private:
    LocalCatalog& catalog() {
        if (!catalog_) catalog_ = std::make_unique<LocalCatalog>(CatalogPlace{options_.catalog, options_.inventories});
        return *catalog_;
    }

    Executor& executor_of(const Target& target) {
        if (target.executor == "ssh" && !options_.here) {
            // Breaks of the rules for hosts and users show before the first of them is reached.
            (void)ssh_target_from(target.host, target.ssh);
            if (!ssh_) ssh_ = make_ssh();
            return *ssh_;
        }
        check_that_it_is_here(target);
        if (!local_) local_ = std::make_unique<LocalExecutor>(catalog().functions(), clock_);
        return *local_;
    }

    std::unique_ptr<Executor> make_ssh() {
        const auto resolve = [this](const TargetId& name) {
            const Target& target = *catalog().catalog().target(name);
            return ssh_target_from(target.host, target.ssh);
        };
        const auto ask = [this](const std::string& question) { return passwords_.ask(question, cancellation_); };
        SshTools tools = user_ssh_tools(ask);
        tools.config = options_.ssh_config;
        return std::make_unique<SshExecutor>(resolve, std::move(tools), clock_, random_);
    }

    // States of another machine must never be made here by a slip: a name typed wrong, a catalog of the whole fleet. Nor
    // is a file of this machine to be taken for that of another one.
    void check_that_it_is_here(const Target& target) const {
        const std::string machine = this_machine();
        const bool matters = wanted_.operation == "cmd" || wanted_.operation == "fetch" ||
                             (wanted_.operation == "states" && wanted_.options.at("mode").text() == "apply");
        const auto is = [&machine](const std::string& name) {
            return name == machine || name.substr(0, name.find('.')) == machine.substr(0, machine.find('.'));
        };
        if (options_.here || !matters || target.executor == "local" || is(target.host) || is(target.id.text())) return;
        throw Error(ErrorKind::usage, "target " + quoted(target.id.text()) + " does not seem to be this machine (" +
                                          quoted(machine) +
                                          "): say --here if it is, or give the target 'executor: local'");
    }

    // Of this machine the facts are known.
    void prepare_this_machine() {
        std::size_t here = 0;
        for (const auto& target : targets_) here += target->executor == local_.get() ? 1 : 0;
        if (here > 1)
            throw Error(ErrorKind::usage,
                        quoted(wanted_.expression) + " means " + counted(here, "target") +
                            " that would all be this machine; without a master it is one at a time, and others "
                            "by 'executor: ssh'");
        for (const auto& target : targets_)
            if (target->executor == local_.get()) target->run.prepare(catalog().facts());
    }

    void work() {
        for (std::size_t i = next_++; i < targets_.size(); i = next_++) {
            CatalogTarget& target = *targets_[i];
            TargetEvents events(*order_, i);
            const std::int64_t begun_ms = clock_.boot_ms();
            Value ended = carry_out(target, events);
            ended.set("ms", clock_.boot_ms() - begun_ms);
            order_->end(i, std::move(ended));
        }
        leave_together();
    }

    // While the first host is connected to, what does not hang on its facts is rendered and read.
    void look_ahead() {
        for (const auto& target : targets_) {
            if (target->executor != ssh_.get()) continue;
            {
                const std::lock_guard lock(leaving_);
                ++at_work_;
            }
            workers_.emplace_back([this, run = &target->run] {
                run->look_ahead();
                leave_together();
            });
            return;
        }
    }

    // A render worker ends with the thread that started it, and may be at work for another one.
    void leave_together() {
        std::unique_lock lock(leaving_);
        --at_work_;
        all_done_.notify_all();
        all_done_.wait(lock, [this] { return at_work_ == 0; });
    }

    // The body of the event that tells its end.
    Value carry_out(CatalogTarget& target, TargetEvents& events) {
        if (cancellation_.cancelled()) return ending("cancelled", cancellation_.reason());
        try {
            ActionResult result = target.run.carry_out(*target.executor, events, cancellation_);
            Value body = ending(name_of(result.end), result.reason);
            if (result.end == JobResult::End::failed && wanted_.operation == "states" && !result.body.is_null())
                body.set("cause", "report");
            target.result = std::move(result.body);
            return body;
        } catch (const CatalogError& error) {
            target.result = Value::object();
            target.result.set("diagnostics", to_value(error.diagnostics()));
            Value body =
                ending("failed", "its states do not compile: " + counted(error.diagnostics().error_count(), "problem") +
                                     "; nothing was sent to it");
            body.set("cause", "catalog");
            return body;
        } catch (const Error& error) {
            if (cancellation_.cancelled()) return ending("cancelled", cancellation_.reason());
            return ending(error.kind() == ErrorKind::unavailable ? "unreachable" : "failed", error.full_text());
        } catch (const std::exception& fault) {
            return ending("failed", std::string("a fault of Prove's own: ") + fault.what());
        }
    }

    static Value ending(const std::string& end, const std::string& reason) {
        Value body = Value::object();
        body.set("end", end);
        if (!reason.empty()) body.set("reason", reason);
        return body;
    }

    const CatalogJobOptions options_;
    const SystemClock clock_;
    SystemRandom random_;
    PasswordPrompt passwords_;
    std::unique_ptr<LocalCatalog> catalog_;
    JobWanted wanted_;
    std::unique_ptr<Executor> local_, ssh_;
    std::vector<std::unique_ptr<CatalogTarget>> targets_;
    std::unique_ptr<EventOrder> order_;
    Cancellation cancellation_;
    std::atomic<std::size_t> next_{0};
    std::mutex leaving_;
    std::condition_variable all_done_;
    std::size_t at_work_ = 0;
    std::vector<std::thread> workers_;
};

}  // namespace

std::unique_ptr<JobSource> make_catalog_jobs(const CatalogJobOptions& options) {
    return std::make_unique<CatalogJobs>(options);
}

}  // namespace prove
