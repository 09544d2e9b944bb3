// What every store does: the same sentences hold for the database and for its twin in memory.
#include "master/store/store.hpp"

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

}  // namespace

TEMPLATE_TEST_CASE("what is written is read back as it was", "[store]", InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    auto ended = job_row(2);
    ended.ended = true;
    ended.ended_ms = 99;
    ended.cancelled_by = "bob";
    ended.ends = {{TargetEnd::done, 3}, {TargetEnd::failed, 1}};
    const ResultRow result{job_id(1), TargetId("web1"), 1650, R"({"exit_code":3})"};
    const AgentRow agent{filled<KeyId>(1), "journal", 7, {"older", "old"}, "0.1.0", "boot", 11, 12};
    const TokenRow token{"0011223344556677", filled<PublicSignKey>(9), "web*", "alice", 1, 2, 3, filled<KeyId>(4)};
    FactsRow facts{filled<KeyId>(1), 8, Value::object()};
    facts.facts.set("os", Value("debian"));
    write_and_wait(
        store, {job_row(1), ended, target_row(1, "web1"), ended_row(1, "web2", TargetEnd::failed), result,
                event_row(1, 1), key_row(1, "web1", KeyState::accepted), agent, token, facts, SettingRow{"a", "b"}});

    CHECK(store.job(job_id(1)) == job_row(1));
    CHECK(store.job(job_id(2)) == ended);
    CHECK(store.job_targets(job_id(1)) == std::vector{target_row(1, "web1"), ended_row(1, "web2", TargetEnd::failed)});
    CHECK(store.job_target(job_id(1), TargetId("web1")) == target_row(1, "web1"));
    CHECK(store.result(job_id(1), TargetId("web1")) == result);
    CHECK(store.events(job_id(1), 0, 10) == std::vector{event_row(1, 1)});
    CHECK(store.keys() == std::vector{key_row(1, "web1", KeyState::accepted)});
    CHECK(store.agent(filled<KeyId>(1)) == agent);
    CHECK(store.tokens() == std::vector{token});
    CHECK(store.facts(filled<KeyId>(1)) == facts);
    CHECK(store.setting("a") == std::optional<std::string>("b"));
}

TEMPLATE_TEST_CASE("pauses are one for each schedule and expression, oldest first, until they are dropped", "[store]", InMemory,
                   InDatabase) {
    TestType made;
    auto& store = made.get();
    CHECK(store.pauses().empty());
    const PauseRow web{"", "web*", "moving racks", "alice", "socket uid 1000", 20, 90};
    const PauseRow nightly{"nightly", "web*", "holidays", "bob", "socket uid 1001", 10, 80};
    write_and_wait(store, {web, nightly});
    CHECK(store.pauses() == std::vector{nightly, web});

    auto longer = web;
    longer.until_ms = 200;
    write_and_wait(store, {longer, DropPause{"nightly", "db*"}});
    CHECK(store.pauses() == std::vector{nightly, longer});
    write_and_wait(store, {DropPause{"", "web*"}});
    CHECK(store.pauses() == std::vector{nightly});
}

TEMPLATE_TEST_CASE("of each schedule and target the last slot that was taken is known", "[store]", InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    const SlotRow first{"nightly", TargetId("web1"), 1000, 1001, "every 1h", "", 0, ""};
    const SlotRow other{"nightly", TargetId("web2"), 1000, 1002, "every 1h", job_id(1).text(), 900, "paused"};
    const SlotRow hourly{"hourly", TargetId("web1"), 900, 901, "", "", 0, ""};
    write_and_wait(store, {other, first, hourly});
    CHECK(store.slots("nightly") == std::vector{first, other});
    auto begun = first;
    begun.job = job_id(1).text();
    write_and_wait(store, {begun});
    CHECK(store.slots("nightly") == std::vector{begun, other});
    CHECK(store.slots("hourly") == std::vector{hourly});
    CHECK(store.slots("night").empty());
}

TEMPLATE_TEST_CASE("the version of facts rises when facts are stored, and with nothing else", "[store]", InMemory,
                   InDatabase) {
    TestType made;
    auto& store = made.get();
    const auto first = store.facts_version();
    write_and_wait(store, {key_row(1, "web1", KeyState::accepted), SettingRow{"a", "b"}});
    CHECK(store.facts_version() == first);
    write_and_wait(store, {FactsRow{filled<KeyId>(1), 8, Value::object()}});
    const auto second = store.facts_version();
    CHECK(second > first);
    write_and_wait(store, {FactsRow{filled<KeyId>(1), 9, Value::object()}});
    CHECK(store.facts_version() > second);
}

TEMPLATE_TEST_CASE("what is not there is absent, not an error", "[store]", InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    CHECK_FALSE(store.job(job_id(1)));
    CHECK(store.job_targets(job_id(1)).empty());
    CHECK_FALSE(store.job_target(job_id(1), TargetId("web1")));
    CHECK_FALSE(store.result(job_id(1), TargetId("web1")));
    CHECK(store.last_event(job_id(1)) == 0);
    CHECK_FALSE(store.agent(filled<KeyId>(1)));
    CHECK_FALSE(store.facts(filled<KeyId>(1)));
    CHECK_FALSE(store.setting("a"));
    CHECK(store.audit_head().is_zero());
}

