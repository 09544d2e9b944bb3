// Durations and sizes as people write and read them.
#include "common/text/duration.hpp"

#include <catch2/catch.hpp>

using namespace prove;
using ms = std::chrono::milliseconds;

TEST_CASE("a wrong clock is shown by how far it is ahead or behind", "[text]") {
    CHECK(show_clock_difference(3 * 3'600'000) == "3 h ahead of the master's");
    CHECK(show_clock_difference(-400'000) == "6 min 40 s behind the master's");
}

TEST_CASE("moments are shown to the minute, in UTC, for people in any zone", "[text]") {
    CHECK(show_moment(0) == "1970-01-01 00:00 UTC");
    CHECK(show_moment(1'800'000'000'000) == "2027-01-15 08:00 UTC");
    CHECK(show_moment(1'709'251'199'999) == "2024-02-29 23:59 UTC");
}

TEST_CASE("a duration is a number with a unit, or of seconds", "[duration]") {
    CHECK(parse_duration("500ms") == ms(500));
    CHECK(parse_duration("2s") == ms(2'000));
    CHECK(parse_duration("5m") == ms(300'000));
    CHECK(parse_duration("1h") == ms(3'600'000));
    CHECK(parse_duration("2d") == ms(172'800'000));
    CHECK(parse_duration("90") == ms(90'000));
    CHECK(parse_duration("0") == ms(0));
    CHECK(parse_duration("1.5s") == ms(1'500));
    CHECK(parse_duration("1.1") == ms(1'100));
    CHECK(parse_duration("0.0005s") == ms(0));
}

TEST_CASE("everything else is not a duration", "[duration]") {
    for (const char* text : {"", "s", "-1s", "+1s", "1 s", " 1s", "1s ", "1x", "1.", ".5s", "1h30m", "1e3", "ten",
                             "99999999999999999999s", "4000d", "0x10", "1,5s"})
        CHECK_FALSE(parse_duration(text).has_value());
}

TEST_CASE("durations are shown with one or two units", "[duration]") {
    CHECK(show_duration(ms(3)) == "3 ms");
    CHECK(show_duration(ms(1'234)) == "1.2 s");
    CHECK(show_duration(ms(59'960)) == "1 min");
    CHECK(show_duration(ms(245'000)) == "4 min 5 s");
    CHECK(show_duration(ms(7'380'000)) == "2 h 3 min");
    CHECK(show_duration(ms(435'600'000)) == "5 d 1 h");
    CHECK(show_duration(ms(-5)) == "-5 ms");
}

TEST_CASE("sizes are shown in binary units", "[duration]") {
    CHECK(show_size(0) == "0 bytes");
    CHECK(show_size(1) == "1 byte");
    CHECK(show_size(1'023) == "1023 bytes");
    CHECK(show_size(4'096) == "4.0 KiB");
    CHECK(show_size(1'572'864) == "1.5 MiB");
    CHECK(show_size(64ull << 30) == "64.0 GiB");
}
