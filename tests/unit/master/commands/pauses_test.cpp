// Operators' hands on what schedules begin: pausing and resuming, and whom a pause holds.
#include "running_test.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

const std::map<std::string, std::string> files = {
    {"targets.yml", "targets:\n  - {name: web1, roles: [web]}\n  - {name: web2}\n  - {name: db1}\n"},
    {"roles.yml", "roles:\n  web: {}\n"},
    {"schedules.yml", "schedules:\n  nightly: {targets: 'web*', run: states apply, cron: '0 3 * * *'}\n"
                      "  hourly: {targets: '*', run: states plan, every: 1h}\n"}};

constexpr std::int64_t hour_ms = 3'600'000;

struct PauseWorld : RunningWorld {
    PauseWorld() : RunningWorld(files) {}

    // The error's text, or "" with the pause in `view`.
    std::string pause(const std::string& expression, const std::string& why = "moving racks", std::int64_t for_ms = hour_ms) {
        std::string text = "no answer";
        master.pause(permit(Permission::schedules_write), {expression, "", why, for_ms}, answered(text));
        pump();
        return text;
    }
    std::string pause_schedule(const std::string& schedule) {
        std::string text = "no answer";
        master.pause(permit(Permission::schedules_write), {"*", schedule, "holidays", hour_ms}, answered(text));
        pump();
        return text;
    }
    std::string resume(const std::string& expression) {
        std::string text = "no answer";
        master.resume(permit(Permission::schedules_write), expression, "", answered(text));
        pump();
        return text;
    }
    Reply<PauseView> answered(std::string& text) {
        return [this, &text](const Answer<PauseView>& answer) {
            text = answer.error ? answer.error->text() : "";
            if (answer.value) view = *answer.value;
        };
    }
    // By name, those on which anything is held.
    std::vector<std::string> held() {
        std::vector<std::string> names;
        for (const auto& row : master.targets(permit(Permission::targets_read), "*"))
            if (!row.pauses.empty()) names.push_back(row.name.text());
        return names;
    }
    PauseView view;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a pause holds what its expression means, with its reason and its end, and is seen on the targets",
          "[pauses]") {
    PauseWorld world;
    CHECK(world.pause("web*") == "");
    CHECK(world.view.targets == std::vector{TargetId("web1"), TargetId("web2")});
    CHECK(world.view.row.why == "moving racks");
    CHECK(world.view.row.who == "root");
    CHECK(world.view.row.until_ms == world.world.clock.wall_ms() + hour_ms);
    CHECK(world.held() == Names{"web1", "web2"});
    const auto pauses = world.master.pauses(world.permit(Permission::schedules_read));
    REQUIRE(pauses.size() == 1);
    CHECK(pauses.front().row == world.view.row);
    CHECK(pauses.front().targets == world.view.targets);
}

TEST_CASE("a pause ends by itself, and by resume", "[pauses]") {
    PauseWorld world;
    CHECK(world.pause("web1") == "");
    CHECK(world.pause("db1", "restoring", 2 * hour_ms) == "");
    world.world.clock.pass(Milliseconds(hour_ms - 1));
    CHECK(world.held() == Names{"db1", "web1"});
    world.world.clock.pass(Milliseconds(1));
    CHECK(world.held() == Names{"db1"});
    CHECK(world.resume("db1") == "");
    CHECK(world.held().empty());
}

TEST_CASE("pausing the same again replaces reason and end", "[pauses]") {
    PauseWorld world;
    CHECK(world.pause("web1") == "");
    CHECK(world.pause("web1", "longer than thought", 3 * hour_ms) == "");
    const auto pauses = world.master.pauses(world.permit(Permission::schedules_read));
    REQUIRE(pauses.size() == 1);
    CHECK(pauses.front().row.why == "longer than thought");
    CHECK(pauses.front().row.until_ms == world.world.clock.wall_ms() + 3 * hour_ms);
}

