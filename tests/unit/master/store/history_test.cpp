// What lists of runs show, for the database and its twin in memory; and how the database forgets.
#include "common/files/files.hpp"
#include "master/store/memory_store.hpp"
#include "rows.hpp"

using namespace prove;
using namespace prove::test;

namespace {

struct InMemory {
    MemoryStore store;
    Store& get() { return store; }
};
struct InDatabase {
    TemporaryFolder folder;
    std::unique_ptr<Store> store = open_sqlite_store(folder.path() + "/prove.db", silent_logger());
    Store& get() { return *store; }
};

JobRow states_job(int number) {
    auto row = job_row(static_cast<std::uint8_t>(number));
    row.operation = "states";
    row.ended = true;
    row.ended_ms = 1'000 + number;
    return row;
}

JobTargetRow run_of(int number, const std::string& name, const char* what, int times) {
    auto row = ended_row(static_cast<std::uint8_t>(number), name, TargetEnd::done);
    row.summary = Value::object();
    row.summary.set("ok", Value(40));
    if (times > 0) row.summary.set(what, Value(times));
    return row;
}

std::vector<JobId> jobs_of(const std::vector<RunRow>& rows) {
    std::vector<JobId> ids;
    for (const auto& row : rows) {
        CHECK(row.job.id == row.run.job);
        ids.push_back(row.run.job);
    }
    return ids;
}

RunFilter runs_of(const std::string& target) {
    RunFilter filter;
    filter.target = TargetId(target);
    return filter;
}

void forget_all(Store& store, const Retention& retention, std::int64_t now_ms) {
    while (store.prune(retention, now_ms)) {
    }
}

}  // namespace

TEMPLATE_TEST_CASE("the runs of a target are its own, the newest first, page by page", "[store]", InMemory,
                   InDatabase) {
    TestType made;
    auto& store = made.get();
    for (int number = 1; number <= 5; ++number)
        write_and_wait(
            store, {states_job(number), run_of(number, "web1", "changed", 0), run_of(number, "web2", "changed", 0)});
    write_and_wait(store, {states_job(6), run_of(6, "web2", "changed", 0)});

    auto filter = runs_of("web1");
    filter.limit = 3;
    CHECK(jobs_of(store.runs(filter)) == std::vector{job_id(5), job_id(4), job_id(3)});
    filter.before = job_id(3);
    CHECK(jobs_of(store.runs(filter)) == std::vector{job_id(2), job_id(1)});
    CHECK(store.runs(runs_of("web3")).empty());
    const auto row = store.runs(runs_of("web2")).front();
    CHECK(row.job == states_job(6));
    CHECK(row.run == run_of(6, "web2", "changed", 0));
}

TEMPLATE_TEST_CASE("runs can be asked for by operation", "[store]", InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    write_and_wait(store, {states_job(1), run_of(1, "web1", "", 0), job_row(2), target_row(2, "web1")});
    auto filter = runs_of("web1");
    filter.operation = "states";
    CHECK(jobs_of(store.runs(filter)) == std::vector{job_id(1)});
}

TEMPLATE_TEST_CASE("the last run of a schedule on a target is found however much else ran there since", "[store]", InMemory,
                   InDatabase) {
    TestType made;
    auto& store = made.get();
    const auto by = [](int number, const std::string& schedule) {
        auto row = states_job(number);
        row.schedule = schedule;
        return row;
    };
    write_and_wait(store, {by(1, "weekly"), run_of(1, "web1", "", 0), run_of(1, "web2", "", 0)});
    write_and_wait(store, {by(2, "weekly"), run_of(2, "web2", "", 0)});
    for (int number = 3; number <= 90; ++number)
        write_and_wait(store, {by(number, number % 2 != 0 ? "often" : ""), run_of(number, "web1", "", 0)});
    auto filter = runs_of("web1");
    filter.schedule = "weekly";
    CHECK(jobs_of(store.runs(filter)) == std::vector{job_id(1)});
    filter.target = TargetId("web2");
    CHECK(jobs_of(store.runs(filter)) == std::vector{job_id(2), job_id(1)});
    filter.target = TargetId("web1");
    filter.schedule = "often";
    filter.limit = 1;
    CHECK(jobs_of(store.runs(filter)) == std::vector{job_id(89)});
    filter.schedule = "never";
    CHECK(store.runs(filter).empty());
}

