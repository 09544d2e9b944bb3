// Events of many targets at once, told in the order of their names.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "master/cli/event_order.hpp"
#include "tests/support/fake_clock.hpp"

using namespace prove;

namespace {

// "1 a output, 2 a target_ended": all that is told after the event of that number.
std::string told(EventOrder& order, std::uint64_t after = 0) {
    std::string text;
    for (;; ++after) {
        const auto event = order.next(after, Milliseconds(0));
        if (!event) return text;
        const Value* target = event->find("target");
        text += (text.empty() ? "" : ", ") + std::to_string(event->at("number").integer()) + " " +
                (target ? target->text() + " " : "") + event->at("event").text();
    }
}

}  // namespace

TEST_CASE("what a later target says waits for those before it, and keeps its time", "[cli]") {
    const test::FakeClock clock;
    EventOrder order({"a", "b", "c"}, clock);
    order.tell(1, "output", Value::object());
    order.end(2, Value::object());
    CHECK(told(order).empty());
    order.tell(0, "output", Value::object());
    CHECK(told(order) == "1 a output");
    order.end(0, Value::object());
    CHECK(told(order, 1) == "2 a target_ended, 3 b output");
    order.end(1, Value::object());
    CHECK(told(order, 3) == "4 b target_ended, 5 c target_ended, 6 job_ended");
}

TEST_CASE("who tells faster than it is heard waits, and who is not heard any more does not", "[cli]") {
    const test::FakeClock clock;
    EventOrder order({"a", "b"}, clock);
    Value mebibyte = Value::object();
    mebibyte.set("base64", std::string(1u << 20, 'A'));
    std::atomic<int> said{0};
    std::thread target([&] {
        for (int i = 0; i < 100; ++i) {
            order.tell(1, "output", mebibyte);
            ++said;
        }
    });
    order.end(0, Value::object());
    std::uint64_t heard = 0;
    for (; heard < 50; ++heard) {
        REQUIRE(order.next(heard, Milliseconds(60'000)));
        CHECK(said <= static_cast<int>(heard) + 10);
    }
    order.close();
    target.join();
    CHECK(said == 100);
}
