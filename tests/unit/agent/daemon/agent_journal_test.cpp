// The agent's journal: what it remembers, in which bytes, and what a crash, a full disk or damage leaves of it.
#include <catch2/catch.hpp>

#include <set>

#include "agent/daemon/agent_journal.hpp"
#include "tests/support/simulated_disk.hpp"
#include "tests/unit/agent/daemon/world.hpp"

using namespace prove;
using namespace prove::test;
using State = AgentJournal::Job::State;

namespace {

struct Opened {
    SystemRandom random;
    AgentJournal journal;
    explicit Opened(Disk& disk, const AgentJournal::Limits& limits = {}) : journal(disk, random, silent_logger(), limits) {}
};

AcceptedRecord accepted(std::uint8_t number, std::uint64_t sequence = 1, std::int64_t not_after_ms = 1'000) {
    KeyId sender;
    sender.bytes.fill(0xAA);
    return {job_number(number), sender, sequence, not_after_ms, 0, "cmd"};
}

JobResult result(std::uint8_t number, const std::string& said = "ok") {
    JobResult result;
    result.job = job_number(number);
    result.body = Value::object();
    result.body.set("said", said);
    return result;
}

}  // namespace

TEST_CASE("the journal's records have these bytes, now and for ever") {
    auto record = accepted(0x11, 0x0102, 0x0304);
    record.generation = 5;
    CHECK(to_hex(to_record(record)) ==
          "11111111111111111111111111111111" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" "0000000000000102"
          "0000000000000304" "0000000000000005" "636d64");
    CHECK(accepted_record_from(to_record(record)) == record);
    const DoneRecord done{job_number(0x22), "{}"};
    CHECK(to_hex(to_record(done)) == "22222222222222222222222222222222" "7b7d");
    CHECK(done_record_from(to_record(done)) == done);
    const LowWaterRecord low{record.sender, 7};
    CHECK(to_hex(to_record(low)) == "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" "0000000000000007");
    CHECK(low_water_record_from(to_record(low)) == low);
    CHECK(to_hex(to_record(std::uint64_t{9})) == "0000000000000009");
    CHECK(number_record_from(to_record(std::uint64_t{9})) == 9);
}

TEST_CASE("the records of schedules have these bytes, now and for ever") {
    const SlotRecord slot{"nightly", 0x0102, SlotRecord::State::own, "done"};
    CHECK(to_hex(to_record(slot)) == "0000000000000102" "02" "0007" "6e696768746c79" "646f6e65");
    CHECK(slot_record_from(to_record(slot)) == slot);
    const OwnRunRecord own{job_number(0x22), 0x0304, "{}"};
    CHECK(to_hex(to_record(own)) == "22222222222222222222222222222222" "0000000000000304" "7b7d");
    CHECK(own_run_record_from(to_record(own)) == own);
    const KeptRecord kept{Kept::state_run, 7};
    CHECK(to_hex(to_record(kept)) == "02" "0000000000000007");
    CHECK(kept_record_from(to_record(kept)) == kept);
    const TimeRecord time{-2, 5, "boot"};
    CHECK(to_hex(to_record(time)) == "fffffffffffffffe" "0000000000000005" "626f6f74");
    CHECK(time_record_from(to_record(time)) == time);
    for (std::size_t size = 0; size < 18; ++size) CHECK_THROWS_AS(slot_record_from(to_record(slot).substr(0, size)), Error);
    CHECK_THROWS_AS(slot_record_from(std::string(8, '\0') + '\4' + std::string(2, '\0')), Error);
    CHECK_THROWS_AS(own_run_record_from(std::string(23, 'x')), Error);
    CHECK_THROWS_AS(kept_record_from(std::string(10, 'x')), Error);
    CHECK_THROWS_AS(time_record_from(std::string(15, 'x')), Error);
}

TEST_CASE("a record cut short anywhere is refused") {
    const auto whole = to_record(accepted(1));
    for (std::size_t size = 0; size + 3 < whole.size(); ++size)
        CHECK_THROWS_AS(accepted_record_from(whole.substr(0, size)), Error);
    CHECK_THROWS_AS(number_record_from("1234567"), Error);
    CHECK_THROWS_AS(number_record_from("123456789"), Error);
    CHECK_THROWS_AS(low_water_record_from(std::string(23, 'x')), Error);
    CHECK_THROWS_AS(job_record_from(std::string(17, 'x')), Error);
    CHECK_THROWS_AS(done_record_from("short"), Error);
}

TEST_CASE("S49 everything that must not be forgotten is there after a restart") {
    SimulatedDisk disk;
    JournalId id;
    KeyId sender = accepted(1).sender;
    {
        Opened opened(disk);
        id = opened.journal.id();
        opened.journal.next_hello();
        opened.journal.accept(accepted(1));
        auto run = accepted(2);
        run.generation = 9;
        opened.journal.accept(run);
        opened.journal.accept(accepted(3));
        opened.journal.finish(result(1));
        opened.journal.finish(result(3));
        opened.journal.stored(job_number(3));
        opened.journal.raise_low_water(sender, 77);
        opened.journal.next_hello();
    }
    Opened again(disk);
    CHECK(again.journal.id() == id);
    CHECK(again.journal.next_hello() == 3);
    CHECK(again.journal.generation() == 9);
    CHECK(again.journal.low_water(sender) == 77);
    CHECK(again.journal.jobs_in(State::accepted) == std::vector{job_number(2)});
    CHECK(again.journal.jobs_in(State::done) == std::vector{job_number(1)});
    CHECK(again.journal.jobs_in(State::stored) == std::vector{job_number(3)});
    CHECK(job_result_from(read_json(again.journal.find(job_number(1))->message)).body.at("said").text() == "ok");
}

