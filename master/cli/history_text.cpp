// Folding, columns, and the few states that a run's summary names.
#include "master/cli/history_text.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/cli/job_text.hpp"
#include "master/cli/table.hpp"

namespace prove {

namespace {

std::string text_in(const Value& value, const char* key) {
    const Value* found = value.find(key);
    return found == nullptr ? "" : found->text();
}

std::int64_t number_in(const Value& value, const char* key) {
    const Value* found = value.is_mapping() ? value.find(key) : nullptr;
    return found == nullptr ? 0 : found->integer();
}

const Value& summary_of(const Value& run) {
    static const Value none = Value::object();
    const Value* summary = run.find("summary");
    return summary != nullptr && summary->is_mapping() ? *summary : none;
}

// When it happened: it was done, began, or was asked for.
std::int64_t time_of(const Value& run) {
    for (const char* const key : {"ended_ms", "accepted_ms"})
        if (const Value* time = run.find(key)) return time->integer();
    return run.at("created_ms").integer();
}

std::string by(const Value& run) {
    const std::string schedule = text_in(run, "schedule");
    return schedule.empty() ? text_in(run, "who") : "schedule " + schedule;
}

std::string counts_text(const Value& summary) {
    std::vector<std::string> parts;
    const auto add = [&](const char* key, const char* word) {
        if (const auto number = number_in(summary, key); number > 0) parts.push_back(std::to_string(number) + " " + word);
    };
    add("failed", "failed");
    add("unproved", "unproved");
    add("rescued", "rescued");
    add("changed", "changed");
    add("would_change", "would change");
    add("unknown", "unknown");
    add("held", "held");
    add("skipped", "skipped");
    add("ok", "ok");
    return join(parts, ", ");
}

std::string end_text(const Value& run) {
    const std::string end = text_in(run, "end");
    if (end.empty()) return text_in(run, "phase");
    const std::string counts = counts_text(summary_of(run));
    if (end == "done") return counts.empty() ? end : counts;
    const bool counted_failure = end == "failed" && !counts.empty();
    return counted_failure ? counts : end + (counts.empty() ? "" : ", " + counts);
}

Colour colour_of(const Value& run) {
    const Value& summary = summary_of(run);
    if (const auto end = text_in(run, "end"); end.empty()) return Colour::cyan;
    else if (end != "done") return Colour::red;
    if (number_in(summary, "changed") + number_in(summary, "would_change") + number_in(summary, "rescued") > 0)
        return Colour::yellow;
    return number_in(summary, "unknown") + number_in(summary, "held") > 0 ? Colour::cyan : Colour::green;
}

// A run of states that found everything as it should be.
bool had_nothing_to_do(const Value& run) {
    return text_in(run, "end") == "done" && text_in(run, "operation") == "states" && colour_of(run) == Colour::green;
}

struct Line {
    std::string job, when, who, what, end;
    Colour colour = Colour::plain;
    std::vector<std::string> below;
};

std::vector<std::string> states_below(const Value& run, const Colouring& colour) {
    const Value& summary = summary_of(run);
    const Value* states = summary.find("states");
    std::vector<std::string> lines;
    if (states == nullptr) return lines;
    std::size_t width = 0;
    for (const auto& state : states->list()) width = std::max(width, utf8_length(escape_control(state.at("state").text())));
    for (const auto& state : states->list()) {
        const std::string outcome = state.at("outcome").text(), cause = text_in(state, "cause");
        const bool bad = outcome == "failed" || outcome == "unproved";
        const char* const mark = bad ? "x" : outcome == "unknown" || outcome == "held" ? "?" : "~";
        lines.push_back("    " + colour(bad ? Colour::red : *mark == '?' ? Colour::cyan : Colour::yellow, mark) + " " +
                        padded(escape_control(state.at("state").text()), width) + "  " +
                        (cause.empty() ? "" : padded(cause, 8) + "  ") + escape_control(text_in(state, "about")));
        lines.back() = std::string(trim_end(lines.back()));
    }
    if (const auto more = number_in(summary, "more_states"); more > 0)
        lines.push_back("    and " + std::to_string(more) + " more");
    return lines;
}

Line line_of(const Value& run, std::int64_t now, const Colouring& colour) {
    Line line{run.at("job").text().substr(0, 10), ago(time_of(run), now), by(run), job_text(run), end_text(run),
              colour_of(run), {}};
    if (utf8_length(line.what) > 40) line.what = std::string(utf8_prefix(line.what, 37)) + "...";
    const std::string reason = text_in(run, "reason");
    // That states failed is said by the counts, and the states are named.
    if (!reason.empty() && text_in(run, "cause") != "report")
        for (const auto& text : split_lines(reason)) line.below.push_back("    " + escape_control(text));
    for (auto& text : states_below(run, colour)) line.below.push_back(std::move(text));
    return line;
}

// Runs that had nothing to do, from the newest to the oldest of them.
Line folded(const std::vector<const Value*>& runs, std::int64_t now) {
    const bool one_kind = std::all_of(runs.begin(), runs.end(), [&](const Value* run) {
        return by(*run) == by(*runs.front()) && job_text(*run) == job_text(*runs.front());
    });
    Line line;
    line.job = std::to_string(runs.size()) + " runs";
    line.when = "since " + ago(time_of(*runs.back()), now);
    line.who = one_kind ? by(*runs.front()) : "";
    line.what = one_kind ? job_text(*runs.front()) : "states";
    line.end = "nothing to do";
    line.colour = Colour::green;
    return line;
}

}  // namespace

std::vector<std::string> history_lines(const Value& runs, std::int64_t now_ms, bool all, const Colouring& colour) {
    std::vector<Line> found;
    std::vector<const Value*> quiet;
    const auto end_quiet = [&] {
        if (quiet.size() > 2)
            found.push_back(folded(quiet, now_ms));
        else
            for (const Value* run : quiet) found.push_back(line_of(*run, now_ms, colour));
        quiet.clear();
    };
    for (const auto& run : runs.list()) {
        if (!all && had_nothing_to_do(run)) {
            quiet.push_back(&run);
            continue;
        }
        end_quiet();
        found.push_back(line_of(run, now_ms, colour));
    }
    end_quiet();

    const Line heading{"RUN", "WHEN", "BY", "WHAT", "ENDED", Colour::plain, {}};
    std::vector<std::pair<std::string Line::*, std::size_t>> columns;
    for (const auto column : {&Line::job, &Line::when, &Line::who, &Line::what}) {
        std::size_t width = (heading.*column).size();
        for (const auto& line : found) width = std::max(width, utf8_length(escape_control(line.*column)));
        columns.emplace_back(column, width);
    }
    const auto cells = [&columns](const Line& line) {
        std::string text;
        for (const auto& column : columns) text += padded(escape_control(line.*column.first), column.second) + "  ";
        return text;
    };
    std::vector<std::string> lines = {colour(Colour::bold, cells(heading) + heading.end)};
    for (const auto& line : found) {
        lines.push_back(cells(line) + colour(line.colour, escape_control(line.end)));
        lines.insert(lines.end(), line.below.begin(), line.below.end());
    }
    return lines;
}

}  // namespace prove
