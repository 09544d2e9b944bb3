// Waiting for another thread's value, or for the end of all waiting.
#include "common/process/awaited.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <thread>

using namespace prove;

TEST_CASE("a value that was given before is there at once, and one that comes later is waited for", "[awaited]") {
    const Cancellation nobody;
    Awaited<std::string> early, late;
    early.give("early");
    CHECK(early.wait(nobody) == "early");
    std::thread giver([&] { late.give("late"); });
    CHECK(late.wait(nobody) == "late");
    giver.join();
}

TEST_CASE("who waits for a value is woken by a cancellation, before it and while it waits", "[awaited]") {
    Cancellation cancellation;
    Awaited<int> never;
    std::thread canceller([&] { cancellation.cancel("enough"); });
    CHECK_FALSE(never.wait(cancellation));
    canceller.join();
    CHECK_FALSE(never.wait(cancellation));
    // A value that came all the same is not thrown away.
    never.give(7);
    CHECK(never.wait(cancellation) == 7);
}
