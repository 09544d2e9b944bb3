// When what is known of targets counts as something else than before.
#include "running_test.hpp"

using namespace prove;
using namespace prove::test;

TEST_CASE("the version of what is known of targets changes with facts and keys, and with connections where they count",
          "[master]") {
    const std::map<std::string, std::string> files = {{"targets.yml", "targets:\n  - {name: web1}\n"}};
    RunningWorld running(files);
    const auto& targets = running.targets;
    auto version = targets.version(false), with_status = targets.version(true);
    CHECK(version != 0);
    CHECK(targets.version(false) == version);
    const auto changed = [&](bool status) {
        auto& last = status ? with_status : version;
        return std::exchange(last, targets.version(status)) != last;
    };
    FakeAgent web1(running.world, "web1");
    CHECK(changed(false));
    CHECK(changed(true));
    Value facts = Value::object();
    facts.set("kernel", "Linux");
    web1.hello({}, facts);
    running.world.settle();
    CHECK(targets.status_of(TargetId("web1")) == "connected");
    CHECK(targets.facts_of(TargetId("web1")) == facts);
    CHECK(changed(false));
    CHECK(changed(true));
    running.world.life->connections.lost(web1.key());
    CHECK(targets.status_of(TargetId("web1")) == "disconnected");
    CHECK_FALSE(changed(false));
    CHECK(changed(true));
    running.world.life->keys.drop(web1.key());
    CHECK(changed(false));
    CHECK_FALSE(changed(false));
}