TEMPLATE_TEST_CASE("notable runs are those that changed something, would, did not end well or are commands", "[store]",
                   InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    write_and_wait(store, {states_job(1), run_of(1, "web1", "", 0)});
    write_and_wait(store, {states_job(2), run_of(2, "web1", "changed", 1)});
    write_and_wait(store, {states_job(3), run_of(3, "web1", "would_change", 1)});
    write_and_wait(store, {states_job(4), run_of(4, "web1", "held", 1)});
    write_and_wait(store, {states_job(5), ended_row(5, "web1", TargetEnd::unreachable)});
    write_and_wait(store, {job_row(6), ended_row(6, "web1", TargetEnd::done)});  // a command
    auto facts = job_row(7);
    facts.operation = "facts";
    write_and_wait(store, {facts, ended_row(7, "web1", TargetEnd::done)});
    write_and_wait(store, {states_job(8), target_row(8, "web1")});  // running
    auto filter = runs_of("web1");
    filter.notable_only = true;
    CHECK(jobs_of(store.runs(filter)) == std::vector{job_id(8), job_id(6), job_id(5), job_id(4), job_id(3), job_id(2)});
}

TEMPLATE_TEST_CASE("what did not end well is found among all that did", "[store]", InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    write_and_wait(store, {states_job(1), ended_row(1, "web1", TargetEnd::failed), run_of(1, "web2", "", 0)});
    write_and_wait(store, {states_job(2), run_of(2, "web1", "", 0)});
    write_and_wait(store, {states_job(3), ended_row(3, "web1", TargetEnd::expired), target_row(3, "web2")});
    const auto all = [](const TargetId&) { return true; };
    CHECK(jobs_of(store.not_well(10, all)) == std::vector{job_id(3), job_id(1)});
    CHECK(jobs_of(store.not_well(1, all)) == std::vector{job_id(3)});
    write_and_wait(store, {states_job(4), ended_row(4, "gone", TargetEnd::failed)});
    CHECK(jobs_of(store.not_well(1, [](const TargetId& name) { return name.text() != "gone"; })) == std::vector{job_id(3)});
}

TEMPLATE_TEST_CASE("lists of jobs can be of one target, and of those that run", "[store]", InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    write_and_wait(store, {states_job(1), run_of(1, "web1", "", 0), job_row(2), target_row(2, "web1"), job_row(3),
                           target_row(3, "web2"), states_job(4), run_of(4, "web2", "", 0)});
    const auto ids = [&](const JobFilter& filter) {
        std::vector<JobId> found;
        for (const auto& row : store.jobs(filter)) found.push_back(row.id);
        return found;
    };
    JobFilter filter;
    CHECK(ids(filter) == std::vector{job_id(4), job_id(3), job_id(2), job_id(1)});
    filter.target = "web1";
    CHECK(ids(filter) == std::vector{job_id(2), job_id(1)});
    filter.active_only = true;
    CHECK(ids(filter) == std::vector{job_id(2)});
    filter.target.clear();
    CHECK(ids(filter) == std::vector{job_id(3), job_id(2)});
    filter.before = job_id(3);
    CHECK(ids(filter) == std::vector{job_id(2)});
    filter.active_only = false;
    filter.operation = "states";
    CHECK(ids(filter) == std::vector{job_id(1)});
}