TEST_CASE("a pause's expression is evaluated anew, so that what comes later is held too", "[pauses]") {
    PauseWorld world;
    CHECK(world.pause("role:web") == "");
    CHECK(world.held() == Names{"web1"});
    world.folder.write("targets.yml", "targets:\n  - {name: web1}\n  - {name: web9, roles: [web]}\n");
    world.world.clock.pass(Milliseconds(5'000));
    CHECK(world.held() == Names{"web9"});
}

TEST_CASE("a pause without a reason or an end, or for nobody that there is, is refused", "[pauses]") {
    PauseWorld world;
    CHECK(world.pause("web1", "  ") == "a pause says why, for whoever finds it");
    CHECK(world.pause("web1", std::string(501, 'x')) == "the reason of a pause has at most 500 bytes");
    CHECK(world.pause("web1", "two\nlines") == "the reason of a pause is one line of text");
    CHECK(world.pause("web1", "\x1b[2J") == "the reason of a pause is one line of text");
    CHECK(world.pause("web1", "why", 0) == "a pause lasts more than 0 and at most 366 days");
    CHECK(world.pause("web1", "why", 367LL * 24 * hour_ms) == "a pause lasts more than 0 and at most 366 days");
    CHECK_THAT(world.pause("wbe1"), Contains("'wbe1'") && Contains("did you mean 'web1'"));
    CHECK_THAT(world.pause("role:"), Contains("role:"));
    CHECK_THAT(world.pause(""), Contains("no target is named"));
    CHECK(world.held().empty());
    CHECK(world.world.store.pauses().empty());
}

TEST_CASE("one schedule is paused and the others go on; of several pauses the one that ends last holds", "[pauses]") {
    PauseWorld world;
    const Pauses pauses{world.world.store, world.targets, world.world.clock};
    const auto why = [&](const char* target, const char* schedule) {
        const auto row = pauses.holding(TargetId(target), schedule, world.catalog.usable().get());
        return row ? row->why : "";
    };
    CHECK(world.pause_schedule("nightly") == "");
    CHECK(why("web1", "nightly") == "holidays");
    CHECK(why("web1", "hourly") == "");
    CHECK(world.pause("web1", "restoring", 2 * hour_ms) == "");
    CHECK(why("web1", "nightly") == "restoring");
    CHECK(why("web1", "hourly") == "restoring");
    CHECK(why("web2", "nightly") == "holidays");
    CHECK(world.pause_schedule("nihgtly") == "there is no schedule 'nihgtly'; did you mean 'nightly'?");
}

TEST_CASE("resuming what was paused under another name tells that name, and changes nothing", "[pauses]") {
    PauseWorld world;
    CHECK(world.pause("web*") == "");
    CHECK_THAT(world.resume("web1"), Contains("'web1' is not paused under this name; resume what was paused, as it was written:") &&
                                         Contains("'web*' is paused until ") && Contains("by root: moving racks"));
    CHECK(world.resume("db1") == "'db1' is not paused under this name, nor by another one");
    CHECK(world.held() == Names{"web1", "web2"});
}

TEST_CASE("an operator's job goes on, and is told of the pauses on its targets", "[pauses]") {
    PauseWorld world;
    FakeAgent web1(world.world, "web1");
    web1.hello();
    CHECK(world.pause("web*") == "");
    CHECK(world.pause("db1") == "");
    CHECK(world.submit("ping", "web1") == "");
    REQUIRE(world.made.paused.size() == 1);
    CHECK(world.made.paused.front().row.expression == "web*");
    CHECK(world.made.paused.front().targets == std::vector{TargetId("web1")});
    CHECK(world.submit("ping", "web2") == "");
    CHECK(world.resume("web*") == "");
    CHECK(world.submit("ping", "web1") == "");
    CHECK(world.made.paused.empty());
}

TEST_CASE("S89 who paused what and why is in the audit log, and who resumed it", "[pauses][S89]") {
    PauseWorld world;
    world.pause("web1");
    world.resume("web1");
    const auto records = world.world.store.audit(0, 100);
    REQUIRE(records.size() >= 2);
    const auto& paused = records.at(records.size() - 2);
    CHECK(paused.command == "schedules.pause");
    CHECK(paused.who == "root");
    CHECK_THAT(paused.detail, Contains("'web1' is paused until") && Contains("moving racks"));
    CHECK(records.back().command == "schedules.resume");
}

TEST_CASE("a pause that cannot be judged for a target holds it", "[pauses]") {
    PauseWorld world;
    CHECK(world.pause("var:site=north or web2") == "");
    CHECK(world.held() == Names{"web2"});
    world.folder.write("targets.yml", "targets:\n  - {name: web1, variable_files: [broken]}\n  - {name: web2}\n");
    world.folder.write("variables/broken.yml", "${nothing}: {\n");
    world.world.clock.pass(Milliseconds(5'000));
    CHECK(world.held() == Names{"web1", "web2"});
}
