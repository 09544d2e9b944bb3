// The daemon once it is enrolled: the core and everything around it, until told to stop.
#include <algorithm>

#include "agent/daemon/daemon.hpp"
#include "agent/daemon/pinned_contents.hpp"
#include "agent/daemon/memory_use.hpp"
#include "agent/daemon/work.hpp"
#include "agent/facts/facts.hpp"
#include "agent/host/linux_host.hpp"
#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "common/transport/zeromq.hpp"

namespace prove {

namespace {

constexpr std::int64_t facts_every_ms = 3'600'000;
constexpr std::int64_t metrics_every_ms = 60'000;
constexpr std::int64_t patience_with_jobs_ms = 8'000;        // after SIGTERM, before they are cancelled
constexpr std::int64_t patience_with_stop_ms = 17'000;       // and before they are left to be reported as interrupted

ZeromqClientSettings address_of(const Enrolled& enrolled, const KeyRing& keys, const KeysetDocument& keyset,
                                const std::string& master) {
    const auto pin = at_address(enrolled.pin, master);
    ZeromqClientSettings address;
    address.host = pin.host;
    address.ports = {pin.publish_port, pin.router_port, pin.enrol_port};
    address.server_key = keyset.transport.front();
    address.own = {keys.transport.public_key(), {keys.transport.secret().data(), keys.transport.secret().size()}};
    return address;
}

std::string private_folder(const std::string& path) {
    make_private_folder(path);
    return path;
}

std::string boot_id() {
    const auto id = find_whole_file("/proc/sys/kernel/random/boot_id", 100).value_or("");
    return std::string(trim(id));
}

}  // namespace

// In order of making; what stands later uses what stands before.
struct Daemon::Serving {
    PosixDisk disk;
    AgentJournal journal;
    Trust trust;
    KeyEnvelopeSigner signer;
    std::unique_ptr<ClientTransport> net;
    ContentCache cache;
    PinnedContents kept_contents;
    ContentExchange contents;
    LateCache late_cache;
    LateExchange late;
    AgentWork work;
    std::unique_ptr<AgentCore> core;
    // Last: its end waits for the jobs, which use all of the above.
    std::unique_ptr<JobThreads> threads;

