// Grouping and the layout of a run's text.
#include "master/cli/run_text.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"

namespace prove {

namespace {

std::string padded(std::string text, std::size_t width) {
    const std::size_t length = utf8_length(text);
    if (length < width) text.append(width - length, ' ');
    return text;
}

// What a target is called in the summary line.
std::string verdict(const TargetOutcome& outcome) {
    if (outcome.end != "done" && outcome.end != "failed") return outcome.end;
    if (outcome.body.is_null() || outcome.body.find("report") == nullptr) return outcome.end;
    const OutcomeCounts counts = count(run_report_from(outcome.body.at("report")));
    if (outcome.end == "failed" || counts.failed + counts.unproved > 0) return "failed";
    if (counts.would_change > 0) return "would change";
    if (counts.unknown > 0) return "unknown";
    return counts.changed > 0 ? "changed" : "ok";
}

std::string counts_text(const OutcomeCounts& counts) {
    std::vector<std::string> parts;
    const auto add = [&parts](int number, const char* word) {
        if (number > 0) parts.push_back(std::to_string(number) + " " + word);
    };
    add(counts.failed, "failed");
    add(counts.unproved, "unproved");
    add(counts.changed, "changed");
    add(counts.would_change, "would change");
    add(counts.unknown, "unknown");
    add(counts.skipped, "skipped");
    add(counts.ok, "ok");
    return parts.empty() ? "nothing to do" : join(parts, ", ");
}

struct Block {
    std::vector<std::string> targets;
    std::string heading;
    Colour colour = Colour::plain;
    std::vector<std::string> lines;
    std::chrono::milliseconds duration{0};
};

Block block_of(const TargetOutcome& outcome, bool verbose, const Colouring& colour) {
    Block block;
    block.duration = outcome.duration;
    if (!outcome.body.is_null() && outcome.body.find("report") != nullptr) {
        const RunReport report = run_report_from(outcome.body.at("report"));
        const OutcomeCounts counts = count(report);
        block.duration = report.duration;
        block.heading = counts_text(counts);
        block.colour = counts.failed + counts.unproved > 0          ? Colour::red
                       : counts.changed + counts.would_change > 0 ? Colour::yellow
                       : counts.unknown > 0                        ? Colour::cyan
                                                                   : Colour::green;
        block.lines = report_lines(report, verbose, colour);
        if (outcome.end != "done" && outcome.end != "failed") {
            block.heading = outcome.end + ", " + block.heading;
            block.colour = Colour::red;
        }
        if (!outcome.reason.empty() && outcome.cause != "report")
            block.lines.insert(block.lines.begin(), "  " + escape_control(outcome.reason));
        return block;
    }
    block.heading = outcome.end;
    block.colour = outcome.end == "done" ? Colour::green : Colour::red;
    for (const auto& line : split_lines(outcome.reason)) block.lines.push_back("  " + escape_control(line));
    return block;
}

// ---- the lines of one report

struct Widths {
    std::size_t state = 0, place = 0;
};

std::string state_line(char mark, Colour mark_colour, const StateInvocation& state, const SourcePosition& place,
                       const std::string& what, const Widths& widths, const Colouring& colour) {
    std::string line = "  " + colour(mark_colour, std::string(1, mark)) + " " +
                       padded(escape_control(state.state.text()), widths.state) + "  " +
                       padded(colour(Colour::dim, escape_control(place.text())), widths.place + (colour(Colour::dim, "x").size() - 1)) +
                       "  " + what;
    std::vector<std::string> asked;
    for (const auto& id : state.notified_by) asked.push_back(escape_control(id.text()));
    if (state.why == StateInvocation::Why::notified) line += "  " + colour(Colour::dim, "notified by " + join(asked, ", "));
    if (state.why == StateInvocation::Why::owed)
        line += "  " + colour(Colour::dim, "owed by " + join(asked, ", ") + " since an earlier run");
    return std::string(trim_end(line));
}

std::string subject_of(const StatePartInvocation& part) {
    return escape_control(part.subject.empty() ? part.function : part.function + " " + part.subject);
}

void add_indented(std::vector<std::string>& lines, const std::string& text, std::size_t most) {
    const auto all = split_lines(text);
    const std::size_t from = all.size() > most ? all.size() - most : 0;
    if (from > 0) lines.push_back("        ... " + counted(from, "line") + " before");
    for (std::size_t i = from; i < all.size(); ++i) lines.push_back("        " + escape_control(all[i]));
}

void add_changes(std::vector<std::string>& lines, const StatePartInvocation& part, const Colouring& colour) {
    for (const auto& change : part.changes) {
        if (change.event) continue;
        if (!change.diff.empty()) {
            for (const auto& line : short_diff(change.diff)) {
                const bool added = line.find("|+") != std::string::npos, gone = line.find("|-") != std::string::npos;
                const Colour shade = added ? Colour::green : gone ? Colour::red : Colour::plain;
                lines.push_back("        " + colour(shade, escape_control(line)));
            }
        } else if (change.aspect != "content") {
            lines.push_back("        " + escape_control(change.aspect + ": " + change.before + " -> " + change.after));
        }
    }
}

// Marks: ~ changed, ! an event happened, x failed, ? unknown.
void add_part(std::vector<std::string>& lines, const StateInvocation& state, const StatePartInvocation& part,
              const Widths& widths, const Colouring& colour) {
    const SourcePosition& place = part.position.known() ? part.position : state.position;
    switch (part.outcome) {
        case Outcome::changed:
        case Outcome::would_change: {
            const bool event = std::all_of(part.changes.begin(), part.changes.end(), [](const Change& c) { return c.event; });
            lines.push_back(state_line(event ? '!' : '~', Colour::yellow, state, place, subject_of(part), widths, colour));
            add_changes(lines, part, colour);
            break;
        }
        case Outcome::failed:
        case Outcome::unproved: {
            const std::string told = part.outcome == Outcome::unproved ? "unproved: " : part.changed ? "changed, then failed: " : "";
            const auto reason = split_lines(part.reason);
            lines.push_back(state_line('x', Colour::red, state, place,
                                       subject_of(part) + ": " + told + escape_control(reason.empty() ? "" : reason[0]), widths, colour));
            for (std::size_t i = 1; i < reason.size(); ++i) lines.push_back("        " + escape_control(reason[i]));
            add_changes(lines, part, colour);
            add_indented(lines, part.output, 20);
            break;
        }
        case Outcome::unknown:
            lines.push_back(state_line('?', Colour::cyan, state, place, subject_of(part) + "  depends on " + escape_control(part.reason),
                                       widths, colour));
            break;
        case Outcome::ok:
        case Outcome::skipped: break;
    }
}

bool has_part_like(const StateInvocation& state, Outcome outcome) {
    return std::any_of(state.parts.begin(), state.parts.end(), [outcome](const auto& part) { return part.outcome == outcome; });
}

}  // namespace

std::vector<std::string> short_diff(const std::string& unified) {
    std::vector<std::string> result;
    long before = 0, after = 0;
    bool in_hunk = false;
    const auto number = [](const std::string& text, std::size_t from) {
        long value = 0;
        std::from_chars(text.data() + from, text.data() + text.size(), value);
        return value;
    };
    for (const auto& line : split_lines(unified)) {
        if (line.rfind("@@ -", 0) == 0) {
            before = number(line, 4);
            const std::size_t plus = line.find('+');
            after = plus == std::string::npos ? 0 : number(line, plus + 1);
            in_hunk = true;
        } else if (!in_hunk) {
            if (line.rfind("--- ", 0) != 0 && line.rfind("+++ ", 0) != 0) result.push_back(line);
        } else if (line.rfind('-', 0) == 0) {
            result.push_back(std::to_string(before++) + " |" + line);
        } else if (line.rfind('+', 0) == 0) {
            result.push_back(std::to_string(after++) + " |" + line);
        } else if (line.rfind(' ', 0) == 0 || line.empty()) {
            ++before;
            ++after;
        } else {
            result.push_back(line);   // "\ No newline at end of file", or a note that the diff was cut
        }
    }
    // Numbers are right-aligned, so that the bars stand in one column.
    std::size_t widest = 0;
    for (const auto& line : result)
        if (const std::size_t bar = line.find(" |"); bar != std::string::npos) widest = std::max(widest, bar);
    for (auto& line : result)
        if (const std::size_t bar = line.find(" |"); bar != std::string::npos && bar < widest) line.insert(0, widest - bar, ' ');
    return result;
}

std::vector<std::string> report_lines(const RunReport& report, bool verbose, const Colouring& colour) {
    Widths widths;
    for (const auto& state : report.invocations) {
        if (state.outcome == Outcome::ok && !verbose) continue;
        widths.state = std::min<std::size_t>(40, std::max(widths.state, utf8_length(state.state.text())));
        for (const auto& part : state.parts)
            if (part.outcome != Outcome::ok) widths.place = std::max(widths.place, utf8_length(part.position.text()));
        widths.place = std::max(widths.place, utf8_length(state.position.text()));
    }

    std::vector<std::string> lines;
    std::map<std::string, std::vector<std::string>> skipped;   // by the state at the root of it
    for (const auto& state : report.invocations) {
        if (state.outcome == Outcome::skipped && !state.because_of.empty()) {
            skipped[state.because_of.text()].push_back(escape_control(state.state.text()));
            continue;
        }
        for (const auto& part : state.parts) add_part(lines, state, part, widths, colour);
        const bool untold = !state.reason.empty() && !has_part_like(state, state.outcome);
        if (untold && (state.outcome == Outcome::failed || state.outcome == Outcome::unproved))
            lines.push_back(state_line('x', Colour::red, state, state.position, escape_control(state.reason), widths, colour));
        if (untold && state.outcome == Outcome::unknown)
            lines.push_back(state_line('?', Colour::cyan, state, state.position, "depends on " + escape_control(state.reason), widths, colour));
        if (verbose && state.outcome == Outcome::ok)
            lines.push_back(state_line('=', Colour::dim, state, state.position,
                                       state.parts.empty() ? "" : subject_of(state.parts.front()), widths, colour));
        if (verbose && state.outcome == Outcome::skipped)
            lines.push_back(state_line('-', Colour::dim, state, state.position, "skipped: " + escape_control(state.reason), widths, colour));
    }
    for (const auto& [root, states] : skipped)
        lines.push_back("    skipped, because " + escape_control(root) + " failed: " + join(states, ", "));
    for (const auto& note : report.notes) lines.push_back("    note: " + escape_control(note));
    if (!report.reason.empty()) lines.push_back("    " + escape_control(std::string(name_of(report.end)) + ": " + report.reason));
    return lines;
}

std::vector<std::string> states_lines(const std::vector<TargetOutcome>& outcomes, RunMode, bool verbose, const Colouring& colour) {
    std::vector<Block> blocks;
    for (const auto& outcome : outcomes) {
        Block block = block_of(outcome, verbose, colour);
        const auto same = std::find_if(blocks.begin(), blocks.end(), [&](const Block& other) {
            return other.heading == block.heading && other.lines == block.lines;
        });
        if (same == blocks.end()) {
            block.targets.push_back(outcome.target);
            blocks.push_back(std::move(block));
        } else {
            same->targets.push_back(outcome.target);
            same->duration = std::max(same->duration, block.duration);
        }
    }

    std::vector<std::string> names;
    std::size_t widest = 15;
    for (const auto& block : blocks) {
        std::vector<std::string> shown(block.targets.begin(), block.targets.begin() + std::min<long>(8, static_cast<long>(block.targets.size())));
        std::string name = join(shown, ", ");
        if (block.targets.size() > 8) name += " and " + std::to_string(block.targets.size() - 8) + " more";
        names.push_back(escape_control(name));
        if (names.back().size() <= 40) widest = std::max(widest, names.back().size());
    }
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        lines.push_back(colour(Colour::bold, padded(names[i], widest)) + "  " + colour(blocks[i].colour, padded(blocks[i].heading, 50)) +
                        "  " + colour(Colour::dim, show_duration(blocks[i].duration)));
        lines.insert(lines.end(), blocks[i].lines.begin(), blocks[i].lines.end());
    }
    return lines;
}

namespace {

std::string summary_of(const std::vector<TargetOutcome>& outcomes, const std::function<std::string(const TargetOutcome&)>& word) {
    std::vector<std::pair<std::string, std::size_t>> counts;
    for (const auto& outcome : outcomes) {
        const std::string name = word(outcome);
        const auto found = std::find_if(counts.begin(), counts.end(), [&](const auto& pair) { return pair.first == name; });
        if (found == counts.end()) {
            counts.emplace_back(name, 1);
        } else {
            ++found->second;
        }
    }
    std::vector<std::string> parts;
    for (const auto& [name, number] : counts) parts.push_back(std::to_string(number) + " " + name);
    return counted(outcomes.size(), "target") + ": " + join(parts, ", ");
}

}  // namespace

std::string states_summary(const std::vector<TargetOutcome>& outcomes, RunMode) { return summary_of(outcomes, verdict); }

std::string ends_summary(const std::vector<TargetOutcome>& outcomes) {
    return summary_of(outcomes, [](const TargetOutcome& outcome) { return outcome.end; });
}

}  // namespace prove
