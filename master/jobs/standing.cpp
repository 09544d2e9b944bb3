// See standing.hpp.
#include "master/jobs/standing.hpp"

#include <algorithm>
#include <map>

#include "common/text/utf8.hpp"

namespace prove {
namespace {

// A host says what drifted: what is kept of it has its limits.
constexpr std::size_t most_states = 50, most_changes = 10, most_text = 200, most_diff = 1000;
constexpr std::size_t most_unsteady = 200, applies_remembered = 12, changes_to_be_unsteady = 3;

struct StateFound {
    bool changed = false;  // or would
    bool drifted = false;
    bool mended = true;
    std::string place;
    Value changes = Value::array();
};

// A reload that a mended drift asked for is no drift in itself, nor is a group.
bool counts(const StateInvocation& invocation) {
    if (!invocation.changed || invocation.parts.empty()) return false;
    if (invocation.why == StateInvocation::Why::written) return true;
    return std::any_of(invocation.parts.begin(), invocation.parts.end(), [](const StatePartInvocation& part) {
        return std::any_of(part.changes.begin(), part.changes.end(), [](const Change& change) { return !change.event; });
    });
}

std::string cut(const std::string& text, std::size_t most) {
    return text.size() <= most ? text : to_utf8_lossy(text.substr(0, most)) + "...";
}

Value shown(const Change& change) {
    Value value = Value::object();
    value.set("resource", cut(change.resource, most_text));
    value.set("aspect", cut(change.aspect, most_text));
    if (!change.before.empty()) value.set("before", cut(change.before, most_text));
    if (!change.after.empty()) value.set("after", cut(change.after, most_text));
    if (!change.diff.empty()) value.set("diff", cut(change.diff, most_diff));
    return value;
}

std::map<std::string, StateFound> states_found(const RunReport& report) {
    std::map<std::string, StateFound> states;
    for (const StateInvocation& invocation : report.invocations) {
        StateFound& state = states[invocation.state.text()];
        if (!counts(invocation)) continue;
        state.changed = true;
        if (invocation.cause != Cause::drift) continue;
        state.drifted = true;
        state.mended = report.mode == RunMode::apply && invocation.outcome == Outcome::changed;
        state.place = invocation.position.text();
        for (const StatePartInvocation& part : invocation.parts)
            for (const Change& change : part.changes)
                if (state.changes.list().size() < most_changes) state.changes.push(shown(change));
    }
    return states;
}

Standing standing_of(const RunReport& report) {
    const OutcomeCounts counts = count(report);
    if (report.end == RunReport::End::failed || counts.failed + counts.unproved > 0) return Standing::failed;
    if (counts.would_change + counts.unknown > 0) return Standing::differs;
    return counts.held > 0 ? Standing::held : Standing::converged;
}

// Commands that are wanted in every run move nothing.
bool moved_something(const RunReport& report) {
    for (const StateInvocation& invocation : report.invocations)
        for (const StatePartInvocation& part : invocation.parts)
            for (const Change& change : part.changes)
                if (!change.event || invocation.cause == Cause::drift) return true;
    return false;
}

void judge(StandingRow& row, const JudgedRun& run, const RunReport& report) {
    const Standing standing = standing_of(report);
    const bool stays = row.judged_ms != 0 && row.standing == standing;
    if (!stays || (standing == Standing::converged && moved_something(report))) row.since_ms = run.time_ms;
    row.standing = standing;
    row.judged_ms = run.time_ms;
    row.job = run.job;
    row.catalog = report.catalog;
    row.found.set("begun_ms", run.begun_ms);
}

// What drifted, without what became of it: equal for the same drift found again.
Value only_what(const Value& states) {
    Value result = Value::array();
    for (const Value& state : states.list()) {
        Value entry = Value::object();
        for (const char* name : {"state", "changes"}) entry.set(name, state.at(name));
        result.push(std::move(entry));
    }
    return result;
}

Value drift_of(const std::map<std::string, StateFound>& states, const JudgedRun& run) {
    Value list = Value::array();
    std::int64_t more = 0;
    bool open = false;
    for (const auto& [id, state] : states) {
        if (!state.drifted) continue;
        open = open || !state.mended;
        if (list.list().size() == most_states) {
            ++more;
            continue;
        }
        Value entry = Value::object();
        entry.set("state", id);
        entry.set("place", cut(state.place, most_text));
        entry.set("end", state.mended ? "mended" : "open");
        entry.set("changes", state.changes);
        list.push(std::move(entry));
    }
    if (list.list().empty()) return {};
    Value drift = Value::object();
    drift.set("since_ms", run.time_ms);
    drift.set("job", run.job.text());
    drift.set("end", open ? "open" : "mended");
    drift.set("states", std::move(list));
    if (more > 0) drift.set("more", more);
    return drift;
}

bool is_open(const Value* drift) {
    return drift != nullptr && drift->at("end").text() == "open";
}

void remember_drift(StandingRow& row, const std::map<std::string, StateFound>& states, const JudgedRun& run,
                    bool whole) {
    Value drift = drift_of(states, run);
    const Value* before = row.found.find("drift");
    if (drift.is_null()) {
        if (!whole || !is_open(before)) return;
        drift = *before;
        drift.set("end", "gone");
    } else {
        if (is_open(before) && only_what(before->at("states")) == only_what(drift.at("states")))
            drift.set("since_ms", before->at("since_ms"));
        row.drift_ms = run.time_ms;
    }
    row.found.set("drift", std::move(drift));
}

void remember_changes(StandingRow& row, const std::map<std::string, StateFound>& states, const RunReport& report,
                      bool whole) {
    const Value* applied = row.found.find("applied");
    const bool same_catalog = applied != nullptr && applied->text() == report.catalog;
    std::map<std::string, std::string> recent;
    if (const Value* kept = row.found.find("recent"))
        for (const auto& member : kept->mapping()) recent[member.key] = member.value.text();
    for (const auto& [id, state] : states) {
        const char mark = state.drifted ? 'd' : state.changed && same_catalog ? 'c' : '.';
        if (mark != '.' && recent.size() < most_unsteady) recent.try_emplace(id);
        if (const auto found = recent.find(id); found != recent.end()) found->second += mark;
    }
    Value kept = Value::object();
    for (auto& [id, marks] : recent) {
        if (whole && states.count(id) == 0) marks += '.';  // it waits to be asked, or is gone
        if (marks.size() > applies_remembered) marks.erase(0, marks.size() - applies_remembered);
        if (marks.find_first_not_of('.') != std::string::npos) kept.set(id, marks);
    }
    row.found.set("recent", std::move(kept));
    if (whole) row.found.set("applied", report.catalog);
}

}  // namespace

StandingRow standing_after(const std::optional<StandingRow>& before, const JudgedRun& run, const RunReport& report,
                           bool whole) {
    StandingRow row;
    if (before && before->key == run.key) row = *before;
    row.target = run.target;
    row.key = run.key;
    const Value* judged_begun = row.found.find("begun_ms");
    if (judged_begun != nullptr && run.begun_ms < judged_begun->integer()) return row;
    const bool complete = report.end == RunReport::End::done || report.end == RunReport::End::failed;
    const auto states = states_found(report);
    if (whole && complete) judge(row, run, report);
    remember_drift(row, states, run, whole && complete);
    if (report.mode == RunMode::apply && complete) remember_changes(row, states, report, whole);
    return row;
}

std::vector<UnsteadyState> unsteady_states(const StandingRow& row) {
    std::vector<UnsteadyState> result;
    const Value* recent = row.found.find("recent");
    if (recent == nullptr) return result;
    for (const auto& member : recent->mapping()) {
        const std::string& marks = member.value.text();
        const auto changes =
            std::count_if(marks.begin(), marks.end(), [](char mark) { return mark == 'd' || mark == 'c'; });
        if (changes >= static_cast<std::ptrdiff_t>(changes_to_be_unsteady))
            result.push_back({member.key, static_cast<int>(changes), static_cast<int>(marks.size())});
    }
    return result;
}

}  // namespace prove
