// The section `schedules`: everything that can be told to be wrong with a schedule before its first moment comes.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/timetable/zone_database.hpp"
#include "master/catalog/file_kind.hpp"
#include "master/catalog/parts.hpp"
#include "master/catalog/schedule.hpp"

namespace prove {

namespace {

// Seconds since 1970 as if it were UTC, of "2027-01-31" or "2027-01-31 18:00".
std::optional<std::int64_t> parse_local_time(const std::string& text) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, end = 0;
    const int read = std::sscanf(text.c_str(), "%4d-%2d-%2d%n %2d:%2d%n", &year, &month, &day, &end, &hour, &minute, &end);
    if ((read != 3 && read != 5) || static_cast<std::size_t>(end) != text.size()) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok() || year < 2000 || hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * std::int64_t{24 * 3600} + hour * 3600 + minute * 60;
}

constexpr std::int64_t most_at_once = 20'000;
constexpr std::int64_t least_every_ms = 1'000;
constexpr std::int64_t zones_from_ms = 1'577'836'800'000;   // 2020
constexpr std::int64_t zones_until_ms = 2'840'140'800'000;  // 2060
constexpr int slots_searched = 500;
constexpr std::int64_t minute_ms = 60'000;

class ScheduleReader {
  public:
    ScheduleReader(const Mapping::Member& member, CatalogParts& parts, Diagnostics& diagnostics)
        : member_(member), parts_(parts), shape_(member.value, "schedule " + member.key, diagnostics) {}

    // Nothing where something is wrong with it, which is told.
    std::optional<ScheduleDefinition> read() {
        const std::size_t errors = shape_.diagnostics().error_count();
        auto targets = read_targets();
        const auto description = shape_.text("description");
        const auto run = read_run();
        std::vector<std::string> argv;
        std::string shell;
        read_command(run, argv, shell);
        const auto every = duration("every");
        const auto zone = read_zone();
        auto cron = read_cron();
        check_times();
        const auto splay = duration("splay");
        if (every && *every < least_every_ms) wrong("every", "'every' is at least 1 s");
        if (every && splay && *splay > *every)
            wrong("splay", "'splay' is longer than the interval, so the last hosts would begin after the next time");
        auto windows = read_windows();
        const auto at_once = shape_.integer("at_once", 1, most_at_once);
        const auto expires = duration("expires");
        const auto until = read_until(zone);
        shape_.end();
        if (shape_.diagnostics().error_count() != errors || !targets) return std::nullopt;
        ScheduleDefinition schedule{member_.key, member_.key_position, description.value_or(""), expression_, *std::move(targets)};
        schedule.run = *run;
        schedule.argv = std::move(argv);
        schedule.shell = std::move(shell);
        schedule.every_ms = every.value_or(0);
        schedule.cron = std::move(cron);
        schedule.zone = zone;
        schedule.splay_ms = splay.value_or(schedule.every_ms);
        schedule.windows = std::move(windows);
        schedule.at_once = at_once.value_or(0);
        schedule.expires_ms = expires.value_or(0);
        schedule.until_ms = until;
        warn_of_windows(schedule);
        return schedule;
    }

  private:
    void wrong(const std::string& key, const std::string& text) { shape_.error(shape_.find(key)->position(), text); }

    std::optional<TargetExpression> read_targets() {
        if (const Value* const found = shape_.find("targets"); found != nullptr && found->is_list()) {
            shape_.error(found->position(), "'targets' is one target expression, such as 'web1 or web2', found a list");
            return std::nullopt;
        }
        expression_ = shape_.required_text("targets");
        if (expression_.empty()) return std::nullopt;  // which is told
        try {
            return TargetExpression::parse(expression_);
        } catch (const ExpressionError& error) {
            report_expression(*shape_.find("targets"), error, parts_, shape_);
            return std::nullopt;
        }
    }

    std::optional<SheetEntry::Run> read_run() {
        const auto run = shape_.choice("run", {"states plan", "states apply", "cmd"});
        if (shape_.find("run") == nullptr)
            shape_.error(member_.key_position, "'run' is missing: states plan, states apply or cmd");
        if (!run) return std::nullopt;
        return *run == "cmd" ? SheetEntry::Run::cmd
                             : (*run == "states plan" ? SheetEntry::Run::plan : SheetEntry::Run::apply);
    }

    // A shell line, or a program and its arguments.
    void read_command(std::optional<SheetEntry::Run> run, std::vector<std::string>& argv, std::string& shell) {
        const Value* const found = shape_.find("cmd");
        if (run && *run == SheetEntry::Run::cmd && found == nullptr)
            shape_.error(member_.key_position, "'run: cmd' wants a 'cmd': a shell line, or a list of a program and its arguments");
        if (run && *run != SheetEntry::Run::cmd && found != nullptr)
            shape_.error(found->position(), "'cmd' goes with 'run: cmd' and with nothing else");
        if (found == nullptr) return;
        if (found->is_text() && !found->text().empty()) {
            shell = found->text();
            return;
        }
        if (found->is_list())
            for (const Value& word : found->list())
                if (word.is_text()) argv.push_back(word.text());
        if (argv.empty() || argv.size() != found->list().size() || argv.front().empty())
            shape_.error(found->position(),
                         "'cmd' is a shell line, or a list of a program and its arguments, found " + found->described());
    }

    std::optional<std::int64_t> duration(const std::string& key) {
        const auto* const value = shape_.find(key);
        if (value == nullptr) return std::nullopt;
        if (value->is_integer() && value->integer() > 0 && value->integer() < 400'000'000) return value->integer() * 1000;
        if (value->is_text())
            if (const auto read = parse_duration(value->text())) return read->count();
        shape_.error(value->position(),
                     "'" + key + "' is " + std::string(duration_wanted()) + ", found " + value->described());
        return std::nullopt;
    }

