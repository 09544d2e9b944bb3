// Events of many targets at once, told in the order of their names.
#include <catch2/catch.hpp>

#include "master/cli/event_order.hpp"
#include "tests/support/fake_clock.hpp"

using namespace prove;

namespace {

// "1 a output, 2 a target_ended": all that is told by now.
std::string told(EventOrder& order) {
    std::string text;
    for (std::uint64_t after = 0;; ++after) {
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
    CHECK(told(order) == "1 a output, 2 a target_ended, 3 b output");
    order.end(1, Value::object());
    CHECK(told(order) == "1 a output, 2 a target_ended, 3 b output, 4 b target_ended, 5 c target_ended, 6 job_ended");
}
