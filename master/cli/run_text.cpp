// Grouping and the layout of a run's text.
#include "master/cli/run_text.hpp"

#include <algorithm>
#include <optional>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"
#include "master/cli/report_text.hpp"

namespace prove {

namespace {

constexpr const char* no_work = "nothing to do";

// What a target is called in the summary line.
std::string verdict(const TargetOutcome& outcome, RunMode mode) {
    if (outcome.end != "done" && outcome.end != "failed") return outcome.end;
    if (outcome.body.is_null() || outcome.body.find("report") == nullptr) return outcome.end;
    const OutcomeCounts counts = count(run_report_from(outcome.body.at("report")));
    if (outcome.end == "failed" || counts.failed + counts.unproved > 0) return "failed";
    if (counts.would_change > 0) return "would change";
    if (counts.unknown > 0) return "unknown";
    if (counts.rescued > 0) return "rescued";
    if (counts.held > 0) return "held";
    if (mode == RunMode::plan) return no_work;
    return counts.changed > 0 ? "changed" : "ok";
}

bool wants_nothing(const OutcomeCounts& counts) {
    return counts.failed + counts.unproved + counts.changed + counts.would_change + counts.unknown + counts.rescued +
               counts.held ==
           0;
}

std::string counts_text(const OutcomeCounts& counts, RunMode mode) {
    std::vector<std::string> parts;
    if (mode == RunMode::plan && wants_nothing(counts)) parts.push_back(no_work);
    const auto add = [&parts](int number, const char* word) {
        if (number > 0) parts.push_back(std::to_string(number) + " " + word);
    };
    add(counts.failed, "failed");
    add(counts.unproved, "unproved");
    add(counts.rescued, "rescued");
    add(counts.changed, "changed");
    add(counts.would_change, "would change");
    add(counts.unknown, "unknown");
    add(counts.held, "held");
    add(counts.skipped, "skipped");
    add(counts.ok, "ok");
    return parts.empty() ? "no states" : join(parts, ", ");
}

struct Block {
    std::vector<std::string> targets;
    std::string heading;
    Colour colour = Colour::plain;
    std::vector<std::string> lines;
    std::chrono::milliseconds duration{0};
};

Block block_of(const TargetOutcome& outcome, RunMode mode, bool verbose, const Colouring& colour) {
    Block block;
    block.duration = outcome.duration;
    if (!outcome.body.is_null() && outcome.body.find("report") != nullptr) {
        const RunReport report = run_report_from(outcome.body.at("report"));
        const OutcomeCounts counts = count(report);
        block.duration = report.duration;
        block.heading = counts_text(counts, mode);
        block.colour = counts.failed + counts.unproved > 0        ? Colour::red
                       : counts.changed + counts.would_change + counts.rescued > 0 ? Colour::yellow
                       : counts.unknown + counts.held > 0         ? Colour::cyan
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

}  // namespace

std::vector<std::string> states_lines(const std::vector<TargetOutcome>& outcomes, RunMode mode, bool verbose,
                                      const Colouring& colour) {
    std::vector<Block> blocks;
    for (const auto& outcome : outcomes) {
        Block block = block_of(outcome, mode, verbose, colour);
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
        std::vector<std::string> shown(
            block.targets.begin(), block.targets.begin() + std::min<long>(8, static_cast<long>(block.targets.size())));
        std::string name = join(shown, ", ");
        if (block.targets.size() > 8) name += " and " + std::to_string(block.targets.size() - 8) + " more";
        names.push_back(escape_control(name));
        if (names.back().size() <= 40) widest = std::max(widest, names.back().size());
    }
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        lines.push_back(colour(Colour::bold, padded(names[i], widest)) + "  " +
                        colour(blocks[i].colour, padded(blocks[i].heading, 50)) + "  " +
                        colour(Colour::dim, show_duration(blocks[i].duration)));
        lines.insert(lines.end(), blocks[i].lines.begin(), blocks[i].lines.end());
    }
    return lines;
}

namespace {

std::string summary_of(const std::vector<TargetOutcome>& outcomes,
                       const std::function<std::string(const TargetOutcome&)>& word) {
    std::vector<std::pair<std::string, std::size_t>> counts;
    for (const auto& outcome : outcomes) {
        const std::string name = word(outcome);
        const auto found =
            std::find_if(counts.begin(), counts.end(), [&](const auto& pair) { return pair.first == name; });
        if (found == counts.end()) {
            counts.emplace_back(name, 1);
        } else {
            ++found->second;
        }
    }
    std::vector<std::string> parts;
    for (const auto& [name, number] : counts) parts.push_back(std::to_string(number) + " " + name);
    const bool quiet = counts.size() == 1 && counts.front().first == no_work;
    return counted(outcomes.size(), "target") + ": " + (quiet ? std::string(no_work) : join(parts, ", "));
}

}  // namespace

std::string states_summary(const std::vector<TargetOutcome>& outcomes, RunMode mode) {
    return summary_of(outcomes, [mode](const TargetOutcome& outcome) { return verdict(outcome, mode); });
}

std::string ends_summary(const std::vector<TargetOutcome>& outcomes) {
    return summary_of(outcomes, [](const TargetOutcome& outcome) { return outcome.end; });
}

}  // namespace prove
