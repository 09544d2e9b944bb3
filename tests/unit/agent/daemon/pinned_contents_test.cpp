// What the kept run needs stays on the host, so that a run without the master is whole (S60).
#include <catch2/catch.hpp>

#include "agent/daemon/pinned_contents.hpp"
#include "agent/daemon/work.hpp"
#include "common/files/files.hpp"
#include "common/time/clock.hpp"
#include "tests/support/state_run_yaml.hpp"
#include "tests/unit/agent/daemon/scheduled_world.hpp"

using namespace prove;
using namespace prove::test;

namespace {

constexpr int files = 30;

std::string content_number(int number) {
    return "content " + std::to_string(number) + std::string(200, '.');
}

// Files in a folder, each with a content of its own; `padding` is in the run itself and makes it large.
Value run_of_files(const std::string& folder, std::size_t padding = 0) {
    prove::testing::MemoryContent contents;
    std::string yaml;
    for (int i = 0; i < files; ++i)
        yaml += "f" + std::to_string(i) + ": [{fn: file.managed, path: " + folder + "/f" + std::to_string(i) + ", content: \"" +
                content_number(i) + "\"}]\n";
    for (std::size_t i = 0; i < padding; i += 32u << 10)
        yaml += "large" + std::to_string(i) + ": [{fn: cmd.run, cmd: \"true " + std::string(32u << 10, 'p') + "\"}]\n";
    return to_value(RunYaml(yaml, contents).run());
}

// An agent's cache and what runs its jobs, as the daemon has them; the master is the test.
struct House {
    explicit House(const std::string& folder, std::uint64_t most_bytes)
        : cache(folder + "/cache", most_bytes),
          late_cache(folder + "/late", 10),
          work({clock, contents, late, folder + "/ledger", folder + "/facts.d", [](const JobEvent&) {}}) {}
    SystemClock clock;
    ContentCache cache;
    PinnedContents kept{cache, silent_logger()};
    ContentExchange contents{cache, [](const JobId&, const std::vector<BlobRef>&) {}};
    LateCache late_cache;
    LateExchange late{late_cache, [](const JobId&, const LateRequest&, const std::vector<std::string>&) {}};
    AgentWork work;
    Cancellation cancellation;

