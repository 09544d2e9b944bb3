// The master's clock for targets without an agent: what is due is begun once, and what is not begun is said.
#include <catch2/catch.hpp>

#include <deque>

#include "master/commands/schedule_clock.hpp"
#include "master/store/memory_store.hpp"
#include "tests/support/catalog_folder.hpp"
#include "tests/support/fake_clock.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

namespace {

constexpr std::int64_t minute_ms = 60'000, hour_ms = 60 * minute_ms, day_ms = 24 * hour_ms;
constexpr std::int64_t monday_ms = 1'795'392'000'000;  // 2026-11-23 00:00 UTC

const char* const targets_yml =
    "targets:\n  - {name: box1, executor: ssh}\n  - {name: box2, executor: ssh}\n  - {name: web1}\n";

struct ClockWorld {
    explicit ClockWorld(const std::string& schedule) : folder(std::map<std::string, std::string>{{"targets.yml", targets_yml}}) {
        clock.wall = monday_ms;
        write(schedule);
    }

    // `schedule`: what the one schedule of the catalog has but for whom it means.
    void write(const std::string& schedule, const std::string& expression = "box1") {
        folder.write("schedules.yml", "schedules:\n  it: {targets: '" + expression + "', " + schedule + "}\n");
        auto loaded = std::make_shared<Snapshot>();
        loaded->catalog = folder.load();
        snapshot = loaded;
    }
    void start() {
        life = std::make_unique<ScheduleClock>(ScheduleClock::Parts{
            clock, store, targets, pauses, silent_logger(), [this](auto work) { posted.push_back(std::move(work)); },
            [this](const ClockedRun& run, auto made) { ask(run, std::move(made)); }});
    }
    void die() {
        store.crash();
        posted.clear();
        unanswered.clear();
        start();
    }
    void tick() {
        life->tick(snapshot);
        pump();
    }
    void pump() {
        while (!posted.empty()) {
            const auto work = std::move(posted.front());
            posted.pop_front();
            work();
        }
    }
    void pass(std::int64_t ms, std::int64_t step_ms = minute_ms) {
        for (std::int64_t done = 0; done < ms; done += step_ms) {
            clock.pass(Milliseconds(step_ms));
            tick();
        }
    }
    void ask(const ClockedRun& run, std::function<void(ScheduleClock::Made)> made) {
        asked.push_back(run);
        if (!refusal.empty()) return made({{}, refusal});
        unanswered.emplace_back(run, std::move(made));
        if (answers) answer();
    }
    // The job of the oldest run that was asked for.
    void answer() {
        const auto [run, made] = std::move(unanswered.front());
        unanswered.pop_front();
        make_job(run);
        made({jobs.back(), ""});
        pump();
    }
    void make_job(const ClockedRun& run) {
        auto raw = JobId::Raw{};
        raw.bytes[0] = static_cast<std::uint8_t>(jobs.size() >> 8);
        raw.bytes[1] = static_cast<std::uint8_t>(jobs.size());
        JobRow row;
        row.id = JobId(raw);
        row.schedule = run.schedule;
        row.slot_ms = run.due_ms;
        row.ended = !runs_on;
        JobTargetRow target;
        target.job = row.id;
        target.target = run.target;
        store.write({row, target}, [](const Error*) {});
        jobs.push_back(row.id);
    }
    std::vector<std::int64_t> hours() const {
        std::vector<std::int64_t> list;
        for (const auto& run : asked) list.push_back((run.due_ms - monday_ms) / hour_ms);
        return list;
    }
    std::string note() const {
        const auto rows = store.slots("it");
        return rows.empty() ? "no slot" : rows.front().note;
    }
    void pause(std::int64_t for_ms) {
        write_and_wait(store, {PauseRow{"", "box*", "moving racks", "alice", "", clock.wall, clock.wall + for_ms}});
    }

    CatalogFolder folder;
    FakeClock clock;
    MemoryStore store;
    KeyTable keys;
    Connections connections;
    TargetList targets{store, keys, connections};
    Pauses pauses{store, targets, clock};
    std::shared_ptr<const Snapshot> snapshot;
    std::unique_ptr<ScheduleClock> life;
    std::deque<std::function<void()>> posted;
    std::deque<std::pair<ClockedRun, std::function<void(ScheduleClock::Made)>>> unanswered;
    std::vector<ClockedRun> asked;
    std::vector<JobId> jobs;
    std::string refusal;
    bool answers = true, runs_on = false;
};

// One that has seen its schedule already.
struct Started : ClockWorld {
    explicit Started(const std::string& schedule) : ClockWorld(schedule) {
        start();
        tick();
    }
};

using Hours = std::vector<std::int64_t>;
const char* const hourly = "run: states apply, cron: '0 * * * *'";

}  // namespace

