// See the header.
#include "common/timetable/cron.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <vector>

#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::int64_t day_s = 86'400;
// 29 February is a Sunday (29 2 */7) every 28 years, and after 40 where a century is without one.
constexpr int most_years = 40;
constexpr int most_days = most_years * 366 + 1;

struct Field {
    const char* name;
    int first, last;
    std::vector<std::string_view> names;  // of the values from `named_from` on
    int named_from = 0;
};

const std::array<Field, 5>& fields() {
    static const std::array<Field, 5> all = {{
        {"minute", 0, 59, {}},
        {"hour", 0, 23, {}},
        {"day of the month", 1, 31, {}},
        {"month", 1, 12, {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}, 1},
        {"day of the week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, 0},
    }};
    return all;
}

[[noreturn]] void wrong(const Field& field, std::string_view text) {
    const std::string names = field.names.empty() ? "" : ", a name such as " + std::string(field.names.front()) + ",";
    throw Error(ErrorKind::usage, "the " + std::string(field.name) + " of a cron line is a number from " +
                                      std::to_string(field.first) + " to " + std::to_string(field.last) + names +
                                      " or '*', with ranges (1-5), steps (*/5) and lists (1,3); found " + quoted(text));
}

int number(const Field& field, std::string_view text, std::string_view whole) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const auto named = std::find(field.names.begin(), field.names.end(), lower);
    if (named != field.names.end()) return static_cast<int>(named - field.names.begin()) + field.named_from;
    int value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < field.first || value > field.last)
        wrong(field, whole);
    return value;
}

std::uint64_t bits_of(const Field& field, std::string_view whole) {
    std::uint64_t bits = 0;
    for (const std::string& item : split(std::string(whole), ',')) {
        const std::size_t slash = item.find('/');
        const std::string range = item.substr(0, slash);
        const std::size_t dash = range.find('-');
        int first = field.first, last = field.last, step = 1;
        if (range != "*") {
            first = number(field, range.substr(0, dash), whole);
            last = dash == std::string::npos ? first : number(field, range.substr(dash + 1), whole);
        }
        if (slash != std::string::npos) {
            const std::string text = item.substr(slash + 1);
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
            if (error != std::errc() || end != text.data() + text.size() || step < 1 || step > field.last) wrong(field, whole);
            if (range != "*" && dash == std::string::npos) wrong(field, whole);  // 5/10 means nothing in crontab(5)
        }
        if (last < first) wrong(field, whole);
        for (int value = first; value <= last; value += step) bits |= std::uint64_t{1} << value;
    }
    return bits;
}

}  // namespace

CronLine CronLine::parse(std::string_view text) {
    const auto words = split_words(std::string(text));
    if (words.size() != fields().size())
        throw Error(ErrorKind::usage, "a cron line has five fields (minute hour day month weekday), found " +
                                          counted(words.size(), "field"));
    CronLine line;
    line.text_ = join({words.begin(), words.end()}, " ");
    std::uint64_t* const all[] = {&line.minutes_, &line.hours_, &line.days_, &line.months_, &line.weekdays_};
    for (std::size_t i = 0; i < words.size(); ++i) *all[i] = bits_of(fields()[i], words[i]);
    if ((line.weekdays_ >> 7 & 1) != 0) line.weekdays_ |= 1;  // 7 is Sunday, too
    line.any_day_ = words[2].front() == '*';
    line.any_weekday_ = words[4].front() == '*';
    line.follows_real_time_ = words[0].front() == '*' || words[1].front() == '*';
    for (std::int64_t day = 0; day < most_days; ++day)
        if (line.fires_on(day)) return line;
    throw Error(ErrorKind::usage, "this cron line never fires: no such day is in any of its months");
}

bool CronLine::fires_on(std::int64_t day) const {
    using namespace std::chrono;
    const sys_days at{days{day}};
    const year_month_day date{at};
    const auto bit = [](std::uint64_t bits, unsigned value) { return (bits >> value & 1) != 0; };
    if (!bit(months_, unsigned{date.month()})) return false;
    const bool of_month = bit(days_, unsigned{date.day()}), of_week = bit(weekdays_, weekday{at}.c_encoding());
    // crontab(5): where both fields say something, one of them is enough.
    return any_day_ || any_weekday_ ? of_month && of_week : of_month || of_week;
}

std::optional<std::int64_t> CronLine::first_on(std::int64_t day, std::int64_t after_s, const Zone& zone) const {
    std::optional<std::int64_t> first;
    const auto take = [&](std::int64_t moment) {
        if (moment > after_s && (!first || moment < *first)) first = moment;
    };
    for (int hour = 0; hour < 24; ++hour) {
        if ((hours_ >> hour & 1) == 0) continue;
        for (int minute = 0; minute < 60; ++minute) {
            if ((minutes_ >> minute & 1) == 0) continue;
            const std::int64_t local = day * day_s + hour * 3'600 + minute * 60;
            const auto moments = zone.moments_of(local);
            if (follows_real_time_) {
                for (const std::int64_t moment : moments) take(moment);
            } else {
                take(moments.empty() ? zone.set_forward_over(local) : moments.front());
            }
        }
    }
    return first;
}

std::int64_t CronLine::next_after(std::int64_t ms, const Zone& zone) const {
    const std::int64_t after_s = ms >= 0 ? ms / 1'000 : -((-ms + 999) / 1'000);
    const std::int64_t local = after_s + zone.offset_at(after_s);
    const std::int64_t today = local >= 0 ? local / day_s : -((-local + day_s - 1) / day_s);
    // The day before, too: where clocks are set back over midnight, it comes once more.
    for (std::int64_t day = today - 1; day < today + most_days; ++day) {
        if (!fires_on(day)) continue;
        if (const auto moment = first_on(day, after_s, zone)) return *moment * 1'000;
    }
    throw Error(ErrorKind::internal, "the cron line " + quoted(text_) + " does not fire within " + std::to_string(most_years) + " years");
}

}  // namespace prove
