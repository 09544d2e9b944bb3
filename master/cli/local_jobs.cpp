// Jobs in this process, on this machine, from a catalog: no master, no agent. The work runs in a thread of its own, so
// that Ctrl-C is heard while a command takes its time.
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <unistd.h>

#include "common/keys/secret.hpp"
#include "common/text/text.hpp"
#include "master/catalog/secret_token.hpp"
#include "master/cli/command_line.hpp"
#include "master/cli/job_source.hpp"
#include "master/cli/local_catalog.hpp"
#include "master/executors/local.hpp"

namespace prove {

namespace {

// Contents come from what the compiler has just made.
class CompiledContent final : public ContentSource {
 public:
    void add(const std::map<Hash, Blob>& blobs) {
        const std::lock_guard lock(mutex_);
        blobs_.insert(blobs.begin(), blobs.end());
    }
    std::string fetch(const Hash& hash) override {
        const std::lock_guard lock(mutex_);
        const auto found = blobs_.find(hash);
        if (found == blobs_.end()) throw Error(ErrorKind::missing, "the content " + hash.hex() + " is not in this run");
        return *found->second;
    }

 private:
    std::mutex mutex_;
    std::map<Hash, Blob> blobs_;
};

// Late states are compiled here, too.
class LocalLate final : public LateSource {
 public:
    LocalLate(const Compiler& compiler, CompileRequest request, CompiledContent& content)
        : compiler_(compiler), request_(std::move(request)), content_(content) {}
    LatePiece piece(const LateRequest& asked) override {
        try {
            CompiledPiece compiled = compiler_.compile_late(request_, asked);
            content_.add(compiled.blobs);
            return std::move(compiled.piece);
        } catch (const CatalogError& error) {
            throw told_in_a_run(error);
        }
    }