TEMPLATE_TEST_CASE("a row that is written again replaces the one before and keeps what hangs on it", "[store]",
                   InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    write_and_wait(store, {job_row(1), target_row(1, "web1"), event_row(1, 1)});
    auto job = job_row(1);
    job.ended = true;
    write_and_wait(store, {job, ended_row(1, "web1", TargetEnd::done)});

    CHECK(store.job(job_id(1))->ended);
    CHECK(store.job_targets(job_id(1)) == std::vector{ended_row(1, "web1", TargetEnd::done)});
    CHECK(store.events(job_id(1), 0, 10).size() == 1);
}

TEMPLATE_TEST_CASE("jobs are listed newest first, in pages, and by what is asked", "[store]", InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    auto ping = job_row(2);
    ping.operation = "ping";
    auto over = job_row(3);
    over.ended = true;
    write_and_wait(store, {job_row(1), ping, over, target_row(1, "web1"), target_row(3, "web1")});
    const auto ids = [&](const JobFilter& filter) {
        std::vector<JobId> found;
        for (const auto& row : store.jobs(filter)) found.push_back(row.id);
        return found;
    };
    JobFilter filter;
    CHECK(ids(filter) == std::vector{job_id(3), job_id(2), job_id(1)});
    filter.limit = 2;
    CHECK(ids(filter) == std::vector{job_id(3), job_id(2)});
    filter.before = job_id(2);
    CHECK(ids(filter) == std::vector{job_id(1)});
    CHECK(ids({50, {}, "ping", "", false}) == std::vector{job_id(2)});
    CHECK(ids({50, {}, "", "web1", false}) == std::vector{job_id(3), job_id(1)});
    CHECK(ids({50, {}, "", "", true}) == std::vector{job_id(2), job_id(1)});
}

TEMPLATE_TEST_CASE("a job is found by the beginning of its id, and what people type is no pattern", "[store]", InMemory,
                   InDatabase) {
    TestType made;
    auto& store = made.get();
    write_and_wait(store, {job_row(1), job_row(2)});
    const auto text = job_id(1).text();
    CHECK(store.jobs_beginning(text, 5) == std::vector{job_id(1)});
    CHECK(store.jobs_beginning(text.substr(0, 3), 5).size() == 2);
    CHECK(store.jobs_beginning("%", 5).empty());
    CHECK(store.jobs_beginning("*", 5).empty());
    CHECK(store.jobs_beginning("' OR 1=1 --", 5).empty());
}

TEMPLATE_TEST_CASE("ends are counted, and the last run of a target is the newest job that ended for it", "[store]",
                   InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    write_and_wait(store, {job_row(1), job_row(2), job_row(3), ended_row(1, "web1", TargetEnd::done),
                           ended_row(2, "web1", TargetEnd::failed), ended_row(2, "web2", TargetEnd::failed),
                           ended_row(2, "web3", TargetEnd::done), target_row(3, "web1")});
    CHECK(store.job_ends(job_id(2)) == std::map<TargetEnd, std::size_t>{{TargetEnd::failed, 2}, {TargetEnd::done, 1}});
    REQUIRE(store.last_run(TargetId("web1"), "cmd"));
    CHECK(store.last_run(TargetId("web1"), "cmd")->job == job_id(2));
    CHECK_FALSE(store.last_run(TargetId("web1"), "states"));
}

TEMPLATE_TEST_CASE("events are read from any number on, and their last number is known", "[store]", InMemory,
                   InDatabase) {
    TestType made;
    auto& store = made.get();
    write_and_wait(store, {job_row(1), job_row(2), event_row(1, 1), event_row(1, 2), event_row(1, 3), event_row(2, 1)});
    CHECK(store.events(job_id(1), 1, 10) == std::vector{event_row(1, 2), event_row(1, 3)});
    CHECK(store.events(job_id(1), 1, 1) == std::vector{event_row(1, 2)});
    CHECK(store.last_event(job_id(1)) == 3);
}

TEMPLATE_TEST_CASE("only a pending key can be dropped", "[store]", InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    write_and_wait(store, {key_row(1, "a", KeyState::pending), key_row(2, "b", KeyState::accepted)});
    write_and_wait(store, {DropKey{filled<KeyId>(1)}, DropKey{filled<KeyId>(2)}});
    CHECK(store.keys() == std::vector{key_row(2, "b", KeyState::accepted)});
}

TEMPLATE_TEST_CASE("S90 every audit record carries the hash over all before it", "[store]", InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    write_and_wait(store, {audit_row("a"), audit_row("b")});
    write_and_wait(store, {audit_row("c")});
    const auto rows = store.audit(0, 10);
    REQUIRE(rows.size() == 3);
    Hash before;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CHECK(rows[i].number == i + 1);
        CHECK(rows[i].hash == audit_hash(before, rows[i]));
        before = rows[i].hash;
    }
    CHECK(store.audit_head() == before);
    CHECK(store.audit_count() == 3);
    CHECK(store.audit(1, 1).front().command == "b");
    CHECK_FALSE(first_bad_audit(store));
}