TEST_CASE("low water never falls") {
    SimulatedDisk disk;
    Opened opened(disk);
    const KeyId sender = accepted(1).sender;
    opened.journal.raise_low_water(sender, 10);
    opened.journal.raise_low_water(sender, 5);
    CHECK(opened.journal.low_water(sender) == 10);
}

TEST_CASE("P2 P4 killed or without power at any point, an accepted job is accepted and a finished one finished") {
    // The same life again and again, ended at the nth call on the disk; then what was told to others must hold.
    for (int crash_at = 1;; ++crash_at) {
        SimulatedDisk disk;
        std::set<std::uint8_t> told_accepted, told_finished;
        int calls = 0;
        disk.before = [&](const std::string&) {
            if (++calls == crash_at) throw SimulatedDisk::Crash();
        };
        bool crashed = false;
        try {
            AgentJournal::Limits small;
            small.inline_bytes = 200;
            Opened opened(disk, small);
            for (std::uint8_t number = 1; number <= 4; ++number) {
                opened.journal.accept(accepted(number, number));
                told_accepted.insert(number);
                opened.journal.finish(result(number, std::string(number * 100u, 'x')));
                told_finished.insert(number);
                if (number % 2 == 0) opened.journal.stored(job_number(number));
            }
        } catch (const SimulatedDisk::Crash&) {
            crashed = true;
        }
        disk.lose_power(static_cast<std::uint32_t>(crash_at));
        Opened again(disk);
        for (const auto number : told_accepted) {
            INFO("crash at call " << crash_at << ", job " << int(number));
            const auto* job = again.journal.find(job_number(number));
            REQUIRE(job != nullptr);
            if (!told_finished.contains(number)) continue;
            CHECK(job->state != State::accepted);
            if (job->state == State::done && job->blob && number % 2 == 1)
                CHECK(again.journal.blob(job_number(number), job->blob->hash));
        }
        if (!crashed) break;
        REQUIRE(crash_at < 200);
    }
}

TEST_CASE("S48 own sequences are reserved ahead, so that a crash skips numbers and repeats none") {
    SimulatedDisk disk;
    std::uint64_t last = 0;
    for (int lives = 0; lives < 4; ++lives) {
        Opened opened(disk);
        for (int i = 0; i < 3; ++i) {
            const auto next = opened.journal.next_sequence();
            CHECK(next > last);
            last = next;
        }
        disk.lose_power(static_cast<std::uint32_t>(lives));
    }
}

TEST_CASE("S55 a damaged journal is put aside and a new one begun, with another id and nothing in it") {
    SimulatedDisk disk;
    JournalId id;
    {
        Opened opened(disk);
        id = opened.journal.id();
        opened.journal.accept(accepted(1));
        opened.journal.accept(accepted(2));
    }
    disk.content("journal")[40] ^= 1;
    Opened again(disk);
    CHECK(again.journal.id() != id);
    CHECK(again.journal.size() == 0);
    CHECK(disk.read("journal.damaged"));
    again.journal.accept(accepted(1));
}

TEST_CASE("S55 a journal with records of a newer prove-agent is refused, and left as it is") {
    SimulatedDisk disk;
    {
        Journal journal(disk, "journal", {}, [](const JournalRecord&) {});
        journal.append_durably(99, "what is this");
    }
    const auto before = disk.read("journal");
    CHECK_THROWS_WITH(Opened(disk), Catch::Contains("newer"));
    CHECK(disk.read("journal") == before);
}