    explicit Serving(Daemon& daemon)
        : disk(private_folder(daemon.store_.journal_folder())),
          journal(disk, daemon.random_, daemon.log_),
          trust(daemon.enrolled_->pin.cluster, daemon.enrolled_->roots, daemon.enrolled_->keyset,
                [&daemon](const std::string& keyset, const RootSet& roots) {
                    daemon.enrolled_->keyset = keyset;
                    daemon.enrolled_->roots = roots;
                    daemon.store_.set_enrolled(*daemon.enrolled_);
                }),
          signer(daemon.keys_.sign),
          net(make_zeromq_client(
              address_of(*daemon.enrolled_, daemon.keys_, trust.keyset(), daemon.settings_.master), daemon.random_)),
          cache(daemon.store_.cache_folder(), daemon.settings_.cache_bytes),
          kept_contents(cache, daemon.log_),
          contents(cache,
                   [this, &daemon](const JobId& job, std::vector<BlobRef> blobs) {
                       daemon.inbox_.post([this, job, blobs = std::move(blobs)] { core->want(job, blobs); });
                   }),
          late_cache(daemon.store_.late_folder(), 500),
          late(late_cache,
               [this, &daemon](const JobId& job, const LateRequest& request, std::vector<std::string> kept) {
                   daemon.inbox_.post(
                       [this, job, request, kept = std::move(kept)] { core->ask_late(job, request, kept); });
               }),
          work({daemon.clock_, contents, late, private_folder(daemon.settings_.ledger), daemon.settings_.facts,
                [this, &daemon](JobEvent event) {
                    daemon.inbox_.post_if_room([this, event = std::move(event)] { core->event(event); });
                }}) {
        threads = std::make_unique<JobThreads>(work, daemon.clock_, [this, &daemon](JobResult result) {
            daemon.inbox_.post([this, result = std::move(result)] { core->finished(result); });
        });
        core = std::make_unique<AgentCore>(AgentCore::Parts{
            {daemon.enrolled_->pin.cluster, daemon.keys_.sign.key_id(), signer, daemon.keys_.seal}, trust, journal,
            disk, *net, *threads, daemon, daemon.clock_, daemon.random_, daemon.log_, prove_version(), boot_id()});
    }
};

void Daemon::serve() {
    Serving serving(*this);
    serving_ = &serving;
    const LoopWait::Attached attached(wait_, *serving.net);
    LinuxHost host(clock_);
    const auto facts = gather_facts(host, {{}, settings_.facts});
    for (const auto& problem : facts.problems) log_.warning("a custom fact is missing", {{"problem", problem}});
    serving.core->set_facts(facts.values);
    facts_at_boot_ms_ = clock_.boot_ms() + facts_every_ms;
    serving.core->start();
    if (!settings_.metrics_file.empty()) metrics_at_boot_ms_ = clock_.boot_ms();
    give_memory_back();
    serve_loop(serving);
    // A job that does not end is not waited for: its thread would hold up the stop, and what it did is reported as
    // interrupted by the next start.
    if (gave_up_) {
        log_.warning("jobs did not end in time; they will be reported as interrupted");
        std::_Exit(1);
    }
    serving.threads.reset();
    inbox_.run();
    serving_ = nullptr;
}

void Daemon::serve_loop(Serving& serving) {
    while (!may_end(serving)) {
        const auto now = clock_.boot_ms();
        auto next = std::min({serving.core->next_ms(), facts_at_boot_ms_, metrics_at_boot_ms_}) - now;
        if (stopping_) next = std::min<std::int64_t>(next, 200);
        for (const auto& event : serving.net->receive(Milliseconds(std::clamp<std::int64_t>(next, 0, 3'600'000))))
            serving.core->handle(event);
        inbox_.run();
        serving.core->tick();
        if (clock_.boot_ms() >= facts_at_boot_ms_) gather_facts_again();
        if (clock_.boot_ms() >= metrics_at_boot_ms_) write_metrics();
    }
}

bool Daemon::may_end(Serving& serving) {
    if (!stopping_ && !draining_) return false;
    serving.core->drain(stopping_ ? "stopping" : "restarting when idle");
    if (serving.core->idle()) return true;
    if (!stopping_) return false;
    const auto passed = clock_.boot_ms() - stop_boot_ms_;
    if (passed > patience_with_jobs_ms) serving.core->cancel_all("prove-agent was stopped");
    gave_up_ = passed > patience_with_stop_ms;
    return gave_up_;
}

Value Daemon::serving_status() const {
    Value value = Value::object();
    if (serving_ == nullptr) return value;
    const auto status = serving_->core->status();
    value.set("connection", name_of(status.link));
    value.set("connection_since_s", (clock_.boot_ms() - status.link_since_ms) / 1000);
    value.set("trouble", status.trouble);
    value.set("jobs_running", static_cast<std::int64_t>(status.running));
    value.set("results_waiting", static_cast<std::int64_t>(status.unsent));
    value.set("clock_ahead_ms", status.clock_skew_ms);
    value.set("cache_bytes", static_cast<std::int64_t>(serving_->cache.bytes()));
    const auto kept = serving_->kept_contents.figures();
    Value contents = Value::object();
    contents.set("needed", static_cast<std::int64_t>(kept.contents));
    contents.set("here", static_cast<std::int64_t>(kept.here));
    contents.set("without_room", static_cast<std::int64_t>(kept.left_out));
    value.set("kept_contents", std::move(contents));
    value.set("keyset_version", static_cast<std::int64_t>(serving_->trust.keyset().version));
    value.set("draining", status.draining);
    Value refused = Value::object();
    for (const auto& [reason, times] : status.refused) refused.set(reason, static_cast<std::int64_t>(times));
    value.set("refused", std::move(refused));
    value.set("schedules", serving_->core->schedules_status());
    return value;
}

void Daemon::ask_for_run(const Value& asked, const ControlServer::Reply& reply, const ControlServer::Fail& fail) {
    if (serving_ == nullptr) return fail("this agent is not enrolled yet: " + enrolment_state_);
    if (draining_ || stopping_) return fail("this agent is about to restart");
    const auto mode = asked.at("plan").boolean() ? RunMode::plan : RunMode::apply;
    const auto request = random_.bytes<MessageId>().hex();
    if (!serving_->core->request_run(request, mode)) {
        const auto trouble = serving_->core->status().trouble;
        return fail("not connected to the master" + (trouble.empty() ? "" : ": " + trouble));
    }
    runs_asked_[request] = {reply, fail};
}

// Usually one answer: the job that the request became, or why it became none. A second one tells that the job ended
// before anything could be sent here: its states do not compile, say.
void Daemon::run_answered(const RunReply& answer) {
    const auto asked = runs_asked_.find(answer.request);
    if (asked == runs_asked_.end()) {
        const auto waits = answer.error.empty() ? runs_.end() : runs_.find(answer.job);
        if (waits == runs_.end()) return;
        waits->second.fail(answer.error);
        runs_.erase(waits);
        return;
    }
    if (!answer.error.empty())
        asked->second.fail(answer.error);
    else
        runs_[answer.job] = std::move(asked->second);
    runs_asked_.erase(asked);
}

void Daemon::job_ended(const JobResult& result) {
    if (!settings_.metrics_file.empty()) {
        metrics_.ended(result);
        metrics_at_boot_ms_ = clock_.boot_ms();
    }
    const auto asked = runs_.find(result.job);
    if (asked != runs_.end()) {
        asked->second.reply(to_value(result));
        runs_.erase(asked);
    }
    inbox_.post([] { give_memory_back(); });
    facts_at_boot_ms_ = std::min(facts_at_boot_ms_, clock_.boot_ms() + 5'000);
}

void Daemon::write_metrics() {
    metrics_at_boot_ms_ = clock_.boot_ms() + metrics_every_ms;
    metrics_file_.write(metrics_.text(serving_->core->status(), clock_));
}

void Daemon::gather_facts_again() {
    facts_at_boot_ms_ = clock_.boot_ms() + facts_every_ms;
    if (facts_thread_.joinable()) facts_thread_.join();      // of an hour ago
    facts_thread_ = std::thread([this] {
        LinuxHost host(clock_);
        auto facts = gather_facts(host, {{}, settings_.facts}).values;
        inbox_.post([this, facts = std::move(facts)] {
            if (serving_ != nullptr) serving_->core->set_facts(facts);
            give_memory_back();
        });
    });
}

void Daemon::content_arrived(const Transfers::Outcome& outcome) {
    serving_->contents.arrived(outcome);
    if (outcome.failure.empty()) serving_->kept_contents.arrived(outcome.blob.hash);
}

void Daemon::kept(const StatesBody& run) { serving_->kept_contents.keep(run); }

void Daemon::late_answered(const LateReply& reply, const std::vector<std::string>& frames) {
    serving_->late.answered(reply, frames);
}

void Daemon::named(const std::string& name) {
    if (name == enrolled_->name) return;
    enrolled_->name = name;
    store_.set_enrolled(*enrolled_);
}

}  // namespace prove
