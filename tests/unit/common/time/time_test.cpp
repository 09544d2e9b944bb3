// Clock, randomness and deadlines.
#include <catch2/catch.hpp>

#include <array>
#include <limits>
#include <set>

#include "common/time/clock.hpp"
#include "common/time/deadline.hpp"
#include "common/time/new_job.hpp"
#include "common/time/random.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

struct HandClock final : Clock {
    std::int64_t now = 1'000;
    std::int64_t wall_ms() const override { return now; }
    std::int64_t boot_ms() const override { return now; }
};

}  // namespace

TEST_CASE("the machine's clock knows the year and never goes back", "[time]") {
    const SystemClock clock;
    CHECK(clock.wall_ms() > 1'700'000'000'000);
    const auto before = clock.boot_ms();
    CHECK(before > 0);
    CHECK(clock.boot_ms() >= before);
}

TEST_CASE("D7 a deadline follows the boot clock and passes once", "[time]") {
    HandClock clock;
    const Deadline deadline = Deadline::after(clock, Milliseconds(500));
    CHECK_FALSE(deadline.passed(clock));
    CHECK(deadline.left(clock) == Milliseconds(500));
    CHECK(deadline.poll_ms(clock) == 500);
    clock.now = 1'500;
    CHECK(deadline.passed(clock));
    clock.now = 9'000;
    CHECK(deadline.left(clock) == Milliseconds(0));
    CHECK(deadline.poll_ms(clock) == 0);
}

TEST_CASE("a deadline that is never does not pass and does not overflow poll", "[time]") {
    HandClock clock;
    CHECK_FALSE(Deadline().passed(clock));
    CHECK(Deadline().poll_ms(clock) == -1);
    CHECK(Deadline::after(clock, Milliseconds(std::int64_t{1} << 40)).poll_ms(clock) ==
          std::numeric_limits<int>::max());
    CHECK(Deadline().earlier(Deadline::at_boot_ms(5)).boot_ms() == 5);
}

TEST_CASE("random numbers stay below their bound and reach all of it", "[time]") {
    SystemRandom random;
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 500; ++i) {
        const auto number = random.below(5);
        REQUIRE(number < 5);
        seen.insert(number);
    }
    CHECK(seen.size() == 5);
    CHECK(random.below(1) == 0);
    CHECK_THROWS_AS(random.below(0), Error);
}

TEST_CASE("random bytes differ from call to call", "[time]") {
    SystemRandom random;
    std::array<std::uint8_t, 16> first{}, second{};
    random.fill(first.data(), first.size());
    random.fill(second.data(), second.size());
    CHECK(first != second);
}

TEST_CASE("a job's id tells when it was made, to the millisecond") {
    SystemRandom random;
    for (const std::int64_t ms : {0LL, 999LL, 1'700'000'000'001LL, 4'294'967'295'999LL})
        CHECK(made_ms(new_job_id(ms, random)) == ms);
}
