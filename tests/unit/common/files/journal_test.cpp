// The journal: what a crash may take and what not, what is damage and what is a torn tail.
#include "common/files/journal.hpp"

#include <catch2/catch.hpp>

#include "common/files/files.hpp"
#include "common/files/journal_format.hpp"
#include "tests/support/simulated_disk.hpp"

using namespace prove;
using Payloads = std::vector<std::string>;

namespace {

struct Opened {
    Payloads payloads;
    std::vector<std::uint64_t> sequences;
    std::unique_ptr<Journal> journal;
};
Opened open(Disk& disk, JournalLimits limits = {}) {
    Opened opened;
    opened.journal = std::make_unique<Journal>(disk, "j", limits, [&](const JournalRecord& record) {
        opened.payloads.push_back(record.payload);
        opened.sequences.push_back(record.sequence);
    });
    return opened;
}

ErrorKind kind_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.kind();
    }
    FAIL("nothing was thrown");
    return ErrorKind::internal;
}

}  // namespace

TEST_CASE("a new journal is empty and is there after the first open", "[journal]") {
    SimulatedDisk disk;
    CHECK(open(disk).journal->was_made());
    disk.lose_power(1);
    const auto again = open(disk);
    CHECK_FALSE(again.journal->was_made());
    CHECK(again.payloads.empty());
    CHECK(again.journal->next_sequence() == 1);
}

TEST_CASE("D2 records come back in order with rising sequences", "[journal]") {
    SimulatedDisk disk;
    auto first = open(disk);
    CHECK(first.journal->append_durably(1, "a") == 1);
    CHECK(first.journal->append(2, "") == 2);
    CHECK(first.journal->append(2, std::string("c\0d", 3)) == 3);
    first.journal->sync();
    const auto again = open(disk);
    CHECK(again.payloads == Payloads{"a", "", std::string("c\0d", 3)});
    CHECK(again.sequences == std::vector<std::uint64_t>{1, 2, 3});
    CHECK(again.journal->next_sequence() == 4);
}

TEST_CASE("P4 what was synced survives a loss of power, whatever the disk does with the rest", "[journal]") {
    for (std::uint32_t seed = 0; seed < 2'000; ++seed) {
        SimulatedDisk disk;
        Payloads durable, all;
        {
            auto opened = open(disk);
            for (int i = 0; i < 6; ++i) {
                all.push_back("record " + std::to_string(i) + std::string(static_cast<std::size_t>(seed % 37), 'x'));
                opened.journal->append(1, all.back());
                if ((seed >> i) % 2 == 0) {
                    opened.journal->sync();
                    durable = all;
                }
            }
            // What was appended but not synced is written, and the power goes before the sync has returned.
            disk.before = [&](const std::string& call) {
                if (call.rfind("sync", 0) == 0) throw SimulatedDisk::Crash();
            };
            CHECK_THROWS_AS((opened.journal->append(1, "last"), opened.journal->sync()), SimulatedDisk::Crash);
            all.push_back("last");
        }
        disk.lose_power(seed);
        INFO("seed " << seed);
        const auto again = open(disk);
        REQUIRE(again.payloads.size() >= durable.size());
        REQUIRE(std::equal(again.payloads.begin(), again.payloads.end(), all.begin()));
        // And it goes on from there.
        again.journal->append_durably(1, "next");
        REQUIRE(open(disk).payloads.back() == "next");
    }
}

TEST_CASE("P4 what a journal gave back when it was opened outlives a loss of power right after", "[journal]") {
    for (std::uint32_t seed = 0; seed < 50; ++seed) {
        SimulatedDisk disk;
        {
            auto opened = open(disk);
            opened.journal->append(1, "written");
            // Killed before its sync: the record is in the page cache, where the next start reads it and acts on it.
            disk.before = [&](const std::string& call) {
                if (call == "sync j") throw SimulatedDisk::Crash();
            };
            CHECK_THROWS_AS(opened.journal->sync(), SimulatedDisk::Crash);
            disk.before = nullptr;
        }
        REQUIRE(open(disk).payloads == Payloads{"written"});
        disk.lose_power(seed);
        INFO("seed " << seed);
        REQUIRE(open(disk).payloads == Payloads{"written"});
    }
}

