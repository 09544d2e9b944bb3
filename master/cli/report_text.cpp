// The lines of one target's report: states, what they changed, and why others did not run.
#include "master/cli/report_text.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"

namespace prove {

namespace {

constexpr std::size_t shown_diff = 40, shown_output = 20;

struct Widths {
    std::size_t state = 0, place = 0;
};

std::string state_line(char mark, Colour mark_colour, const StateInvocation& state, const SourcePosition& place,
                       const std::string& what, const Widths& widths, const Colouring& colour) {
    std::string line = "  " + colour(mark_colour, std::string(1, mark)) + " " +
                       padded(escape_control(state.state.text()), widths.state) + "  " +
                       padded(colour(Colour::dim, escape_control(place.text())),
                              widths.place + (colour(Colour::dim, "x").size() - 1)) +
                       "  " + what;
    std::vector<std::string> asked;
    for (const auto& id : state.notified_by) asked.push_back(escape_control(id.text()));
    if (state.cause == Cause::drift) line += "  " + colour(Colour::dim, "drift");
    if (state.why == StateInvocation::Why::notified)
        line += "  " + colour(Colour::dim, "notified by " + join(asked, ", "));
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

void add_diff(std::vector<std::string>& lines, const std::string& diff, bool whole, const Colouring& colour) {
    const auto all = short_diff(diff);
    const std::size_t shown = whole || all.size() <= shown_diff + 1 ? all.size() : shown_diff;
    for (std::size_t i = 0; i < shown; ++i) {
        const bool added = all[i].find("|+") != std::string::npos, gone = all[i].find("|-") != std::string::npos;
        const Colour shade = added ? Colour::green : gone ? Colour::red : Colour::plain;
        lines.push_back("        " + colour(shade, escape_control(all[i])));
    }
    if (shown < all.size())
        lines.push_back("        ... " + counted(all.size() - shown, "more line") + "; --verbose shows them");
}

// What a thing is called: "file", or for one that is just present or absent the kind of its resource, "user".
std::string noun_of(const Change& change, const std::string& state) {
    return state == "present" ? change.resource.substr(0, change.resource.find(' ')) : state;
}

// "new file, mode 0644": what was made, with all that goes without saying because nothing was there before.
std::string creation_text(const Change& existence, const std::vector<const Change*>& same) {
    std::string text = "new " + noun_of(existence, existence.after);
    for (const Change* change : same)
        if (change != &existence && change->aspect != "content") text += ", " + change->aspect + " " + change->after;
    return text;
}

void add_resource(std::vector<std::string>& lines, const std::vector<const Change*>& changes, const std::string& prefix,
                  bool verbose, const Colouring& colour) {
    const auto made = std::find_if(changes.begin(), changes.end(), [](const Change* change) {
        return change->aspect == "existence" && change->before == "absent";
    });
    const auto tell = [&](const std::string& text) { lines.push_back("        " + escape_control(prefix + text)); };
    if (made != changes.end()) tell(creation_text(**made, changes));
    for (const Change* change : changes) {
        if (!change->diff.empty()) {
            add_diff(lines, change->diff, verbose, colour);
        } else if (made == changes.end() && change->aspect == "existence" && change->after == "absent") {
            tell(noun_of(*change, change->before) + " removed");
        } else if (change->aspect == "content") {
            if (made == changes.end()) tell("content changed, not shown");
        } else if (change->before.empty()) {
            tell(change->aspect);  // a component's own function says it in its own words
        } else if (made == changes.end()) {
            tell(change->aspect + ": " + change->before + " -> " + change->after);
        }
    }
}

void add_changes(std::vector<std::string>& lines, const StatePartInvocation& part, bool verbose,
                 const Colouring& colour) {
    std::vector<std::pair<std::string, std::vector<const Change*>>> resources;  // in order of appearance
    for (const auto& change : part.changes) {
        if (change.event) continue;
        auto found = std::find_if(resources.begin(), resources.end(),
                                  [&](const auto& one) { return one.first == change.resource; });
        if (found == resources.end()) found = resources.insert(resources.end(), {change.resource, {}});
        found->second.push_back(&change);
    }
    for (const auto& [resource, changes] : resources)
        add_resource(lines, changes, resources.size() > 1 ? resource + ": " : "", verbose, colour);
}

void add_description(std::vector<std::string>& lines, const StatePartInvocation& part, const Colouring& colour) {
    if (!part.description.empty()) lines.push_back("        " + colour(Colour::dim, escape_control(part.description)));
}

// Marks: ~ changed, ! an event happened, x failed, ? unknown, h held.
void add_part(std::vector<std::string>& lines, const StateInvocation& state, const StatePartInvocation& part,
              const Widths& widths, bool verbose, const Colouring& colour) {
    const SourcePosition& place = part.position.known() ? part.position : state.position;
    switch (part.outcome) {
        case Outcome::changed:
        case Outcome::would_change: {
            const bool event =
                std::all_of(part.changes.begin(), part.changes.end(), [](const Change& c) { return c.event; });
            lines.push_back(
                state_line(event ? '!' : '~', Colour::yellow, state, place, subject_of(part), widths, colour));
            add_description(lines, part, colour);
            add_changes(lines, part, verbose, colour);
            break;
        }
        case Outcome::failed:
        case Outcome::unproved: {
            const std::string told = part.outcome == Outcome::unproved ? "unproved: "
                                     : part.changed                    ? "changed, then failed: "
                                                                       : "";
            const auto reason = split_lines(part.reason);
            lines.push_back(state_line('x', Colour::red, state, place,
                                       subject_of(part) + ": " + told + escape_control(reason.empty() ? "" : reason[0]),
                                       widths, colour));
            add_description(lines, part, colour);
            for (std::size_t i = 1; i < reason.size(); ++i) lines.push_back("        " + escape_control(reason[i]));
            add_changes(lines, part, verbose, colour);
            add_indented(lines, part.output, shown_output);
            break;
        }
        case Outcome::unknown:
        case Outcome::held:
            lines.push_back(state_line(part.outcome == Outcome::held ? 'h' : '?', Colour::cyan, state, place,
                                       subject_of(part) + "  " + escape_control(part.reason), widths, colour));
            break;
        case Outcome::ok:
        case Outcome::skipped:
        case Outcome::rescued:  // only of states
            break;
    }
}

bool has_part_like(const StateInvocation& state, Outcome outcome) {
    return std::any_of(state.parts.begin(), state.parts.end(),
                       [outcome](const auto& part) { return part.outcome == outcome; });
}

}  // namespace

std::string padded(std::string text, std::size_t width) {
    const std::size_t length = utf8_length(text);
    if (length < width) text.append(width - length, ' ');
    return text;
}

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
            result.push_back(line);  // "\ No newline at end of file", or a note that the diff was cut
        }
    }
    // Numbers are right-aligned, so that the bars stand in one column.
    std::size_t widest = 0;
    for (const auto& line : result)
        if (const std::size_t bar = line.find(" |"); bar != std::string::npos) widest = std::max(widest, bar);
    for (auto& line : result)
        if (const std::size_t bar = line.find(" |"); bar != std::string::npos && bar < widest)
            line.insert(0, widest - bar, ' ');
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
    std::map<std::string, std::vector<std::string>> skipped;  // by the state at the root of it
    std::set<std::string> held;
    for (const auto& state : report.invocations) {
        if (state.outcome == Outcome::held) held.insert(state.state.text());
        if (state.outcome == Outcome::skipped && !state.because_of.empty()) {
            skipped[state.because_of.text()].push_back(escape_control(state.state.text()));
            continue;
        }
        for (const auto& part : state.parts) add_part(lines, state, part, widths, verbose, colour);
        const bool untold = !state.reason.empty() && !has_part_like(state, state.outcome);
        if (untold && (state.outcome == Outcome::failed || state.outcome == Outcome::unproved))
            lines.push_back(
                state_line('x', Colour::red, state, state.position, escape_control(state.reason), widths, colour));
        if (!state.rescued_by.empty())
            lines.push_back("        rescued by " + escape_control(state.rescued_by.text()));
        if (state.outcome == Outcome::rescued)
            lines.push_back(state_line('~', Colour::yellow, state, state.position,
                                       "rescued: " + escape_control(state.reason), widths, colour));
        if (untold && (state.outcome == Outcome::unknown || state.outcome == Outcome::held))
            lines.push_back(state_line(state.outcome == Outcome::held ? 'h' : '?', Colour::cyan, state, state.position,
                                       escape_control(state.reason), widths, colour));
        if (verbose && state.outcome == Outcome::ok)
            lines.push_back(state_line('=', Colour::dim, state, state.position,
                                       state.parts.empty() ? "" : subject_of(state.parts.front()), widths, colour));
        if (verbose && state.outcome == Outcome::skipped)
            lines.push_back(state_line('-', Colour::dim, state, state.position,
                                       "skipped: " + escape_control(state.reason), widths, colour));
    }
    for (const auto& [root, states] : skipped)
        lines.push_back("    skipped, because " + escape_control(root) +
                        (held.count(root) != 0 ? " is held: " : " failed: ") + join(states, ", "));
    for (const auto& note : report.notes) lines.push_back("    note: " + escape_control(note));
    if (!report.reason.empty())
        lines.push_back("    " + escape_control(std::string(name_of(report.end)) + ": " + report.reason));
    return lines;
}

}  // namespace prove
