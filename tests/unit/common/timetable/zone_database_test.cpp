// The machine's zones. Offsets of zones whose rules are settled by law until they change it: checked for 2026.
#include <catch2/catch.hpp>

#include "common/timetable/zone_database.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

constexpr std::int64_t new_year_2026 = 1'767'225'600'000, new_year_2027 = 1'798'761'600'000;

std::string problem(const std::string& name) {
    try {
        static_cast<void>(zone_named(name, new_year_2026, new_year_2027));
    } catch (const Error& error) {
        return error.text();
    }
    return "";
}

}  // namespace

TEST_CASE("a zone of the machine comes with its changes of that time and no others", "[zone]") {
    const Zone berlin = zone_named("Europe/Berlin", new_year_2026, new_year_2027);
    CHECK(berlin == Zone("Europe/Berlin", {{1'767'225'600, 3'600}, {1'774'746'000, 7'200}, {1'792'890'000, 3'600}}));
    CHECK(zone_named("UTC", new_year_2026, new_year_2027).changes().size() == 1);
    CHECK(zone_named("Asia/Kolkata", new_year_2026, new_year_2027).offset_at(1'780'000'000) == 19'800);
}

TEST_CASE("a zone that does not exist is told, with the nearest name", "[zone]") {
    CHECK(problem("Europe/Berln") == "there is no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?");
    CHECK(problem("Mars") == "there is no time zone 'Mars'; they are called like Europe/Berlin, or UTC");
    CHECK(problem("../../etc/passwd").find("there is no time zone") == 0);
    CHECK(problem("").find("there is no time zone") == 0);
}