TEMPLATE_TEST_CASE("lists of jobs can leave out what schedules began, or be of one schedule", "[store]", InMemory,
                   InDatabase) {
    TestType made;
    auto& store = made.get();
    auto by_hand = states_job(1), nightly = states_job(2), hourly = states_job(3), running = job_row(4);
    by_hand.schedule = "";
    nightly.schedule = "nightly";
    hourly.schedule = "hourly";
    running.schedule = "";
    write_and_wait(store, {by_hand, nightly, hourly, running, run_of(1, "web1", "", 0), run_of(2, "web1", "", 0),
                           run_of(3, "web2", "", 0), target_row(4, "web1")});
    const auto ids = [&](const JobFilter& filter) {
        std::vector<JobId> found;
        for (const auto& row : store.jobs(filter)) found.push_back(row.id);
        return found;
    };
    JobFilter filter;
    filter.by_hand_only = true;
    CHECK(ids(filter) == std::vector{job_id(4), job_id(1)});
    filter.before = job_id(4);
    CHECK(ids(filter) == std::vector{job_id(1)});
    filter.before.reset();
    filter.active_only = true;
    CHECK(ids(filter) == std::vector{job_id(4)});
    filter = {};
    filter.schedule = "nightly";
    CHECK(ids(filter) == std::vector{job_id(2)});
    filter.target = "web2";
    CHECK(ids(filter).empty());
    filter.schedule = "hourly";
    CHECK(ids(filter) == std::vector{job_id(3)});
}

TEST_CASE("A13 one large job is forgotten in portions, its details before itself", "[store]") {
    InDatabase made;
    auto& store = made.get();
    Batch batch = {states_job(1)};
    for (int number = 0; number < 1'200; ++number) {
        const auto name = "web" + std::to_string(number);
        batch.push_back(run_of(1, name, "", 0));
        batch.push_back(ResultRow{job_id(1), TargetId(name), 1, "{}"});
    }
    write_and_wait(store, std::move(batch));
    Retention retention;
    retention.age_ms = 1'000;
    int portions = 0;
    while (store.job(job_id(1))) {
        REQUIRE(store.prune(retention, 1'000'000));
        ++portions;
        // Never a job whose targets are gone while results of it are still there.
        if (store.job_targets(job_id(1)).size() < 1'200) CHECK_FALSE(store.result(job_id(1), TargetId("web999")));
    }
    CHECK(portions >= 5);
    CHECK(store.job_targets(job_id(1)).empty());
}

TEST_CASE("A13 a job that has not ended is kept, however old it is and however little room there is", "[store]") {
    InDatabase made;
    auto& store = made.get();
    write_and_wait(store, {job_row(1), target_row(1, "web1"),
                           ResultRow{job_id(1), TargetId("web2"), 1, noise(100'000)}});
    Retention retention;
    retention.age_ms = 1;
    retention.bytes = 1;
    forget_all(store, retention, 1'000'000'000);
    CHECK(store.job(job_id(1)));
    CHECK(store.result(job_id(1), TargetId("web2")));
}

TEST_CASE("the store tells how much room it takes", "[store]") {
    InDatabase made;
    auto& store = made.get();
    const auto before = store.figures().bytes;
    write_and_wait(store, {states_job(1), ResultRow{job_id(1), TargetId("web1"), 1, noise(1 << 20)}});
    CHECK(store.figures().bytes > before + (800 << 10));
    Retention retention;
    retention.age_ms = 1;
    forget_all(store, retention, 1'000'000);
    CHECK(store.figures().bytes < before + (1 << 16));
}

TEST_CASE("a result comes back as it was, whether it was packed or not, and packed takes less room", "[store]") {
    InDatabase made;
    auto& store = made.get();
    const auto before = store.figures().bytes;
    const std::vector<std::string> bodies = {"", "{}", std::string(511, 'x'), std::string(512, 'x'), std::string(1 << 20, 'x')};
    Batch batch = {job_row(1)};
    for (std::size_t i = 0; i < bodies.size(); ++i)
        batch.push_back(ResultRow{job_id(1), TargetId("web" + std::to_string(i)), 1, bodies[i]});
    write_and_wait(store, std::move(batch));
    for (std::size_t i = 0; i < bodies.size(); ++i)
        CHECK(store.result(job_id(1), TargetId("web" + std::to_string(i)))->body == bodies[i]);
    CHECK(store.figures().bytes < before + (64 << 10));
}