TEST_CASE("a tail torn at any byte is cut at the last whole record", "[journal]") {
    SimulatedDisk whole;
    auto opened = open(whole);
    opened.journal->append_durably(1, "first");
    const std::size_t keep = whole.content("j").size();
    opened.journal->append_durably(1, "second");
    const std::string file = whole.content("j");
    for (std::size_t size = keep; size < file.size(); ++size) {
        SimulatedDisk disk;
        disk.content("j") = file.substr(0, size);
        const auto again = open(disk);
        INFO("cut to " << size);
        REQUIRE(again.payloads == Payloads{"first"});
        REQUIRE(again.journal->cut_bytes() == size - keep);
        REQUIRE(disk.content("j").size() == keep);
    }
}

TEST_CASE("S55 a changed byte before a later durable record is damage, and the file stays as it is", "[journal]") {
    SimulatedDisk whole;
    auto opened = open(whole);
    for (const char* payload : {"first", "second", "third"}) opened.journal->append_durably(1, payload);
    const std::string file = whole.content("j");
    const std::size_t last = file.size() - journal_format::record_overhead - 5;
    for (std::size_t at = 0; at < last; ++at) {
        SimulatedDisk disk;
        disk.content("j") = file;
        disk.content("j")[at] = static_cast<char>(disk.content("j")[at] ^ 0x41);
        const std::string damaged = disk.content("j");
        INFO("byte " << at);
        const ErrorKind kind = kind_of([&] { open(disk); });
        REQUIRE((kind == ErrorKind::invalid || (kind == ErrorKind::refused && at >= 4 && at < 8)));
        REQUIRE(disk.content("j") == damaged);
    }
}

TEST_CASE("S55 records that are missing in the middle are damage", "[journal]") {
    SimulatedDisk disk;
    auto opened = open(disk);
    opened.journal->append_durably(1, "first");
    const std::size_t from = disk.content("j").size();
    opened.journal->append_durably(1, "second");
    const std::size_t to = disk.content("j").size();
    opened.journal->append_durably(1, "third");
    disk.content("j").erase(from, to - from);
    CHECK(kind_of([&] { open(disk); }) == ErrorKind::invalid);
}

TEST_CASE("S55 a journal of a newer format is refused and never cut", "[journal]") {
    SimulatedDisk disk;
    open(disk).journal->append_durably(1, "x");
    disk.content("j")[7] = 2;
    const std::string before = disk.content("j");
    CHECK(kind_of([&] { open(disk); }) == ErrorKind::refused);
    CHECK(disk.content("j") == before);
}

TEST_CASE("a file that is no journal is refused", "[journal]") {
    for (const std::string& content :
         {std::string(), std::string("PRVJ"), std::string(200, '\0'), std::string("hello, this is a text file")}) {
        SimulatedDisk disk;
        disk.content("j") = content;
        CHECK(kind_of([&] { open(disk); }) == ErrorKind::invalid);
    }
}

TEST_CASE("P6 a full disk loses only what was being written, and the journal goes on", "[journal]") {
    SimulatedDisk disk;
    auto opened = open(disk);
    opened.journal->append_durably(1, "a");
    disk.before = [](const std::string& call) {
        if (call.rfind("append", 0) == 0) throw Error(ErrorKind::full, "no space left");
    };
    opened.journal->append(1, "b");
    CHECK(kind_of([&] { opened.journal->sync(); }) == ErrorKind::full);
    disk.before = nullptr;
    CHECK(opened.journal->append_durably(1, "c") == 2);
    CHECK(open(disk).payloads == Payloads{"a", "c"});
}

TEST_CASE("D3 after a failed sync nothing is written any more until it is read again", "[journal]") {
    SimulatedDisk disk;
    auto opened = open(disk);
    opened.journal->append_durably(1, "a");
    disk.before = [](const std::string& call) {
        if (call.rfind("sync", 0) == 0) throw Error(ErrorKind::failed, "input/output error");
    };
    opened.journal->append(1, "b");
    CHECK_THROWS_AS(opened.journal->sync(), Error);
    disk.before = nullptr;
    CHECK_THROWS_AS(opened.journal->append(1, "c"), Error);
    CHECK_THROWS_AS(opened.journal->sync(), Error);
    CHECK_THROWS_AS(opened.journal->compact({}), Error);
}

