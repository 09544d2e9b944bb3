// See the header.
#include "common/timetable/timetable.hpp"

#include <array>
#include <charconv>

#include "common/text/text.hpp"
#include "proto/bytes.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::array<std::string_view, 7> day_names = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::int64_t minutes_of_a_day = 1'440;
constexpr std::int64_t first_look_back_ms = 60'000;

[[noreturn]] void wrong_window(std::string_view text) {
    throw Error(ErrorKind::usage, "a window is written as 'mon-fri 22:00-04:00', 'sat,sun 00:00-24:00' or '01:00-05:00'; found " + quoted(text));
}

int day_of(std::string_view name, std::string_view whole) {
    for (std::size_t i = 0; i < day_names.size(); ++i)
        if (day_names[i] == name) return static_cast<int>(i);
    wrong_window(whole);
}

std::uint64_t days_of(const std::string& text, std::string_view whole) {
    std::uint64_t days = 0;
    for (const std::string& item : split(text, ',')) {
        const std::size_t dash = item.find('-');
        const int first = day_of(item.substr(0, dash), whole);
        const int last = dash == std::string::npos ? first : day_of(item.substr(dash + 1), whole);
        for (int day = first;; day = (day + 1) % 7) {
            days |= std::uint64_t{1} << day;
            if (day == last) break;
        }
    }
    return days;
}

int minute_of_day(std::string_view text, std::string_view whole) {
    int hour = -1, minute = -1;
    if (text.size() != 5 || text[2] != ':') wrong_window(whole);
    const auto read = [&](std::string_view digits, int& into) {
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + 2, into);
        if (error != std::errc() || end != digits.data() + 2) wrong_window(whole);
    };
    read(text.substr(0, 2), hour);
    read(text.substr(3), minute);
    if (hour < 0 || minute < 0 || minute > 59 || hour > 24 || (hour == 24 && minute != 0)) wrong_window(whole);
    return hour * 60 + minute;
}

}  // namespace

Window Window::parse(std::string_view text) {
    const auto words = split_words(text);
    if (words.empty() || words.size() > 2) wrong_window(text);
    Window window;
    window.text_ = join(words, " ");
    window.weekdays_ = words.size() == 2 ? days_of(words.front(), text) : 0x7f;
    const std::string& hours = words.back();
    const std::size_t dash = hours.find('-');
    if (dash == std::string::npos) wrong_window(text);
    window.from_ = minute_of_day(std::string_view(hours).substr(0, dash), text);
    window.to_ = minute_of_day(std::string_view(hours).substr(dash + 1), text);
    if (window.from_ == window.to_ || window.from_ == minutes_of_a_day) wrong_window(text);
    return window;
}

bool Window::is_open(std::int64_t ms, const Zone& zone) const {
    const std::int64_t utc_s = ms / 1'000, minutes = (utc_s + zone.offset_at(utc_s)) / 60;
    const std::int64_t day = minutes / minutes_of_a_day, minute = minutes % minutes_of_a_day;
    const auto begins_on = [this](std::int64_t at) { return (weekdays_ >> ((at + 4) % 7) & 1) != 0; };  // 1970 began on a Thursday
    if (from_ < to_) return begins_on(day) && minute >= from_ && minute < to_;
    return (begins_on(day) && minute >= from_) || (begins_on(day - 1) && minute < to_);
}

std::int64_t Timetable::delay_of(const std::string& who) const {
    if (splay_ms_ <= 0) return 0;
    const Hash hash = hash_of("prove.splay.v1:" + who);
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number = number << 8 | hash.bytes[i];
    return static_cast<std::int64_t>(number % static_cast<std::uint64_t>(splay_ms_));
}

std::int64_t Timetable::due_after(std::int64_t ms) const {
    if (const auto* line = std::get_if<CronLine>(&times_)) return line->next_after(ms, zone_);
    const std::int64_t every = std::get<std::int64_t>(times_);
    return (ms / every + 1) * every;
}

Slot Timetable::next(std::int64_t due_ms, const std::string& who) const {
    const std::int64_t due = due_after(due_ms);
    return {due, due + delay_of(who)};
}

// Looked for from now backwards, further each time: who was away for years does not go slot by slot through them.
std::optional<Slot> Timetable::ready(std::int64_t now_ms, std::int64_t last_due_ms, const std::string& who) const {
    const Slot first = next(last_due_ms, who);
    if (first.start_ms > now_ms) return std::nullopt;
    if (next(first.due_ms, who).start_ms > now_ms) return first;
    const std::int64_t passed = now_ms - delay_of(who);
    std::int64_t from = last_due_ms;
    for (std::int64_t back = first_look_back_ms; passed - last_due_ms > back; back *= 2) {
        if (due_after(passed - back) > passed) continue;
        from = passed - back;
        break;
    }
    std::optional<Slot> latest;
    for (Slot slot = next(from, who); slot.start_ms <= now_ms; slot = next(slot.due_ms, who)) latest = slot;
    return latest;
}

}  // namespace prove