TEST_CASE("what is due for a target without an agent is begun at its time, once, and agents keep their own clocks",
          "[schedules]") {
    Started world(hourly);
    world.write(hourly, "*");
    world.pass(3 * hour_ms);
    CHECK(world.asked == std::vector<ClockedRun>{{"it", TargetId("box1"), monday_ms + hour_ms, RunMode::apply},
                                                 {"it", TargetId("box2"), monday_ms + hour_ms, RunMode::apply},
                                                 {"it", TargetId("box1"), monday_ms + 2 * hour_ms, RunMode::apply},
                                                 {"it", TargetId("box2"), monday_ms + 2 * hour_ms, RunMode::apply},
                                                 {"it", TargetId("box1"), monday_ms + 3 * hour_ms, RunMode::apply},
                                                 {"it", TargetId("box2"), monday_ms + 3 * hour_ms, RunMode::apply}});
    CHECK(world.store.slots("it").front().job == world.jobs.at(4).text());
}

TEST_CASE("P20 a year of hourly runs is exact, over restarts at any moment and the changes of summer time",
          "[schedules][P20]") {
    Started world("run: states plan, cron: '0 * * * *', timezone: Europe/Berlin");
    std::uint32_t random = 7;
    for (std::int64_t done = 0; done < 365 * day_ms; done += 20 * minute_ms) {
        world.clock.pass(Milliseconds(20 * minute_ms));
        random = random * 1'664'525 + 1'013'904'223;
        if (random >> 28 == 0) world.die();
        world.tick();
    }
    REQUIRE(world.asked.size() == 8'760);
    for (std::size_t i = 0; i < world.asked.size(); ++i)
        REQUIRE(world.asked[i].due_ms == monday_ms + static_cast<std::int64_t>(i + 1) * hour_ms);
}

TEST_CASE("what was missed while the master was away becomes one run", "[schedules]") {
    Started world(hourly);
    world.pass(hour_ms);
    world.life.reset();
    world.clock.pass(Milliseconds(5 * hour_ms + 10 * minute_ms));
    world.start();
    world.tick();
    CHECK(world.hours() == Hours{1, 6});
    world.pass(hour_ms);
    CHECK(world.hours() == Hours{1, 6, 7});
}

TEST_CASE("a clock that is set back doubles nothing, and one that is set forward skips into one run", "[schedules]") {
    Started world(hourly);
    world.pass(3 * hour_ms);
    world.clock.wall -= 2 * hour_ms;
    world.pass(2 * hour_ms);
    CHECK(world.hours() == Hours{1, 2, 3});
    world.clock.wall += 4 * hour_ms;
    world.tick();
    CHECK(world.hours() == Hours{1, 2, 3, 7});
    world.pass(hour_ms);
    CHECK(world.hours() == Hours{1, 2, 3, 7, 8});
}

TEST_CASE("a schedule counts from when it is first seen, and anew when its times change", "[schedules]") {
    Started world("run: states apply, cron: '0 3 * * *'");
    world.pass(2 * hour_ms);
    world.write("run: states apply, cron: '0 1 * * *'");
    world.pass(24 * hour_ms);
    CHECK(world.hours() == Hours{25});
    world.write("run: states apply, cron: '0 1 * * *', at_once: 5");
    world.pass(24 * hour_ms);
    CHECK(world.hours() == Hours{25, 49});
}

TEST_CASE("a target that the catalog names later counts from then on", "[schedules]") {
    Started world(hourly);
    world.pass(90 * minute_ms);
    world.write(hourly, "box*");
    world.pass(hour_ms);
    CHECK(world.hours() == Hours{1, 2, 2});
}

TEST_CASE("a pause holds what is due, and says so; when it ends, the next time counts", "[schedules][pauses]") {
    Started world(hourly);
    world.pause(90 * minute_ms);
    world.pass(hour_ms);
    CHECK(world.asked.empty());
    CHECK_THAT(world.note(), Contains("paused: 'box*' is paused until 2026-11-23 01:30 UTC by alice: moving racks"));
    world.pass(hour_ms);
    CHECK(world.hours() == Hours{2});
    CHECK(world.note() == "");
}

TEST_CASE("outside its windows an apply only plans, and a command is not run", "[schedules]") {
    Started world("run: states apply, cron: '30 * * * *', windows: ['02:00-03:00']");
    world.pass(3 * hour_ms);
    REQUIRE(world.asked.size() == 3);
    CHECK(world.asked[0].mode == RunMode::plan);
    CHECK(world.asked[2].mode == RunMode::apply);

    Started command("run: cmd, cmd: uptime, cron: '30 * * * *', windows: ['02:00-03:00']");
    command.pass(2 * hour_ms);
    CHECK(command.asked.empty());
    CHECK(command.note() == "not begun: outside its windows");
    command.pass(hour_ms);
    CHECK(command.hours() == Hours{2});
}

TEST_CASE("a run that could not begin within its expiry is given up, and that is said", "[schedules]") {
    Started world("run: states apply, cron: '0 1 * * *', expires: 30m");
    world.clock.pass(Milliseconds(hour_ms + 31 * minute_ms));
    world.tick();
    CHECK(world.asked.empty());
    CHECK(world.note() == "given up: it could not begin within 30 min of its time");
    world.clock.pass(Milliseconds(day_ms - 2 * minute_ms));
    world.tick();
    CHECK(world.hours() == Hours{25});
}

TEST_CASE("from its end on a schedule has no times", "[schedules]") {
    Started world("run: states apply, cron: '0 * * * *', until: 2026-11-23 03:00");
    world.pass(day_ms);
    CHECK(world.hours() == Hours{1, 2});
}

TEST_CASE("a run longer than its interval is not started twice, and that is said", "[schedules]") {
    Started world(hourly);
    world.runs_on = true;
    world.pass(3 * hour_ms);
    CHECK(world.hours() == Hours{1});
    CHECK_THAT(world.note(), Contains("not begun: the run before it, of 2026-11-23 01:00 UTC, was still running"));
    world.die();
    world.pass(hour_ms);
    CHECK(world.hours() == Hours{1});
    auto job = world.store.job(world.jobs.front()).value();
    job.ended = true;
    write_and_wait(world.store, {job});
    world.pass(hour_ms);
    CHECK(world.hours() == Hours{1, 5});
}

TEST_CASE("a run that waits for others of its schedule is asked for once", "[schedules]") {
    Started world(hourly);
    world.answers = false;
    world.pass(2 * hour_ms + 30 * minute_ms);
    CHECK(world.hours() == Hours{1});
    CHECK(world.note() == "not begun: the run before it still waited for others of its schedule");
    world.answer();
    world.pass(30 * minute_ms);
    CHECK(world.hours() == Hours{1, 3});
}

TEST_CASE("nothing is begun before it is durable that it was taken", "[schedules]") {
    Started world(hourly);
    world.pass(59 * minute_ms);
    world.store.hold();
    world.pass(2 * minute_ms);
    CHECK(world.asked.empty());
    world.store.commit();
    world.pump();
    CHECK(world.hours() == Hours{1});
}

TEST_CASE("a master that died between taking a slot and its job makes the job once it is back", "[schedules]") {
    Started world(hourly);
    world.answers = false;
    world.pass(hour_ms);
    CHECK(world.hours() == Hours{1});
    world.die();
    world.answers = true;
    world.pass(2 * minute_ms);
    CHECK(world.hours() == Hours{1, 1});
    CHECK(world.jobs.size() == 1);
}

TEST_CASE("a job that was made before the master died, and was not told, is not made again", "[schedules]") {
    Started world(hourly);
    world.answers = false;
    world.pass(hour_ms);
    world.make_job(world.asked.front());
    world.die();
    world.answers = true;
    world.pass(2 * minute_ms);
    CHECK(world.hours() == Hours{1});
    CHECK(world.store.slots("it").front().job == world.jobs.front().text());
}

TEST_CASE("with no space in the store nothing is begun, and it is when there is some again", "[schedules]") {
    Started world(hourly);
    world.pass(59 * minute_ms);
    world.store.fail_with(Error(ErrorKind::full, "no space left"));
    world.pass(10 * minute_ms);
    CHECK(world.asked.empty());
    world.store.fail_with(std::nullopt);
    world.pass(2 * minute_ms);
    CHECK(world.hours() == Hours{1});
}

TEST_CASE("why a run was refused is kept with its slot, and the next one is asked for", "[schedules]") {
    Started world(hourly);
    world.refusal = "its states do not compile";
    world.pass(hour_ms);
    CHECK(world.note() == "not begun: its states do not compile");
    world.refusal = "";
    world.pass(hour_ms);
    CHECK(world.hours() == Hours{1, 2});
    CHECK(world.note() == "");
}

TEST_CASE("without a catalog nothing is due, and a schedule that is gone is not begun", "[schedules]") {
    Started world(hourly);
    world.snapshot = nullptr;
    world.pass(2 * hour_ms);
    CHECK(world.asked.empty());
}
