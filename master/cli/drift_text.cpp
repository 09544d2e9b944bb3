// See drift_text.hpp.
#include "master/cli/drift_text.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "master/cli/table.hpp"

namespace prove {

namespace {

constexpr std::size_t shown_targets = 30, shown_names = 8, shown_diff = 12;

using Lines = std::vector<std::string>;

std::string text_of(const Value& value, const char* name) {
    const Value* found = value.find(name);
    return found == nullptr ? std::string() : escape_control(found->text());
}

std::string ago_of(const Value& value, const char* name, std::int64_t now) {
    const Value* found = value.find(name);
    return ago(found == nullptr ? 0 : found->integer(), now);
}

std::string listed(Lines names) {
    const std::size_t all = names.size();
    if (all > shown_names) names.resize(shown_names);
    return join(names, ", ") + (all > shown_names ? " and " + std::to_string(all - shown_names) + " more" : "");
}

// "4 targets: 1 failed, 1 unknown, 2 converged"
std::string summary(const Value& answer) {
    Lines words;
    for (const char* standing : {"failed", "differs", "held", "unknown", "converged"})
        if (const Value* count = answer.at("counts").find(standing))
            words.push_back(std::to_string(count->integer()) + " " + standing);
    return counted(answer.at("targets").list().size(), "target") + ": " + join(words, ", ");
}

// What became of it on each target, those with the same fate together.
Lines fates(const Value& drift, std::int64_t now) {
    std::vector<std::pair<std::string, Lines>> fates;
    for (const Value& target : drift.at("targets").list()) {
        const std::string& end = target.at("end").text();
        const std::string fate =
            end == "open" ? "open, first found " + ago_of(target, "since_ms", now) : end + ", found " + ago_of(target, "found_ms", now);
        auto same = std::find_if(fates.begin(), fates.end(), [&](const auto& one) { return one.first == fate; });
        if (same == fates.end()) same = fates.insert(fates.end(), {fate, {}});
        same->second.push_back(text_of(target, "target"));
    }
    Lines lines;
    for (const auto& [fate, names] : fates) lines.push_back(listed(names) + ": " + fate);
    return lines;
}

void add_change(Lines& lines, const Value& change) {
    std::string line = "      " + text_of(change, "resource") + " " + text_of(change, "aspect");
    const Value* diff = change.find("diff");
    const std::string before = text_of(change, "before"), after = text_of(change, "after");
    if (diff == nullptr && !(before.empty() && after.empty())) line += ": " + before + " -> " + after;
    lines.push_back(line);
    if (diff == nullptr) return;
    const Lines shown = short_diff(diff->text());
    for (std::size_t i = 0; i < std::min(shown.size(), shown_diff); ++i) lines.push_back("        " + escape_control(shown[i]));
    if (shown.size() > shown_diff) lines.push_back("        ... " + counted(shown.size() - shown_diff, "more line"));
}

void add_drift(Lines& lines, const Value& answer, const std::string& since, std::int64_t now, const Colouring& colour) {
    const auto& drifts = answer.at("drift").list();
    if (drifts.empty()) return void(lines.push_back("no drift was found in the last " + since));
    lines.push_back(colour(Colour::bold, "drifted"));
    for (const Value& drift : drifts) {
        lines.push_back("  " + colour(Colour::yellow, "~") + " " + text_of(drift, "state") + "  " +
                        colour(Colour::dim, text_of(drift, "place")));
        for (const std::string& line : fates(drift, now)) lines.push_back("      " + line);
        for (const Value& change : drift.at("changes").list()) add_change(lines, change);
    }
}

void add_unsteady(Lines& lines, const Value& answer, const Colouring& colour) {
    const auto& states = answer.at("unsteady").list();
    if (states.empty()) return;
    lines.push_back(colour(Colour::bold, "changing again and again"));
    for (const Value& state : states) {
        Lines names;
        for (const Value& target : state.at("targets").list())
            names.push_back(text_of(target, "target") + " (in " + std::to_string(target.at("changes").integer()) +
                            " of its last " + std::to_string(target.at("applies").integer()) + " runs)");
        lines.push_back("  " + text_of(state, "state") + ": " + listed(std::move(names)));
    }
}

void add_silent(Lines& lines, const Value& answer, std::int64_t now, const Colouring& colour) {
    const auto& targets = answer.at("silent").list();
    if (targets.empty()) return;
    lines.push_back(colour(Colour::bold, "not heard from"));
    for (const Value& target : targets)
        lines.push_back("  " + text_of(target, "target") + ": " + text_of(target, "status") +
                        (target.find("seen_ms") == nullptr ? ", never seen" : ", last seen " + ago_of(target, "seen_ms", now)));
}

void add_targets(Lines& lines, const Value& answer, std::int64_t now, bool verbose) {
    const auto& targets = answer.at("targets").list();
    const bool all = verbose || targets.size() <= shown_targets;
    Table table({"TARGET", "STANDING", "SINCE", "LAST LOOKED AT"});
    for (const Value& target : targets) {
        const std::string standing = target.at("standing").text();
        if (!all && standing == "converged") continue;
        table.add({target.at("target").text(), standing, standing == "unknown" ? "" : ago_of(target, "since_ms", now),
                   ago_of(target, "judged_ms", now)});
    }
    if (table.empty()) return;
    lines.push_back("");
    for (std::string& line : table.lines()) lines.push_back(std::move(line));
}

}  // namespace

std::vector<std::string> drift_lines(const Value& answer, const std::string& since, std::int64_t now_ms, bool verbose,
                                     const Colouring& colour) {
    Lines lines{summary(answer)};
    add_drift(lines, answer, since, now_ms, colour);
    add_unsteady(lines, answer, colour);
    add_silent(lines, answer, now_ms, colour);
    add_targets(lines, answer, now_ms, verbose);
    return lines;
}

}  // namespace prove
