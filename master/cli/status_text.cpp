// One look: what is well is one line, what is not is named, with the command that tells more.
#include "master/cli/status_text.hpp"

#include <algorithm>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/cli/job_text.hpp"
#include "master/cli/pausing.hpp"
#include "master/cli/table.hpp"

namespace prove {

namespace {

constexpr std::size_t most_silent = 5;

std::int64_t number_in(const Value& value, const char* key) {
    const Value* found = value.find(key);
    return found == nullptr ? 0 : found->integer();
}

std::string text_in(const Value& value, const char* key) {
    const Value* found = value.find(key);
    return found == nullptr ? "" : found->text();
}

// "118 connected, 2 disconnected"; what there is none of is left out.
std::string counts_text(const Value& counts) {
    std::vector<std::string> parts;
    for (const auto& member : counts.mapping())
        if (member.value.integer() > 0) parts.push_back(std::to_string(member.value.integer()) + " " + member.key);
    return join(parts, ", ");
}

class Lines {
  public:
    explicit Lines(const Colouring& colour) : colour_(colour) {}
    void add(const std::string& name, const std::string& text, Colour shade = Colour::plain) {
        lines_.push_back(colour_(Colour::bold, padded(name, 10)) + "  " + colour_(shade, escape_control(text)));
    }
    // Below the line before.
    void more(const std::string& text) { lines_.push_back(std::string(12, ' ') + escape_control(text)); }
    std::vector<std::string> take() { return std::move(lines_); }

  private:
    const Colouring& colour_;
    std::vector<std::string> lines_;
};

void add_catalog(Lines& lines, const Value& catalog, std::int64_t now) {
    const std::string hash = text_in(catalog, "hash"), revision = text_in(catalog, "revision");
    if (hash.empty()) {
        lines.add("catalog", "none could be loaded yet from " + text_in(catalog, "directory") + "; see: prove-cli catalog status",
                  Colour::red);
        return;
    }
    std::string text = (revision.empty() ? hash.substr(0, 16) : revision) + ", loaded " +
                       ago(number_in(catalog, "loaded_ms"), now) + ", " +
                       counted(static_cast<std::size_t>(number_in(catalog, "targets")), "target");
    lines.add("catalog", text);
    if (catalog.find("refused") != nullptr)
        lines.more("what is on disk now is wrong, and not in force; see: prove-cli catalog status");
    else if (catalog.find("checking") != nullptr)
        lines.more("a newer one is being checked");
}

void add_targets(Lines& lines, const Value& status, std::int64_t now) {
    const std::string counts = counts_text(status.at("targets"));
    const auto& silent = status.at("silent").list();
    lines.add("targets", counts.empty() ? "none" : counts, silent.empty() ? Colour::plain : Colour::yellow);
    // Those that have been away longest first.
    std::vector<const Value*> sorted;
    for (const auto& one : silent) sorted.push_back(&one);
    std::stable_sort(sorted.begin(), sorted.end(), [](const Value* a, const Value* b) {
        return number_in(*a, "seen_ms") < number_in(*b, "seen_ms");
    });
    for (std::size_t i = 0; i < sorted.size() && i < most_silent; ++i) {
        const auto seen = number_in(*sorted[i], "seen_ms");
        lines.more(sorted[i]->at("target").text() + (seen == 0 ? " was never heard of" : " was last heard of " + ago(seen, now)));
    }
    if (sorted.size() > most_silent) lines.more("and " + std::to_string(sorted.size() - most_silent) + " more: prove-cli targets status:disconnected");
    for (const auto& clock : status.at("wrong_clocks").list())
        lines.more("the clock of " + clock.at("target").text() + " is " + show_clock_difference(number_in(clock, "ahead_ms")));
    if (const auto pending = number_in(status, "keys_pending"); pending > 0)
        lines.more(counted(static_cast<std::size_t>(pending), "key") + " to accept or reject: prove-cli keys list");
    if (const auto conflicts = number_in(status, "keys_in_conflict"); conflicts > 0)
        lines.more(counted(static_cast<std::size_t>(conflicts), "key") + " in conflict: prove-cli keys list");
}

void add_standings(Lines& lines, const Value& standings) {
    const auto counts = counts_text(standings);
    if (counts.empty()) return;
    const bool all_well = std::all_of(standings.mapping().begin(), standings.mapping().end(), [](const auto& member) {
        return member.key == "converged" || member.value.integer() == 0;
    });
    lines.add("states", counts + (all_well ? "" : ": prove-cli drift"), all_well ? Colour::plain : Colour::yellow);
}

void add_jobs(Lines& lines, const Value& status) {
    const auto jobs = static_cast<std::size_t>(number_in(status, "jobs"));
    const std::string targets = counts_text(status.at("job_targets"));
    lines.add("jobs", jobs == 0 ? "none" : counted(jobs, "job") + (targets.empty() ? "" : ", targets: " + targets));
}

void add_runs(Lines& lines, const Value& status, std::int64_t now) {
    const auto bad = number_in(status, "runs_not_well");
    lines.add("runs", std::to_string(number_in(status, "runs")) + " since the master started, " + std::to_string(bad) +
                          " not well; " + counted(static_cast<std::size_t>(number_in(status, "states_changed")), "state") +
                          " changed, " + std::to_string(number_in(status, "states_drifted")) + " drifted",
              bad > 0 ? Colour::yellow : Colour::plain);
    const auto& not_well = status.at("not_well").list();
    if (!not_well.empty()) lines.add("not well", "the newest of them; of one: prove-cli history TARGET RUN", Colour::red);
    for (const auto& run : not_well) {
        const std::string reason = text_in(run, "reason");
        const auto first = split_lines(reason);
        lines.more(run.at("target").text() + "  " + job_text(run) + " " + text_in(run, "end") + " " +
                   ago(number_in(run, "ended_ms"), now) + (first.empty() ? "" : ": " + first.front()) + "  (" +
                   run.at("job").text().substr(0, 10) + ")");
    }
}

void add_pauses(Lines& lines, const Value& pauses) {
    const auto& list = pauses.list();
    if (!list.empty())
        lines.add("paused", counted(list.size(), "pause") + (list.size() == 1 ? " holds" : " hold") + " what schedules begin: prove-cli pauses",
                  Colour::yellow);
    for (const auto& pause : list) {
        const Value one(Value::List{pause});
        lines.more(pause.at("target").text() + "  " + pauses_cell(&one));
    }
}

}  // namespace

std::vector<std::string> status_lines(const Value& status, std::int64_t now_ms, const Colouring& colour) {
    Lines lines(colour);
    const std::int64_t up = std::max<std::int64_t>(0, now_ms - number_in(status, "started_ms"));
    lines.add("master", "prove-master " + text_in(status, "version") + ", up for " +
                            show_duration(std::chrono::milliseconds(up)) + ", database " +
                            std::to_string(number_in(status, "database_bytes") >> 20) + " MiB");
    if (status.find("database_full") != nullptr) lines.more("no space is left on its disk: it takes nothing new");
    add_catalog(lines, status.at("catalog"), now_ms);
    add_targets(lines, status, now_ms);
    add_standings(lines, status.at("standings"));
    add_pauses(lines, status.at("pauses"));
    add_jobs(lines, status);
    add_runs(lines, status, now_ms);
    return lines.take();
}

}  // namespace prove