TEST_CASE("D3 a write that fails for another reason than space ends the journal as well", "[journal]") {
    SimulatedDisk disk;
    auto opened = open(disk);
    opened.journal->append_durably(1, "a");
    disk.before = [](const std::string& call) {
        if (call.rfind("append", 0) == 0) throw Error(ErrorKind::failed, "input/output error");
    };
    opened.journal->append(1, "b");
    CHECK(kind_of([&] { opened.journal->sync(); }) == ErrorKind::failed);
    disk.before = nullptr;
    CHECK_THROWS_WITH(opened.journal->append(1, "c"), Catch::Contains("a restart reads it again"));
    CHECK(open(disk).payloads == Payloads{"a"});
}

TEST_CASE("a compaction keeps what it is given, and sequences go on rising", "[journal]") {
    SimulatedDisk disk;
    auto opened = open(disk);
    for (int i = 0; i < 100; ++i) opened.journal->append(1, "record");
    opened.journal->sync();
    const std::size_t before = opened.journal->bytes();
    opened.journal->compact({{1, "kept"}, {2, "also"}});
    CHECK(opened.journal->bytes() < before / 10);
    CHECK(opened.journal->append_durably(1, "later") == 103);
    const auto again = open(disk);
    CHECK(again.payloads == Payloads{"kept", "also", "later"});
    CHECK(again.sequences.front() == 101);
}

TEST_CASE("a crash at any call of a compaction leaves the old records or the new ones", "[journal]") {
    for (int point = 0;; ++point) {
        SimulatedDisk disk;
        auto opened = open(disk);
        opened.journal->append_durably(1, "old");
        int calls = 0;
        bool crashed = false;
        disk.before = [&](const std::string&) {
            if (calls++ == point) throw SimulatedDisk::Crash();
        };
        try {
            opened.journal->compact({{1, "new"}});
        } catch (const SimulatedDisk::Crash&) {
            crashed = true;
        }
        disk.lose_power(static_cast<std::uint32_t>(point));
        const auto again = open(disk);
        INFO("call " << point);
        REQUIRE((again.payloads == Payloads{"old"} || again.payloads == Payloads{"new"}));
        REQUIRE(disk.list() == Payloads{"j"});
        if (!crashed) {
            REQUIRE(point >= 3);  // append, sync, rename
            break;
        }
    }
}

TEST_CASE("a compaction that fails for want of space leaves the journal as it was", "[journal]") {
    SimulatedDisk disk;
    auto opened = open(disk);
    opened.journal->append_durably(1, "old");
    disk.before = [](const std::string& call) {
        if (call == "append j.new") throw Error(ErrorKind::full, "no space left");
    };
    CHECK_THROWS_AS(opened.journal->compact({{1, "new"}}), Error);
    disk.before = nullptr;
    opened.journal->append_durably(1, "more");
    CHECK(open(disk).payloads == Payloads{"old", "more"});
}

TEST_CASE("a journal and its records have limits with a clear error", "[journal]") {
    SimulatedDisk disk;
    JournalLimits limits;
    limits.bytes = 1'000;
    limits.record_bytes = 100;
    auto opened = open(disk, limits);
    CHECK(kind_of([&] { opened.journal->append(1, std::string(101, 'x')); }) == ErrorKind::full);
    int fitted = 0;
    CHECK(kind_of([&] {
              for (;; ++fitted) opened.journal->append_durably(1, std::string(100, 'x'));
          }) == ErrorKind::full);
    CHECK(fitted == 7);
    CHECK(opened.journal->is_filling());
    CHECK(open(disk, limits).payloads.size() == 7);
    CHECK(kind_of([&] {
              opened.journal->compact(std::vector<Journal::Entry>(8, {1, std::string(100, 'x')}));
          }) == ErrorKind::full);
}

TEST_CASE("a journal on a real disk survives being opened again", "[journal]") {
    const TemporaryFolder folder;
    {
        PosixDisk disk(folder.path());
        auto opened = open(disk);
        opened.journal->append_durably(1, "a");
        opened.journal->compact({{1, "b"}});
        opened.journal->append_durably(1, "c");
    }
    PosixDisk disk(folder.path());
    CHECK(open(disk).payloads == Payloads{"b", "c"});
    CHECK(disk.list() == Payloads{"j"});
    check_private_file(folder.path() + "/j");
}

TEST_CASE("S14 a disk takes plain names only", "[journal]") {
    const TemporaryFolder folder;
    PosixDisk disk(folder.path());
    for (const std::string& name :
         {std::string("../x"), std::string(".."), std::string(""), std::string("a/b"), std::string("a\0b", 3)})
        CHECK_THROWS_AS(disk.append(name, "x"), Error);
}
