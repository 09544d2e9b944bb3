// A master that answers what it was told to, for tests of the API and of what stands on it. It remembers what it was
// asked, and for which permission.
#pragma once

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "master/commands/master.hpp"

namespace prove::test {

class FakeMaster final : public Master {
 public:
    static JobId job_id() { return JobId::from_text("01jd8zk4000000000000000000").value(); }

    // Adds an event to the job and wakes whoever watches it.
    void tell(const std::string& kind, const std::string& target = "", Value body = Value::object()) {
        const std::lock_guard lock(mutex_);
        EventRow row;
        row.job = job_id();
        row.number = events_.size() + 1;
        row.time_ms = 1'800'000'000'000;
        row.target = TargetId(target);
        row.kind = kind;
        row.body = std::move(body);
        events_.push_back(std::move(row));
        for (const auto& [id, changed] : watches_) changed();
    }
    std::size_t watchers() const {
        const std::lock_guard lock(mutex_);
        return watches_.size();
    }
    std::vector<std::string> asked() const {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

    Permission permission_for(const JobAsked& job) const override {
        if (job.operation == "ping") return Permission::ping;
        if (job.operation == "cmd") return Permission::cmd;
        if (job.operation == "states") return Permission::states_apply;
        throw Error(ErrorKind::usage, "there is no operation '" + job.operation + "'");
    }
    void submit(const Permit& permit, JobAsked job, Reply<JobMade> reply) override {
        note(permit, "submit " + job.operation + " " + job.expression + " " + write_json(job.options));
        answer(reply, JobMade{job_id(), 3, {{pause_row("web*", ""), {TargetId("web1")}}}});
    }
    BlobRef give_content(const Permit& permit, std::string bytes) override {
        note(permit, "content of " + std::to_string(bytes.size()));
        return {hash_of(bytes), bytes.size()};
    }
    void cancel(const Permit& permit, const JobId&, std::optional<TargetId> only, Reply<Nothing> reply) override {
        note(permit, "cancel " + (only ? only->text() : "all"));
        answer(reply, Nothing{});
    }
    JobId find_job(const std::string& text) const override {
        if (!text.empty() && job_id().text().rfind(text, 0) == 0) return job_id();
        throw Error(ErrorKind::missing, "there is no job '" + text + "'");
    }
    std::vector<JobView> jobs(const Permit& permit, const JobFilter& filter) const override {
        note(permit, "jobs " + std::to_string(filter.limit) + " " + filter.operation + " " + filter.target +
                         (filter.active_only ? " active" : "") + (filter.before ? " before" : "") +
                         (filter.by_hand_only ? " by hand" : "") + filter.schedule);
        return std::vector<JobView>(std::min<std::size_t>(filter.limit, 3), view());
    }
    JobView job(const Permit& permit, const JobId&) const override {
        note(permit, "job");
        return view();
    }
    std::optional<ResultRow> result(const Permit& permit, const JobId& id, const TargetId& target) const override {
        note(permit, "result " + target.text());
        if (target.text() != "web1") return std::nullopt;
        return ResultRow{id, target, 1, R"({"exit_code":0})"};
    }
    std::vector<RunRow> runs(const Permit& permit, const RunFilter& filter) const override {
        note(permit, "runs of " + filter.target.text() + " " + std::to_string(filter.limit) + " " + filter.operation +
                         (filter.notable_only ? " notable" : "") + (filter.before ? " before" : ""));
        return std::vector<RunRow>(std::min<std::size_t>(filter.limit, 3), run_row());
    }
    std::optional<RunRow> run(const Permit& permit, const JobId&, const TargetId& target) const override {
        note(permit, "run of " + target.text());
        return target.text() == "web1" ? std::optional(run_row()) : std::nullopt;
    }
    std::vector<EventRow> events(const Permit& permit, const JobId&, std::uint64_t after, std::size_t limit) const override {
        permit.expect(Permission::jobs_read);
        const std::lock_guard lock(mutex_);
        if (broken) throw Error(ErrorKind::failed, "the store is closed");
        std::vector<EventRow> page;
        for (std::size_t i = after; i < events_.size() && page.size() < limit; ++i) page.push_back(events_[i]);
        return page;
    }
    bool has_ended(const Permit& permit, const JobId&) const override {
        permit.expect(Permission::jobs_read);
        const std::lock_guard lock(mutex_);
        return std::any_of(events_.begin(), events_.end(), [](const auto& row) { return row.kind == "job_ended"; });
    }
    std::unique_ptr<Watch> watch(const Permit& permit, const JobId&, std::function<void()> changed) override {
        permit.expect(Permission::jobs_read);
        const std::lock_guard lock(mutex_);
        watches_.emplace(++last_watch_, std::move(changed));
        return std::make_unique<OneWatch>(*this, last_watch_);
    }
    std::vector<TargetRow> targets(const Permit& permit, const std::string& expression) const override {
        note(permit, "targets " + expression);
        std::vector<TargetRow> rows;
        for (const char* name : {"db1", "web1", "web2"}) {
            TargetRow row;
            row.name = TargetId(name);
            row.host = std::string(name) + ".example";
            row.executor = "agent";
            row.in_catalog = true;
            row.status = "connected";
            row.connected_ms = row.seen_ms = 1'800'000'000'000;
            if (std::string(name) == "web2") row.clock_ahead_ms = -10'800'000;
            row.version = "0.1.0";
            row.groups = {"web"};
            row.roles = {"webserver"};
            row.last_run = view().targets.front();
            row.pauses = {pause_row("web*", "nightly")};
            rows.push_back(std::move(row));
        }
        return rows;
    }
    Value drift(const Permit& permit, const std::string& expression, std::int64_t from_ms) const override {
        note(permit, "drift " + expression + " " + std::to_string(from_ms));
        return read_json(R"({"counts":{"converged":1},"targets":[{"target":"web1","standing":"converged","since_ms":1,"judged_ms":2,"job":"j","drift_ms":3}],
            "drift":[{"state":"motd","place":"site.yml:1:1","changes":[{"resource":"file /motd","aspect":"mode"}],
                      "targets":[{"target":"web1","end":"mended","since_ms":1,"found_ms":2,"job":"j"}]}],
            "unsteady":[{"state":"motd","targets":[{"target":"web1","changes":3,"applies":4}]}],
            "silent":[{"target":"db1","status":"unknown"}]})");
    }
    void overview(const Permit& permit, Reply<Overview> reply) override {
        note(permit, "overview");
        Overview view;
        view.version = "0.1.0";
        view.started_ms = 1'800'000'000'000;
        view.targets = {{"connected", 3}};
        view.silent = {{"web3", 1'800'000'000'000}};
        view.job_targets = {{TargetPhase::running, 1}};
        view.not_well = {run_row()};
        answer(reply, view);
    }
    void metrics(const Permit& permit, Reply<std::string> reply) override {
        note(permit, "metrics");
        answer(reply, std::string("prove_targets{status=\"connected\"} 3\n"));
    }
    CatalogStatus catalog(const Permit& permit) const override {
        note(permit, "catalog");
        CatalogStatus status;
        status.directory = "/etc/prove/catalog";
        status.hash = "abcd";
        status.loaded_ms = 1'800'000'000'000;
        status.targets = 3;
        Diagnostics problems;
        problems.error({}, "motd", "unknown argument 'pth'");
        status.problems = problems.sorted();
        return status;
    }
    void reload_catalog(const Permit& permit, Reply<CatalogStatus> reply) override {
        note(permit, "reload");
        CatalogStatus status;
        status.directory = "/etc/prove/catalog";
        answer(reply, status);
    }
    void graph(const Permit& permit, std::string target, Reply<Value> reply) override {
        note(permit, "graph " + target);
        answer(reply, read_json(R"({"states": [{"id": "a", "file": "states/site.yml", "line": 1, "functions": ["cmd.run"],
            "lazy": true}], "edges": [{"from": "a", "to": "a", "kind": "notify"}]})"));
    }
    void diff(const Permit& permit, std::string expression, std::string from, Reply<Value> reply) override {
        note(permit, "diff " + expression + " " + from);
        answer(reply, read_json(R"({"to": "cd", "same": 1, "targets": [{"target": "web1", "job": "01jd8zk4000000000000000000",
            "job_ms": 1, "from": "ab"}, {"target": "web2", "from": "ab"}, {"target": "web3", "reason": "never"}],
            "groups": [{"change": "changed", "targets": ["web1"], "diff": {"options": [{"name": "verify", "before": "true", "after": "false"}],
            "states": [{"state": "a", "change": "changed", "place": "states/site.yml:1:1", "summary": "cmd.run x",
            "fields": [{"name": "cmd.run: cmd", "hidden": true}, {"name": "x", "diff": "d"}], "after": "b"}]}}]})"));
    }
    std::vector<KeyRow> keys(const Permit& permit) const override {
        note(permit, "keys");
        return {key("web1", KeyState::pending)};
    }
    void accept_key(const Permit& permit, std::string which, std::optional<TargetId> name, bool replace,
                    Reply<KeyRow> reply) override {
        note(permit, "accept " + which + (name ? " as " + name->text() : "") + (replace ? " replace" : ""));
        decide(reply, which, KeyState::accepted);
    }
    void reject_key(const Permit& permit, std::string which, Reply<KeyRow> reply) override {
        note(permit, "reject " + which);
        decide(reply, which, KeyState::rejected);
    }
    void revoke_key(const Permit& permit, std::string which, Reply<KeyRow> reply) override {
        note(permit, "revoke " + which);
        decide(reply, which, KeyState::revoked);
    }
    void make_token(const Permit& permit, TokenAsked token, Reply<TokenMade> reply) override {
        note(permit, "token " + token.pattern + " " + std::to_string(token.lifetime_ms));
        answer(reply, TokenMade{"0123456789abcdef", "pt1.secret", 1'800'000'000'000});
    }
    std::vector<TokenRow> tokens(const Permit& permit) const override {
        note(permit, "tokens");
        TokenRow row;
        row.id = "0123456789abcdef";
        row.made_by = "root";
        row.created_ms = row.expires_ms = 1'800'000'000'000;
        return {row};
    }
    std::string fingerprint() const override { return "7k2m-9qxa"; }
    Value schedules(const Permit& permit) const override {
        note(permit, "schedules");
        Value one = schedule_shape();
        one.set("targets", 2);
        one.set("next_ms", 1'800'007'200'000);
        one.set("pauses", pause_shapes());
        Value value = Value::object();
        value.set("schedules", Value(Value::List{std::move(one)}));
        return value;
    }
    Value schedule(const Permit& permit, const std::string& name) const override {
        note(permit, "schedule " + name);
        Value one = schedule_shape();
        one.set("targets", 2);
        one.set("on", read_json(R"([{"target": "web1", "clock": "agent", "delay_ms": 720000, "next_ms": 1800007920000},
            {"target": "web2", "clock": "master", "delay_ms": 0, "next_ms": 1800007200000,
             "last": {"due_ms": 1799996400000, "job": "01jd8zk4000000000000000000", "end": "done"}}])"));
        return one;
    }
    std::vector<PauseView> pauses(const Permit& permit) const override {
        note(permit, "pauses");
        return {{pause_row("web*", ""), {TargetId("web1"), TargetId("web2")}}};
    }
    void pause(const Permit& permit, PauseAsked asked, Reply<PauseView> reply) override {
        note(permit, "pause " + asked.expression + " " + asked.schedule + " " + std::to_string(asked.for_ms) + " " + asked.why);
        answer(reply, PauseView{pause_row(asked.expression, asked.schedule), {TargetId("web1")}});
    }
    void resume(const Permit& permit, std::string expression, std::string schedule, Reply<PauseView> reply) override {
        note(permit, "resume " + expression + " " + schedule);
        answer(reply, PauseView{pause_row(expression, schedule), {}});
    }
    std::vector<AuditRow> audit(const Permit& permit, const AuditAsked& asked) const override {
        note(permit, "audit " + (asked.after ? "after " + std::to_string(*asked.after) : "newest") +
                         (asked.before == UINT64_MAX ? "" : " before " + std::to_string(asked.before)) + " " +
                         std::to_string(asked.limit));
        AuditRow row;
        row.number = 1;
        row.who = "root";
        row.command = "keys.accept";
        row.decision = "allowed";
        return {row};
    }
    AuditCheck check_audit(const Permit& permit) const override {
        note(permit, "check_audit");
        return {7, "abcd", std::nullopt};
    }

    std::shared_ptr<const Error> failure;   // what every change is answered with, where it is set
    std::int64_t at_once = 50;              // of its schedule
    std::atomic<bool> broken{false};        // reading events fails

 private:
    class OneWatch final : public Watch {
     public:
        OneWatch(FakeMaster& master, std::size_t id) : master_(master), id_(id) {}
        ~OneWatch() override {
            const std::lock_guard lock(master_.mutex_);
            master_.watches_.erase(id_);
        }

     private:
        FakeMaster& master_;
        std::size_t id_;
    };

    template <class T>
    void answer(const Reply<T>& reply, T value) const {
        Answer<T> result;
        if (failure) {
            result.error = failure;
        } else {
            result.value = std::move(value);
        }
        reply(std::move(result));
    }
    Value schedule_shape() const {
        Value shape = read_json(R"({"name": "nightly", "place": "schedules.yml:2:3", "target": "web*", "run": "states apply",
            "description": "keep them", "times": "at '0 3 * * *' UTC, spread over 30 min", "cron": "0 3 * * *", "timezone": "UTC",
            "splay_ms": 1800000, "windows": ["mon-fri 22:00-04:00"], "expires_ms": 3600000, "until_ms": 1900000000000})");
        shape.set("at_once", at_once);
        return shape;
    }
    static Value pause_shapes() { return Value(Value::List{shape_of(pause_row("web1", ""))}); }
    static PauseRow pause_row(const std::string& expression, const std::string& schedule) {
        return {schedule, expression, "moving racks", "alice", "socket uid 1000", 1'800'000'000'000, 1'800'007'200'000};
    }
    static KeyRow key(const std::string& name, KeyState state) {
        KeyRow row;
        row.name = TargetId(name);
        row.state = state;
        row.fingerprint = "7k2m-9qxa";
        row.first_seen_ms = row.last_seen_ms = 1'800'000'000'000;
        return row;
    }
    void decide(const Reply<KeyRow>& reply, const std::string& which, KeyState state) {
        if (which == "nobody") {
            Answer<KeyRow> none;
            none.error = std::make_shared<Error>(ErrorKind::missing, "there is no key 'nobody'");
            return reply(std::move(none));
        }
        answer(reply, key(which, state));
    }
    static JobView view() {
        JobView view;
        view.job.id = job_id();
        view.job.operation = "ping";
        view.job.expression = "web*";
        view.job.who = "root";
        view.job.from = "socket uid 0";
        view.job.created_ms = view.job.not_after_ms = 1'800'000'000'000;
        view.job.targets = 1;
        view.ends[TargetEnd::done] = 1;
        JobTargetRow row;
        row.job = job_id();
        row.target = TargetId("web1");
        row.phase = TargetPhase::ended;
        row.accepted_ms = row.ended_ms = 1'800'000'000'000;
        view.targets.push_back(row);
        return view;
    }
    static RunRow run_row() {
        const JobView job = view();
        return {job.job, job.targets.front()};
    }
    void note(const Permit& permit, const std::string& what) const {
        const std::lock_guard lock(mutex_);
        asked_.push_back(std::string(name_of(permit.permission())) + ": " + what);
    }

    mutable std::mutex mutex_;
    mutable std::vector<std::string> asked_;
    std::vector<EventRow> events_;
    std::map<std::size_t, std::function<void()>> watches_;
    std::size_t last_watch_ = 0;
};

}  // namespace prove::test
