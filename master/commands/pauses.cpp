// Which pause holds what.
#include "master/commands/pauses.hpp"

#include <algorithm>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "master/catalog/schedule_shapes.hpp"

namespace prove {

namespace {

constexpr std::int64_t longest_pause_ms = 366LL * 24 * 3600 * 1000;
constexpr std::size_t longest_reason = 500;

bool ends_before(const PauseRow& a, const PauseRow& b) {
    return a.until_ms < b.until_ms;
}

}  // namespace

std::vector<PauseRow> Pauses::current() const {
    auto rows = store_.pauses();
    const auto now = clock_.wall_ms();
    std::erase_if(rows, [now](const PauseRow& row) { return row.until_ms <= now; });
    return rows;
}

bool Pauses::means(const PauseRow& row, const TargetId& target, const Snapshot* snapshot) const {
    try {
        return targets_.means(TargetExpression::parse(row.expression), snapshot, target);
    } catch (const Error&) {
        return true;
    }
}

std::vector<PauseRow> Pauses::on(const TargetId& target, const Snapshot* snapshot) const {
    auto rows = current();
    std::erase_if(rows, [&](const PauseRow& row) { return !means(row, target, snapshot); });
    return rows;
}

std::optional<PauseRow> Pauses::holding(const TargetId& target, const std::string& schedule,
                                        const Snapshot* snapshot) const {
    auto rows = on(target, snapshot);
    std::erase_if(rows, [&](const PauseRow& row) { return !row.schedule.empty() && row.schedule != schedule; });
    const auto last = std::max_element(rows.begin(), rows.end(), ends_before);
    return last == rows.end() ? std::nullopt : std::optional(*last);
}

std::vector<PauseView> Pauses::views(const std::vector<TargetId>& among, const Snapshot* snapshot) const {
    std::vector<PauseView> views;
    for (auto& row : current()) {
        PauseView view;
        for (const auto& target : among)
            if (means(row, target, snapshot)) view.targets.push_back(target);
        view.row = std::move(row);
        views.push_back(std::move(view));
    }
    return views;
}

PauseRow Pauses::checked(const PauseAsked& asked, const Decider& by, const Snapshot* snapshot) const {
    targets_.check(asked.expression, snapshot);
    const auto why = trim(asked.why);
    if (why.empty()) throw Error(ErrorKind::usage, "a pause says why, for whoever finds it");
    if (why.size() > longest_reason)
        throw Error(ErrorKind::usage, "the reason of a pause has at most " + std::to_string(longest_reason) + " bytes");
    if (escape_control(why) != why) throw Error(ErrorKind::usage, "the reason of a pause is one line of text");
    if (asked.for_ms <= 0 || asked.for_ms > longest_pause_ms)
        throw Error(ErrorKind::usage, "a pause lasts more than 0 and at most 366 days");
    if (!asked.schedule.empty())
        (void)schedule_named(snapshot == nullptr ? std::vector<ScheduleDefinition>() : snapshot->catalog->schedules(), asked.schedule);
    PauseRow row;
    row.expression = asked.expression;
    row.schedule = asked.schedule;
    row.why = why;
    row.who = by.who;
    row.from = by.from;
    row.created_ms = clock_.wall_ms();
    row.until_ms = row.created_ms + asked.for_ms;
    return row;
}

PauseRow Pauses::find(const std::string& schedule, const std::string& expression, const Snapshot* snapshot) const {
    const auto rows = current();
    for (const auto& row : rows)
        if (row.schedule == schedule && row.expression == expression) return row;
    targets_.check(expression, snapshot);
    // web1 may be held by a pause of 'web*', which ends for all of them or for none.
    const auto meant = TargetExpression::parse(expression);
    std::string others;
    for (const auto& row : rows) {
        const auto names = targets_.names(snapshot);
        const bool shares = std::any_of(names.begin(), names.end(), [&](const TargetId& name) {
            return targets_.means(meant, snapshot, name) && means(row, name, snapshot);
        });
        if (shares) others += "\n  " + sentence_of(row);
    }
    const std::string none = quoted(expression) + " is not paused" +
                             (schedule.empty() ? "" : " for schedule " + quoted(schedule)) + " under this name";
    if (others.empty()) throw Error(ErrorKind::usage, none + ", nor by another one");
    throw Error(ErrorKind::usage, none + "; resume what was paused, as it was written:" + others);
}

}  // namespace prove
