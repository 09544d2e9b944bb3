// Events to text or to JSON lines.
#include "master/cli/job_follower.hpp"

#include <algorithm>
#include <utility>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/api/shapes.hpp"
#include "proto/fetched.hpp"
#include "proto/messages.hpp"

namespace prove {

namespace {

// An event as NDJSON shows it: {event, target?, time_ms, ...body}.
Value flat(const Value& event) {
    Value result = Value::object();
    result.set("event", event.at("event"));
    if (const Value* target = event.find("target")) result.set("target", *target);
    result.set("time_ms", event.at("time_ms"));
    for (const auto& member : event.at("body").mapping()) {
        if (member.key == "base64") {
            result.set("text", to_utf8_lossy(from_base64(member.value.text())));
        } else {
            result.set(member.key, member.value);
        }
    }
    return result;
}

// "/etc/motd, 286 bytes, hash 3f2a91c0..., to './motd'"
std::string fetched_text(const Value& body) {
    std::string text = body.at("path").text() + ", " + show_size(static_cast<std::uint64_t>(body.at("size").integer())) +
                       ", hash " + body.at("hash").text().substr(0, 16);
    const Value* file = body.find("file");
    if (file == nullptr) return text;
    return text + (body.at("changed").boolean() ? ", to " : ", was already in ") + quoted(file->text());
}

constexpr std::size_t most_compared = 1u << 20;  // more than any result keeps of a stream

std::string short_id(const std::string& job) {
    return job.substr(0, 10);
}

bool plan_found_something(const std::vector<TargetOutcome>& outcomes) {
    return std::any_of(outcomes.begin(), outcomes.end(), [](const TargetOutcome& outcome) {
        if (outcome.body.is_null() || outcome.body.find("report") == nullptr) return false;
        const OutcomeCounts counts = count(run_report_from(outcome.body.at("report")));
        return counts.would_change + counts.unknown > 0;
    });
}

// Throws Error for a result that is none of its operation's.
void check_result(const std::string& operation, const TargetOutcome& outcome) {
    if (outcome.body.is_null()) {
        if (operation == "facts" && outcome.end == "done") throw Error(ErrorKind::invalid, "there are no facts in it");
        return;
    }
    if (operation == "cmd" && outcome.body.find("diagnostics") == nullptr) (void)cmd_result_body_from(outcome.body);
    if (const Value* report = outcome.body.find("report"); report != nullptr && operation == "states")
        (void)run_report_from(*report);
    if (operation != "facts" || outcome.end != "done") return;
    (void)outcome.body.at("facts").mapping();
    if (const Value* problems = outcome.body.find("problems"))
        for (const Value& problem : problems->list()) (void)problem.text();
}

}  // namespace

void JobFollower::hear(const Value& event) {
    const std::string kind = event.at("event").text();
    now_ms_ = event.at("time_ms").integer();
    if (first_ms_ == 0) first_ms_ = now_ms_;
    const Value* target = event.find("target");
    const std::string name = target == nullptr ? "" : target->text();
    const Value& body = event.at("body");

    if (!console_.text() && kind != "target_ended" && kind != "job_ended") console_.object(flat(event));
    if (kind == "output") output(name, body);
    if (kind == "state_started") {
        at_[name] = body.at("state").text();
        at_since_[name] = now_ms_;
    }
    if (kind == "note" && console_.text() && !console_.quiet())
        console_.note(escape_control(name) + ": " + escape_control(body.at("text").text()));
    if (kind == "target_ended") target_ended(event);
    if (console_.text()) show_progress();
}

void JobFollower::output(const std::string& target, const Value& body) {
    if (!console_.text() || run_.wanted.operation != "cmd") return;
    const bool error = body.at("stream").text() == "stderr";
    const std::string bytes = from_base64(body.at("base64").text());
    std::string& heard = heard_[target + (error ? "!" : "")];
    if (heard.size() < most_compared) heard += bytes;
    say(target, bytes, error);
}

// Whole lines only, each with its target's name, so that the lines of several targets do not mix.
void JobFollower::say(const std::string& target, const std::string& bytes, bool error) {
    std::string& pending = partial_[target + (error ? "!" : "")];
    pending += bytes;
    const std::size_t end = pending.rfind('\n');
    if (end == std::string::npos && pending.size() < 64 * 1024) return;
    const std::string whole = end == std::string::npos ? pending : pending.substr(0, end + 1);
    pending.erase(0, whole.size());
    for (const auto& line : split_lines(to_utf8_lossy(whole))) {
        const std::string prefix = targets_ > 1 ? console_.coloured(Colour::bold, escape_control(target)) + "  " : "";
        console_.raw(prefix + escape_control_keep_lines(line) + "\n", error);
    }
}

// The result has what the events did not bring: they are not kept while agent and master have no connection.
void JobFollower::say_the_rest(const std::string& target, const std::string& all, bool error) {
    const std::string& heard = heard_[target + (error ? "!" : "")];
    if (heard.size() >= all.size()) return;
    if (all.starts_with(heard)) return say(target, all.substr(heard.size()), error);
    console_.note(escape_control(target) + ": some output was lost on its way; here is all of it");
    say(target, all, error);
}

// What a host says may be anything; one that says nonsense has failed, and the others are told as always.
void JobFollower::take_result(TargetOutcome& outcome) {
    outcome.body = jobs_.result(job_, outcome.target);
    try {
        check_result(run_.wanted.operation, outcome);
    } catch (const Error& error) {
        outcome.body = Value();
        if (outcome.end != "done" && !outcome.reason.empty()) return;
        outcome.end = "failed";
        outcome.reason = "its answer makes no sense: " + error.text();
    }
}

void JobFollower::target_ended(const Value& event) {
    const Value& body = event.at("body");
    TargetOutcome outcome;
    outcome.target = event.at("target").text();
    outcome.end = body.at("end").text();
    if (const Value* reason = body.find("reason")) outcome.reason = reason->text();
    if (const Value* cause = body.find("cause")) outcome.cause = cause->text();
    // Without a master events come in the order of names and not of time, and say themselves how long it took.
    const Value* ms = body.find("ms");
    const std::int64_t took = ms != nullptr ? ms->integer() : now_ms_ - first_ms_;
    outcome.duration = std::chrono::milliseconds(std::max<std::int64_t>(0, took));
    if (run_.wanted.operation != "ping" || outcome.cause == "catalog")
        take_result(outcome);
    if (run_.wanted.operation == "fetch") receive(outcome);
    at_.erase(outcome.target);
    if (!console_.text()) {
        Value result = Value::object();
        result.set("event", "result");
        result.set("target", outcome.target);
        result.set("time_ms", now_ms_);
        result.set("end", outcome.end);
        if (!outcome.reason.empty()) result.set("reason", outcome.reason);
        if (!outcome.cause.empty()) result.set("cause", outcome.cause);
        result.set("ms", outcome.duration.count());
        if (!outcome.body.is_null()) result.set("body", outcome.body);
        console_.object(result);
    } else {
        print_end(outcome);
    }
    outcomes_.push_back(std::move(outcome));
}

// Here the bytes end: they are not kept, nor shown by `jobs show`.
void JobFollower::receive(TargetOutcome& outcome) {
    try {
        if (outcome.end == "done" && run_.receive)
            outcome.body = run_.receive(outcome.target, outcome.body);
        else if (outcome.end == "done" && !outcome.body.is_null())
            (void)fetched_from(outcome.body);  // what comes from a target may be anything
    } catch (const Error& error) {
        outcome.end = "failed";
        outcome.reason = error.text();
    }
    outcome.body = without_bytes(std::move(outcome.body));
}

// What is printed for one target as soon as it has ended. States wait for the end, since equal ones become one block.
void JobFollower::print_end(const TargetOutcome& outcome) {
    const std::string& operation = run_.wanted.operation;
    if (operation == "states") return;
    const bool done = outcome.end == "done";
    const std::string name = console_.coloured(Colour::bold, escape_control(outcome.target));
    const std::string end = console_.coloured(done ? Colour::green : Colour::red, outcome.end);
    const std::string why = outcome.reason.empty() ? "" : ": " + escape_control(outcome.reason);
    if (operation == "ping" && done) return console_.line(name + "  answered in " + show_duration(outcome.duration));
    if (operation == "facts" && done) {
        console_.line(name);
        for (const auto& line : split_lines(write_yaml(outcome.body.at("facts"))))
            console_.line("  " + escape_control(line));
        if (const Value* problems = outcome.body.find("problems"))
            for (const auto& problem : problems->list())
                console_.note(escape_control(outcome.target + ": " + problem.text()));
        return;
    }
    if (operation == "fetch" && done && !outcome.body.is_null()) return console_.line(name + "  " + escape_control(fetched_text(outcome.body)));
    if (operation == "cmd" && !outcome.body.is_null()) {
        const CmdResultBody result = cmd_result_body_from(outcome.body);
        say_the_rest(outcome.target, result.out, false);
        say_the_rest(outcome.target, result.err, true);
    }
    // What came without a line end is told even when the command or its target went away.
    for (const char* stream : {"", "!"}) {
        const std::string rest = to_utf8_lossy(std::exchange(partial_[outcome.target + stream], ""));
        if (!rest.empty())
            console_.raw((targets_ > 1 ? name + "  " : "") + escape_control_keep_lines(rest) + "\n", *stream == '!');
    }
    if (operation == "cmd" && !outcome.body.is_null()) {
        const CmdResultBody result = cmd_result_body_from(outcome.body);
        if (done && result.exit_code == 0 && targets_ == 1) return;
        return console_.line(name + "  " + end + why +
                             (why.empty() ? ": exit code " + std::to_string(result.exit_code) : ""));
    }
    console_.line(name + "  " + end + why);
}

void JobFollower::show_progress() {
    std::string text = std::to_string(outcomes_.size()) + " of " + std::to_string(targets_) + " done";
    if (!at_.empty()) {
        const auto& [target, state] = *at_.begin();
        text += ", " + escape_control(target) + " at " + escape_control(state) + " (" +
                show_duration(std::chrono::milliseconds(now_ms_ - at_since_[target])) + ")";
    }
    console_.progress(text);
}

void JobFollower::finish_states() {
    Diagnostics diagnostics;
    std::vector<TargetOutcome> run;
    for (const auto& outcome : outcomes_) {
        const Value* found = outcome.body.is_null() ? nullptr : outcome.body.find("diagnostics");
        if (found != nullptr) {
            diagnostics.append(diagnostics_from(*found));
        } else {
            run.push_back(outcome);
        }
    }
    for (const auto& line :
         states_lines(run, run_.mode, console_.verbose(),
                      [this](Colour colour, std::string_view text) { return console_.coloured(colour, text); }))
        console_.line(line);
    for (const auto& diagnostic : diagnostics.sorted())
        console_.line(escape_control_keep_lines(diagnostic.full_text()));
    if (diagnostics.has_errors())
        console_.line(counted(diagnostics.error_count(), "error") + "; nothing was sent to the targets that have them");
}

ExitCode JobFollower::finish() {
    console_.end_progress();
    std::sort(outcomes_.begin(), outcomes_.end(), [](const auto& a, const auto& b) { return a.target < b.target; });
    const bool states = run_.wanted.operation == "states";
    const ExitCode result = code();
    if (!console_.text()) {
        Value summary = Value::object();
        summary.set("event", "summary");
        summary.set("job", job_);
        summary.set("targets", targets_);
        Value ends = Value::object();
        for (const auto& outcome : outcomes_) {
            const Value* before = ends.find(outcome.end);
            ends.set(outcome.end, (before == nullptr ? 0 : before->integer()) + 1);
        }
        summary.set("ends", std::move(ends));
        summary.set("exit_code", static_cast<int>(result));
        console_.object(summary);
        return result;
    }
    if (states) finish_states();
    if (console_.quiet() || (run_.wanted.operation != "states" && targets_ == 1)) return result;
    const std::string summary = states ? states_summary(outcomes_, run_.mode) : ends_summary(outcomes_);
    const std::string again = jobs_.detachable() ? "again: prove-cli jobs show " + short_id(job_) : "";
    console_.line("");
    console_.line(again.empty() ? summary
                                : summary + std::string(summary.size() < 40 ? 42 - summary.size() : 2, ' ') +
                                      console_.coloured(Colour::dim, again));
    return result;
}

ExitCode JobFollower::detached() {
    console_.note("detached; the job goes on: prove-cli jobs watch " + short_id(job_));
    return ExitCode::cancelled;
}

ExitCode JobFollower::code() const {
    const auto any = [this](std::initializer_list<const char*> ends) {
        return std::any_of(outcomes_.begin(), outcomes_.end(), [&](const TargetOutcome& outcome) {
            return std::find_if(ends.begin(), ends.end(), [&](const char* end) { return outcome.end == end; }) !=
                   ends.end();
        });
    };
    if (std::any_of(outcomes_.begin(), outcomes_.end(), [](const auto& outcome) { return outcome.cause == "catalog"; }))
        return ExitCode::catalog;
    if (any({"failed", "refused", "interrupted"})) return ExitCode::target_failed;
    if (any({"unreachable", "expired"}) || outcomes_.size() < targets_) return ExitCode::not_reached;
    if (any({"cancelled"})) return ExitCode::cancelled;
    if (run_.detailed_exit_code && run_.mode == RunMode::plan && plan_found_something(outcomes_))
        return ExitCode::plan_has_changes;
    return ExitCode::well;
}

}  // namespace prove