TEST_CASE("S50 stored jobs are forgotten a day after they expired, and low water rises to the highest of them") {
    SimulatedDisk disk;
    Opened opened(disk);
    const std::int64_t day = 24LL * 3'600'000;
    opened.journal.accept(accepted(1, 50, 1'000));
    opened.journal.accept(accepted(2, 60, 1'000));
    opened.journal.accept(accepted(3, 70, 3 * day));
    for (const std::uint8_t number : {1, 2, 3}) {
        opened.journal.finish(result(number));
        opened.journal.stored(job_number(number));
    }
    opened.journal.purge(day);
    CHECK(opened.journal.size() == 3);
    opened.journal.purge(day + 2'000);
    CHECK(opened.journal.size() == 1);
    CHECK(opened.journal.low_water(accepted(1).sender) == 60);
}

TEST_CASE("results that nobody took are kept for a week") {
    SimulatedDisk disk;
    Opened opened(disk);
    const std::int64_t day = 24LL * 3'600'000;
    opened.journal.accept(accepted(1));
    opened.journal.finish(result(1));
    opened.journal.purge(6 * day);
    CHECK(opened.journal.size() == 1);
    opened.journal.purge(8 * day);
    CHECK(opened.journal.size() == 0);
    CHECK(opened.journal.outbox_bytes() == 0);
}

TEST_CASE("D4 a full outbox loses the oldest results' details, never that a job ended") {
    SimulatedDisk disk;
    AgentJournal::Limits limits;
    limits.outbox_bytes = 10'000;
    limits.inline_bytes = 1'000;
    Opened opened(disk, limits);
    for (std::uint8_t number = 1; number <= 5; ++number) {
        opened.journal.accept(accepted(number));
        opened.journal.finish(result(number, std::string(3'000, 'x')));
    }
    CHECK(opened.journal.outbox_bytes() <= 12'000);
    CHECK(opened.journal.jobs_in(State::done).size() == 5);
    const auto first = job_result_from(read_json(opened.journal.find(job_number(1))->message));
    CHECK_FALSE(first.blob);
    CHECK_THAT(first.reason, Catch::Contains("outbox was full"));
    // A command's exit code went with its details.
    CHECK(first.end == JobResult::End::failed);
    CHECK_THAT(first.reason, Catch::StartsWith("it ran to its end, how is not known"));
    CHECK(job_result_from(read_json(opened.journal.find(job_number(5))->message)).blob);
}

TEST_CASE("files of results that no record names are removed at the next start") {
    SimulatedDisk disk;
    { Opened opened(disk); }
    disk.append("result-" + job_number(1).text(), "left by a crash");
    Opened again(disk);
    CHECK_FALSE(disk.read("result-" + job_number(1).text()));
}

TEST_CASE("S49 a journal that fills up with history is written anew with all that must not be forgotten") {
    SimulatedDisk disk;
    AgentJournal::Limits limits;
    limits.journal_bytes = 64u << 10;
    JournalId id;
    std::uint64_t sequence = 0;
    {
        Opened opened(disk, limits);
        id = opened.journal.id();
        auto newest = accepted(4, 40, 4'000);
        newest.generation = 12;
        for (const auto& record : {accepted(1), accepted(2), accepted(3), newest}) opened.journal.accept(record);
        for (const std::uint8_t ended : {2, 3, 4}) opened.journal.finish(result(ended));
        opened.journal.stored(job_number(3));
        opened.journal.stored(job_number(4));
        opened.journal.raise_low_water(accepted(1).sender, 30);
        // The run of generation 12 itself may be forgotten; its number may not.
        opened.journal.purge(8LL * 24 * 3600 * 1000 + 1);
        REQUIRE(opened.journal.find(job_number(4)) == nullptr);
        sequence = opened.journal.next_sequence();
        for (int i = 0; i < 5'000; ++i) opened.journal.next_hello();
    }
    CHECK(disk.read("journal")->size() < limits.journal_bytes);
    Opened again(disk, limits);
    CHECK(again.journal.id() == id);
    CHECK(again.journal.next_hello() == 5'001);
    CHECK(again.journal.next_sequence() > sequence);
    CHECK(again.journal.generation() == 12);
    CHECK(again.journal.low_water(accepted(1).sender) == 40);
    REQUIRE(again.journal.find(job_number(1)) != nullptr);
    CHECK(again.journal.find(job_number(1))->state == State::accepted);
}

TEST_CASE("S51 results that wait for their confirmation outlive the journal's rewriting, and those confirmed stay known") {
    SimulatedDisk disk;
    AgentJournal::Limits limits;
    limits.journal_bytes = 64u << 10;
    {
        Opened opened(disk, limits);
        for (const std::uint8_t number : {1, 2}) {
            opened.journal.accept(accepted(number));
            opened.journal.finish(result(number, "it went well"));
        }
        opened.journal.stored(job_number(2));
        for (int i = 0; i < 5'000; ++i) opened.journal.next_hello();
    }
    Opened again(disk, limits);
    CHECK(again.journal.jobs_in(State::done) == std::vector{job_number(1)});
    CHECK(again.journal.find(job_number(1))->message.find("it went well") != std::string::npos);
    CHECK(again.journal.jobs_in(State::stored) == std::vector{job_number(2)});
}

TEST_CASE("many results that wait for a master that is away never fill the journal itself") {
    SimulatedDisk disk;
    AgentJournal::Limits limits;
    limits.journal_bytes = 256u << 10;
    Opened opened(disk, limits);
    for (std::uint8_t number = 1; number <= 100; ++number) {
        opened.journal.accept(accepted(number));
        opened.journal.finish(result(number, std::string(10'000, 'x')));
    }
    opened.journal.next_hello();
    CHECK(opened.journal.jobs_in(State::done).size() == 100);
}

TEST_CASE("an agent that knows too many jobs accepts no more") {
    SimulatedDisk disk;
    AgentJournal::Limits limits;
    limits.most_jobs = 2;
    Opened opened(disk, limits);
    opened.journal.accept(accepted(1));
    opened.journal.accept(accepted(2));
    CHECK_THROWS_AS(opened.journal.accept(accepted(3)), Error);
}