TEMPLATE_TEST_CASE("A13 history older than it is kept goes, with all that hangs on it; jobs that run stay", "[store]",
                   InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    auto old = job_row(1);
    old.ended = true;
    old.ended_ms = 1'000;
    auto recent = job_row(2);
    recent.ended = true;
    recent.ended_ms = 9'000;
    write_and_wait(store, {old, recent, job_row(3), ended_row(1, "web1", TargetEnd::done), event_row(1, 1),
                           ResultRow{job_id(1), TargetId("web1"), 1, "{}"}, event_row(3, 1)});
    Retention retention;
    retention.age_ms = 5'000;
    while (store.prune(retention, 10'000)) {
    }
    CHECK_FALSE(store.job(job_id(1)));
    CHECK(store.job_targets(job_id(1)).empty());
    CHECK(store.events(job_id(1), 0, 10).empty());
    CHECK_FALSE(store.result(job_id(1), TargetId("web1")));
    CHECK(store.job(job_id(2)));
    CHECK(store.job(job_id(3)));
    CHECK(store.events(job_id(3), 0, 10).size() == 1);
}

TEMPLATE_TEST_CASE("files that were fetched from targets are forgotten an hour after their job, and the job is not", "[store]",
                   InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    const std::int64_t hour = 3'600'000, now = 100 * hour;
    const auto fetched = [&](int number, std::int64_t ended_ms) {
        auto row = job_row(number);
        row.operation = "fetch";
        row.ended = true;
        row.ended_ms = ended_ms;
        write_and_wait(store, {row, ended_row(number, "web1", TargetEnd::done), ResultRow{job_id(number), TargetId("web1"), 1, "{}"}});
    };
    fetched(1, now - hour - 1);
    fetched(2, now - hour);
    auto other = job_row(3);
    other.ended = true;
    other.ended_ms = now - 2 * hour;
    write_and_wait(store, {other, ended_row(3, "web1", TargetEnd::done), ResultRow{job_id(3), TargetId("web1"), 1, "{}"}});
    while (store.prune({}, now)) {
    }
    CHECK_FALSE(store.result(job_id(1), TargetId("web1")));
    CHECK(store.job_targets(job_id(1)).size() == 1);
    CHECK(store.result(job_id(2), TargetId("web1")));
    CHECK(store.result(job_id(3), TargetId("web1")));
}

TEMPLATE_TEST_CASE("how a target stands is one row for each, replaced by the next", "[store]", InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    CHECK_FALSE(store.standing(TargetId("web1")));
    StandingRow row{TargetId("web2"), filled<KeyId>(3), Standing::differs, 10, 20, job_id(4), "abcd", 15, Value::object()};
    row.found.set("applied", "abcd");
    StandingRow first = row;
    first.target = TargetId("web1");
    write_and_wait(store, {row, first});
    CHECK(store.standing(TargetId("web2")) == row);
    row.standing = Standing::converged;
    row.since_ms = 30;
    write_and_wait(store, {row});
    CHECK(store.standings() == std::vector{first, row});
}

TEMPLATE_TEST_CASE("of a target that is forgotten neither standing nor slots are left", "[store]", InMemory, InDatabase) {
    TestType made;
    auto& store = made.get();
    const auto standing = [](const char* name, std::int64_t judged_ms, std::int64_t drift_ms) {
        return StandingRow{TargetId(name), filled<KeyId>(3), Standing::differs, 10, judged_ms, job_id(4), "abcd", drift_ms,
                           Value::object()};
    };
    const auto slot = [](const char* schedule, const char* name, std::int64_t taken_ms) {
        SlotRow row;
        row.schedule = schedule;
        row.target = TargetId(name);
        row.taken_ms = taken_ms;
        return row;
    };
    write_and_wait(store, {standing("web1", 100, 0), standing("web2", 0, 200), standing("web3", 100, 0), slot("nightly", "web3", 300),
                           slot("nightly", "web4", 100), slot("hourly", "web4", 50)});
    CHECK(store.remembered(100).empty());
    CHECK(store.remembered(101) == std::vector{TargetId("web1"), TargetId("web4")});
    CHECK(store.remembered(201) == std::vector{TargetId("web1"), TargetId("web2"), TargetId("web4")});
    write_and_wait(store, {ForgetTarget{TargetId("web4")}, ForgetTarget{TargetId("web3")}, ForgetTarget{TargetId("nobody")}});
    CHECK(store.slots("nightly").empty());
    CHECK(store.slots("hourly").empty());
    CHECK_FALSE(store.standing(TargetId("web3")));
    CHECK(store.remembered(1'000) == std::vector{TargetId("web1"), TargetId("web2")});
}
