// See lanes.hpp. The engine's door, execute(), is here too.
#include "agent/engine/lanes.hpp"

#include <algorithm>
#include <thread>

#include "agent/engine/runner.hpp"
#include "agent/host/overlay_host.hpp"
#include "proto/secret_text.hpp"

namespace prove {
namespace {

std::size_t lanes_of(const StateRun& run, RunMode mode, const EngineContext& context) {
    if (mode == RunMode::plan || !context.make_host) return 1;
    return static_cast<std::size_t>(std::max(run.options.parallelism, 1));
}

// The names that a claim's argument gives to what is claimed. Packages and accounts are kept in one database each; and
// two new files do not come into one folder at once.
void add_claim(const Claim& claim, const Value& value, Overlap::Claims& claims) {
    if (holds_what_is_known_later(value)) claims.unknown = true;
    if (claim.kind == "package") claims.names.insert("packages");
    if (claim.kind == "user" || claim.kind == "group") claims.names.insert("accounts");
    const auto add = [&](const Value& name) {
        if (!name.is_text()) return;
        if (claim.kind != "path") return void(claims.names.insert(claim.kind + " " + name.text()));
        claims.names.insert(name.text());
        claims.names.insert(name.text().substr(0, name.text().rfind('/') + 1));
    };
    if (value.is_list())
        for (const Value& name : value.list()) add(name);
    else
        add(value);
}

// What a late state will claim nobody knows yet: until then it runs alone.
Overlap::Claims claims_of(const Node& node, const FunctionRegistry& functions) {
    Overlap::Claims result;
    result.unknown = is_late(node);
    for (const Variant& variant : node.variants)
        for (const StatePart& part : variant.parts)
            if (const Function* function = functions.find(part.function))
                for (const Claim& claim : function->schema.claims)
                    if (const Value* value = part.arguments.find(claim.argument)) add_claim(claim, *value, result);
    return result;
}

Schedule schedule_of(const std::shared_ptr<LiveRun>& run, const EngineContext& context, std::size_t lanes) {
    const std::vector<Debt> owed = context.ledger.owed();
    if (lanes == 1) return Schedule(run, owed);
    return Schedule(run, owed, Overlap(run, owed, [&functions = context.functions](const Node& node) {
                        return claims_of(node, functions);
                    }));
}

}  // namespace

Lanes::Lanes(const StateRun& run, RunMode mode, const EngineContext& context, Host& host, PreparedRun prepared)
    : host_(host),
      count_(lanes_of(run, mode, context)),
      live_(std::make_shared<LiveRun>(run)),
      board_{.run = *live_,
             .mode = mode,
             .context = context,
             .prepared = std::move(prepared),
             .redactor = Redactor(context.secrets),
             .outputs = Outputs(run, mode, context.content, context.secrets),
             .schedule = schedule_of(live_, context, count_),
             .report = {},
             .causes = Causes(*live_, context.applied)} {}

RunReport Lanes::run() {
    RunReport& report = board_.report;
    const EngineContext& context = board_.context;
    report.target = board_.run.compiled.target;
    report.mode = board_.mode;
    report.catalog = board_.run.compiled.catalog;
    report.started_ms = context.clock.wall_ms();
    const std::int64_t began = context.clock.boot_ms();
    if (count_ == 1)
        run_one();
    else
        run_all();
    report.duration = std::chrono::milliseconds(context.clock.boot_ms() - began);
    if (board_.mode == RunMode::apply && context.applied != nullptr) *context.applied = board_.causes.after(report);
    finish_report();
    return std::move(report);
}

void Lanes::run_one() {
    const std::lock_guard lock(board_.mutex);
    Runner runner(board_, 0, host_);
    heed_cancellation(board_);
    while (auto step = board_.schedule.next()) runner.take(std::move(*step));
    strike_paid(board_);
}

void Lanes::run_all() {
    std::vector<std::thread> others;
    for (std::size_t lane = 1; lane < count_; ++lane) others.emplace_back([this, lane] { work(lane); });
    work(0);
    for (std::thread& other : others) other.join();
    if (fault_) std::rethrow_exception(fault_);
}

// Until no lane runs anything and nothing is left. A fresh host knows what the other lanes have changed.
void Lanes::work(std::size_t lane) {
    std::unique_lock lock(board_.mutex);
    while (!fault_) {
        heed_cancellation(board_);
        auto step = board_.schedule.next(lane);
        strike_paid(board_);
        if (!step && busy_ == 0) break;
        if (!step) {
            changed_.wait(lock);
            continue;
        }
        ++busy_;
        try {
            const std::unique_ptr<Host> host = board_.context.make_host();
            Runner(board_, lane, *host).take(std::move(*step));
        } catch (...) {
            fault_ = std::current_exception();
        }
        --busy_;
        changed_.notify_all();
    }
    changed_.notify_all();
}

void Lanes::finish_report() {
    RunReport& report = board_.report;
    const auto& notes = board_.schedule.notes();
    report.notes.insert(report.notes.begin(), notes.begin(), notes.end());
    const Cancellation* cancellation = board_.context.cancellation;
    if (cancellation && cancellation->cancelled()) {
        report.end = RunReport::End::cancelled;
        report.reason = cancellation->reason();
    }
    for (StateInvocation& invocation : report.invocations) {
        if (!is_failure(invocation.outcome)) continue;
        const auto node = board_.run.find(invocation.state);
        const auto rescuer = node ? board_.schedule.rescuer(*node) : std::nullopt;
        if (rescuer)
            invocation.rescued_by = board_.run.nodes[*rescuer].id;
        else if (report.end == RunReport::End::done)
            report.end = RunReport::End::failed;
    }
    board_.redactor.redact(report);
}

RunReport execute(const StateRun& run, RunMode mode, const EngineContext& context) {
    PreparedRun prepared;
    for (const Node& node : run.nodes) prepared.push_back(prepare(node, context.functions, context.content));
    if (mode == RunMode::apply) return Lanes(run, mode, context, context.host, std::move(prepared)).run();
    OverlayHost overlay(context.host);
    return Lanes(run, mode, context, overlay, std::move(prepared)).run();
}

}  // namespace prove