    void come(const std::string& bytes) {
        contents.arrived({{hash_of(bytes), bytes.size()}, bytes, {}});
        kept.arrived(hash_of(bytes));
    }
    void come_all() {
        for (int i = 0; i < files; ++i) come(content_number(i));
    }
    // What other jobs bring: more than the cache holds.
    void other_traffic() {
        for (int i = 0; i < 200; ++i) come("another " + std::to_string(i) + std::string(500, '-'));
    }
    RunReport report(const JobOrder& order) {
        const auto result = work.run(order, cancellation);
        INFO(result.reason);
        REQUIRE(result.end == JobResult::End::done);
        return run_report_from(result.body.at("report"));
    }
};

// A master that has an apply of these states done, and goes away.
struct Alone : Scheduled {
    Alone() { REQUIRE(heard.keeps.size() == 1); }
    void apply(const StatesBody& states) {
        auto command = command_for(job_number(9), "states", 9);
        command.body = to_value(states);
        send(command_frames(command));
        finish(job_number(9));
        starter = {};
    }
    StatesBody whole(Value run) const {
        StatesBody body;
        body.mode = RunMode::apply;
        body.run = std::move(run);
        body.offline_until_ms = clock.wall + kept_for_ms;
        return body;
    }
    JobOrder run_alone() {
        lose_master();
        pass_to_slot();
        REQUIRE(starter.started.size() == 1);
        return starter.started[0];
    }
};

int written(const std::string& folder) {
    int count = 0;
    for (int i = 0; i < files; ++i)
        count += find_whole_file(folder + "/f" + std::to_string(i), 1'000) == content_number(i) ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("S60 the contents of the kept run stay when others bring more than the cache holds: alone it is applied whole") {
    TemporaryFolder folder;
    House house(folder.path(), 20'000);
    Alone world;
    world.apply(world.whole(run_of_files(folder.path())));
    house.kept.keep(world.heard.keeps.back());
    house.come_all();
    house.other_traffic();
    CHECK(house.cache.bytes() <= 20'000);
    const auto report = house.report(world.run_alone());
    CHECK(written(folder.path()) == files);
    CHECK(count(report).held == 0);
}

TEST_CASE("S60 a kept run that is large is a content itself, and is run alone after a restart") {
    TemporaryFolder folder;
    const auto run = run_of_files(folder.path(), 300u << 10);
    const auto text = write_json(run);
    Alone world;
    StatesBody body = world.whole({});
    body.blob = BlobRef{hash_of(text), text.size()};
    world.apply(body);
    {
        House house(folder.path(), 500'000);
        house.kept.keep(world.heard.keeps.back());
        house.come(text);
        house.come_all();
        CHECK(house.kept.figures().contents == files + 1);
    }
    House house(folder.path(), 500'000);
    world.heard.keeps.clear();
    world.boot();
    REQUIRE(world.heard.keeps.size() == 1);          // told at the start, from what is on the disk
    house.kept.keep(world.heard.keeps.back());
    CHECK(house.kept.figures().here == files + 1);
    for (int i = 0; i < 3; ++i) house.other_traffic();
    house.come(std::string(200'000, 'l'));
    house.report(world.run_alone());
    CHECK(written(folder.path()) == files);
}

TEST_CASE("S60 a content of the kept run that is damaged, gone or never came holds its state, and the others are applied") {
    TemporaryFolder folder;
    House house(folder.path(), 20'000);
    Alone world;
    world.apply(world.whole(run_of_files(folder.path())));
    house.kept.keep(world.heard.keeps.back());
    for (int i = 1; i < files; ++i) house.come(content_number(i));
    write_file_durably(folder.path() + "/cache/" + hash_of(content_number(1)).hex(), "something else");
    remove_file(folder.path() + "/cache/" + hash_of(content_number(2)).hex());
    CHECK(house.kept.figures().contents == files);
    CHECK(house.kept.figures().here == files - 1);   // of those that it can know
    const auto report = house.report(world.run_alone());
    CHECK(written(folder.path()) == files - 3);
    CHECK(count(report).held == 3);
    CHECK_FALSE(exists(folder.path() + "/f1"));
    for (const auto& invocation : report.invocations)
        if (invocation.outcome == Outcome::held)
            CHECK_THAT(invocation.parts.at(0).reason, Catch::EndsWith("is not on this host, and this run is made without the master"));
}

TEST_CASE("S60 a large run that is damaged or gone is not run, and that is said") {
    TemporaryFolder folder;
    const auto text = write_json(run_of_files(folder.path(), 300u << 10));
    const auto hash = hash_of(text);
    for (const bool gone : {false, true}) {
        House house(folder.path(), 500'000);
        Alone world;
        StatesBody body = world.whole({});
        body.blob = BlobRef{hash, text.size()};
        world.apply(body);
        house.kept.keep(world.heard.keeps.back());
        house.come(text);
        house.come_all();
        auto damaged = text;
        damaged[damaged.size() / 2] ^= 1;
        if (gone)
            remove_file(folder.path() + "/cache/" + hash.hex());
        else
            write_file_durably(folder.path() + "/cache/" + hash.hex(), damaged);
        const auto result = house.work.run(world.run_alone(), house.cancellation);
        CHECK(result.end == JobResult::End::refused);
        CHECK(result.reason == "nothing was run: content " + hash.hex().substr(0, 12) +
                                   " is not on this host, and this run is made without the master");
        CHECK(written(folder.path()) == 0);
    }
}

TEST_CASE("three quarters of the cache are for what the kept run needs: what is over is like any other, and is told") {
    TemporaryFolder folder;
    House house(folder.path(), 8'000);               // 6,000 of them: 28 of the contents
    StatesBody body;
    body.run = run_of_files(folder.path());
    house.kept.keep(body);
    house.come_all();
    house.other_traffic();
    const auto figures = house.kept.figures();
    CHECK(figures.contents == files);
    CHECK(figures.here == 28);
    CHECK(figures.left_out == 2);
    CHECK(house.cache.bytes() <= 8'000);
}

TEST_CASE("a newer kept run lets go of what only the one before it needed") {
    TemporaryFolder folder;
    House house(folder.path(), 20'000);
    StatesBody body;
    body.run = run_of_files(folder.path());
    house.kept.keep(body);
    house.come_all();
    house.kept.keep({});
    house.other_traffic();
    CHECK_FALSE(house.cache.has(hash_of(content_number(0))));
    CHECK(house.kept.figures().contents == 0);
}

TEST_CASE("until a large run has come, what the kept run before it needed stays") {
    TemporaryFolder folder;
    House house(folder.path(), 20'000);
    StatesBody body;
    body.run = run_of_files(folder.path());
    house.kept.keep(body);
    house.come_all();
    StatesBody large;
    large.blob = BlobRef{hash_of("{}"), 2};
    house.kept.keep(large);
    house.other_traffic();
    CHECK(house.cache.has(hash_of(content_number(0))));
    house.come("{}");
    house.other_traffic();
    CHECK_FALSE(house.cache.has(hash_of(content_number(0))));
    CHECK(house.cache.has(hash_of("{}")));
}

TEST_CASE("only an apply of everything is kept, and only what it needs") {
    Alone world;
    StatesBody some;
    some.mode = RunMode::apply;
    some.run = Value::object();
    world.apply(some);
    CHECK(world.heard.keeps.size() == 1);
}