 private:
    const Compiler& compiler_;
    const CompileRequest request_;
    CompiledContent& content_;
};

std::string this_machine() {
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

class LocalJobs final : public JobSource, private ActionEvents {
 public:
    LocalJobs(const std::string& directory, bool here) : directory_(directory), here_(here) {}
    ~LocalJobs() override {
        cancellation_.cancel("prove-cli ended");
        if (worker_.joinable()) worker_.join();
    }

    std::size_t count(const std::string& expression) override { return catalog().matching(expression).size(); }

    JobStarted start(const JobWanted& wanted) override {
        const auto targets = catalog().matching(wanted.expression);
        if (targets.size() > 1)
            throw Error(ErrorKind::usage, prove::quoted(wanted.expression) + " means " + counted(targets.size(), "target") +
                                              "; without a master one at a time, this machine, can be worked on");
        target_ = targets.front();
        wanted_ = wanted;
        check_that_it_is_here();
        prepare();
        worker_ = std::thread([this] { work(); });
        return {"local", 1};
    }

    bool follow(const std::string&, std::uint64_t after, const std::function<bool(const Value&)>& on_event) override {
        for (;;) {
            std::unique_lock lock(mutex_);
            news_.wait_for(lock, std::chrono::milliseconds(100), [&] { return events_.size() > after; });
            if (events_.size() <= after) {
                lock.unlock();
                if (!on_event(Value())) return false;
                continue;
            }
            const Value event = events_[after++];
            lock.unlock();
            const bool last = event.at("event").text() == "job_ended";
            if (!on_event(event) && !last) return false;
            if (last) return true;
        }
    }

    Value result(const std::string&, const std::string&) override {
        const std::lock_guard lock(mutex_);
        return result_.body;
    }
    void cancel(const std::string&) override { cancellation_.cancel("cancelled by you"); }
    bool detachable() const override { return false; }

 private:
    LocalCatalog& catalog() {
        if (!catalog_) catalog_ = std::make_unique<LocalCatalog>(directory_);
        return *catalog_;
    }

    // States of another machine must never be made here by a slip: a name typed wrong, a catalog of the whole fleet.
    void check_that_it_is_here() {
        const Target& target = *catalog().catalog().target(TargetId(target_));
        const std::string machine = this_machine();
        const bool changes = wanted_.operation == "cmd" ||
                             (wanted_.operation == "states" && wanted_.options.at("mode").text() == "apply");
        const auto is = [&machine](const std::string& name) {
            return name == machine || name.substr(0, name.find('.')) == machine.substr(0, machine.find('.'));
        };
        if (here_ || !changes || target.executor == "local" || is(target.host) || is(target_)) return;
        throw Error(ErrorKind::usage, "target " + prove::quoted(target_) + " does not seem to be this machine (" +
                                          prove::quoted(machine) + "): say --here if it is, or give the target 'executor: local'");
    }

    // Whatever is wrong with the catalog is thrown here, before anything is done.
    void prepare() {
        body_ = wanted_.options;
        if (wanted_.operation != "states") return;
        CompileRequest request;
        request.target = TargetId(target_);
        request.facts = catalog().facts();
        if (const Value* variables = wanted_.options.find("variables")) request.variables = *variables;
        const auto choose = [&](const char* name, std::vector<std::string>& chosen) {
            if (const Value* names = wanted_.options.find(name))
                for (const auto& one : names->list()) chosen.push_back(one.text());
        };
        choose("states", request.states);
        choose("tags", request.tags);
        choose("skip_tags", request.skip_tags);
        Compiled compiled = catalog().compiler().compile(request);
        content_.add(compiled.blobs);
        late_ = std::make_unique<LocalLate>(catalog().compiler(), request, content_);
        StatesBody states;
        states.mode = wanted_.options.at("mode").text() == "apply" ? RunMode::apply : RunMode::plan;
        states.run = to_value(*compiled.run);
        if (!compiled.secrets.empty()) protect_process_memory();
        states.secrets = opened_secrets(compiled.secrets, default_secret_key());
        body_ = to_value(states);
    }

    void work() {
        LocalExecutor executor(catalog().functions(), clock_);
        ActionResult result;
        try {
            result = executor.open(TargetId(target_), content_, late_.get())->run(wanted_.operation, body_, *this, cancellation_);
        } catch (const Error& error) {
            result.end = JobResult::End::failed;
            result.reason = error.full_text();
        }
        Value body = Value::object();
        body.set("end", name_of(result.end));
        if (!result.reason.empty()) body.set("reason", result.reason);
        if (result.end == JobResult::End::failed && wanted_.operation == "states" && !result.body.is_null()) body.set("cause", "report");
        {
            const std::lock_guard lock(mutex_);
            result_ = std::move(result);
        }
        tell("target_ended", std::move(body));
        tell("job_ended", Value::object());
    }

    void tell(const char* kind, Value body) {
        Value event = Value::object();
        const std::lock_guard lock(mutex_);
        event.set("number", events_.size() + 1);
        event.set("time_ms", clock_.wall_ms());
        event.set("event", kind);
        event.set("target", target_);
        event.set("body", std::move(body));
        events_.push_back(std::move(event));
        news_.notify_all();
    }

    void output(const std::string& state, OutputStream stream, std::string_view bytes) override {
        Value body = Value::object();
        body.set("stream", stream == OutputStream::err ? "stderr" : "stdout");
        body.set("base64", to_base64(bytes));
        if (!state.empty()) body.set("state", state);
        tell("output", std::move(body));
    }
    void state_started(const StateInvocation& invocation) override {
        Value body = Value::object();
        body.set("state", invocation.state.text());
        tell("state_started", std::move(body));
    }
    void state_finished(const StateInvocation& invocation) override {
        Value body = Value::object();
        body.set("invocation", to_value(invocation));
        tell("state_finished", std::move(body));
    }
    void note(const std::string& text) override {
        Value body = Value::object();
        body.set("text", text);
        tell("note", std::move(body));
    }

    const std::string directory_;
    const bool here_;
    const SystemClock clock_;
    std::unique_ptr<LocalCatalog> catalog_;
    std::string target_;
    JobWanted wanted_;
    Value body_;
    CompiledContent content_;
    std::unique_ptr<LocalLate> late_;
    Cancellation cancellation_;
    std::thread worker_;
    std::mutex mutex_;
    std::condition_variable news_;
    std::deque<Value> events_;
    ActionResult result_;
};

}  // namespace

std::unique_ptr<JobSource> make_local_jobs(const std::string& catalog, bool here) {
    return std::make_unique<LocalJobs>(catalog, here);
}

}  // namespace prove