    void check_times() {
        const bool has_every = shape_.find("every") != nullptr, has_cron = shape_.find("cron") != nullptr;
        if (has_every == has_cron)
            shape_.error(member_.key_position, std::string("a schedule has one of 'every' and 'cron', found ") +
                                                   (has_every ? "both" : "neither"));
    }

    std::optional<CronLine> read_cron() {
        const auto text = shape_.text("cron");
        if (!text) return std::nullopt;
        try {
            return CronLine::parse(*text);
        } catch (const Error& error) {
            wrong("cron", error.text());
            return std::nullopt;
        }
    }

    Zone read_zone() {
        const auto name = shape_.text("timezone");
        if (!name) return Zone();
        try {
            return zone_named(*name, zones_from_ms, zones_until_ms);
        } catch (const Error& error) {
            wrong("timezone", error.text());
            return Zone();
        }
    }

    std::vector<Window> read_windows() {
        std::vector<Window> windows;
        for (const NamedRef& text : shape_.names("windows")) {
            try {
                windows.push_back(Window::parse(text.name));
            } catch (const Error& error) {
                shape_.error(text.position, error.text());
            }
        }
        return windows;
    }

    // "2027-01-31" or "2027-01-31 18:00", in the schedule's zone; 0 where there is none.
    std::int64_t read_until(const Zone& zone) {
        const auto text = shape_.text("until");
        if (!text) return 0;
        const auto local = parse_local_time(*text);
        if (!local) {
            wrong("until", "'until' is a day such as 2027-01-31, or with its time 2027-01-31 18:00, found " + quoted(*text));
            return 0;
        }
        const auto moments = zone.moments_of(*local);
        return 1000 * (moments.empty() ? zone.set_forward_over(*local) : moments.front());
    }

    // Nothing would ever be changed by it. Slots of the year 2026 stand for those of any other.
    void warn_of_windows(const ScheduleDefinition& schedule) {
        if (schedule.windows.empty() || schedule.run == SheetEntry::Run::plan) return;
        const Timetable timetable = schedule.timetable();
        std::int64_t due_ms = 1'767'225'600'000;
        const std::int64_t spread_ms = std::min<std::int64_t>(schedule.splay_ms, 24 * 60 * minute_ms);
        for (int i = 0; i < slots_searched; ++i) {
            due_ms = timetable.next(due_ms, "").due_ms;
            for (std::int64_t after = 0; after <= spread_ms; after += minute_ms)
                if (schedule.is_open(due_ms + after)) return;
        }
        const char* const instead =
            schedule.run == SheetEntry::Run::apply ? "it only plans, and changes nothing" : "it never runs";
        shape_.diagnostics().warning(shape_.find("windows")->position(), shape_.where(),
                                     std::string("none of its times falls into one of its windows: ") + instead);
    }

    const Mapping::Member& member_;
    CatalogParts& parts_;
    Shape shape_;
    std::string expression_;
};

}  // namespace

void read_schedules(const Value& value, CatalogParts& parts, Diagnostics& diagnostics) {
    if (value.is_null()) return;
    if (!value.is_mapping()) {
        diagnostics.error(value.position(), "schedules",
                          "expected a mapping from names to schedules such as 'nightly: {targets: ...}', found " + value.described());
        return;
    }
    for (const auto& member : value.mapping()) {
        if (!member.value.is_mapping()) {
            Shape told(member.value, "schedule " + member.key, diagnostics);
            continue;
        }
        if (!is_plain_name(member.key)) {
            diagnostics.error(member.key_position, "schedule " + member.key,
                              "a schedule's name has letters, digits, '.', '_' and '-', found " + quoted(member.key));
            continue;
        }
        auto schedule = ScheduleReader(member, parts, diagnostics).read();
        if (!parts.schedule_names.insert(member.key).second)
            diagnostics.error(member.key_position, "schedule " + member.key, "there is a schedule of this name already");
        else if (schedule)
            parts.schedules.push_back(std::move(*schedule));
    }
}

// A schedule that means nobody is a slip of the hand, most often. What depends on facts or on who is connected is not
// known here.
void check_schedules(const CatalogParts& parts, Diagnostics& diagnostics) {
    const bool groups_by_facts =
        std::any_of(parts.groups.begin(), parts.groups.end(), [](const Group& group) { return group.by_facts; });
    for (const ScheduleDefinition& schedule : parts.schedules) {
        const TargetExpression& targets = schedule.targets;
        if (targets.uses_facts() || targets.uses_variables() || targets.uses(TargetExpression::Kind::status)) continue;
        const bool of_groups = targets.uses(TargetExpression::Kind::group) || targets.uses(TargetExpression::Kind::role);
        if (of_groups && groups_by_facts) continue;
        bool any = false;
        for (std::size_t i = 0; i < parts.targets.size() && !any; ++i) {
            const ResolvedTarget resolved = resolve_target(parts, i, Value());
            TargetView view;
            view.name = parts.targets[i].id.text();
            view.host = parts.targets[i].host;
            view.executor = parts.targets[i].executor;
            view.roles = resolved.roles;
            view.groups = resolved.groups;
            any = targets.matches(view);
        }
        if (!any)
            diagnostics.warning(schedule.position, "schedule " + schedule.name,
                                "no target of the catalog matches " + quoted(schedule.expression) + ": it never runs");
    }
}

}  // namespace prove
