// Log lines: greppable, one per event, harmless whatever is in them.
#include "common/log/log.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include "common/files/files.hpp"
#include "common/log/repeated.hpp"
#include "common/log/rewritten_file.hpp"
#include "common/log/sinks.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

struct MemorySink final : LogSink {
    std::vector<std::pair<LogLevel, std::string>> lines;
    void write(LogLevel level, std::string_view line) override { lines.emplace_back(level, line); }
};

struct HandClock final : Clock {
    std::int64_t now = 0;
    std::int64_t wall_ms() const override { return 1'795'355'647'123 + now; }
    std::int64_t boot_ms() const override { return now; }
};

}  // namespace

TEST_CASE("an event is a fixed message with its fields", "[log]") {
    auto sink = std::make_shared<MemorySink>();
    const Logger log = Logger(sink).with({{"job", "01jd8zk4"}});
    log.info("job finished", {{"ms", 12}, {"ok", true}});
    log.error("plain");
    REQUIRE(sink->lines.size() == 2);
    CHECK(sink->lines[0].second == "job finished ms=12 ok=true job=01jd8zk4");
    CHECK(sink->lines[1].first == LogLevel::error);
    CHECK(sink->lines[1].second == "plain job=01jd8zk4");
}

TEST_CASE("S14 a field cannot begin a line of its own or another field", "[log]") {
    auto sink = std::make_shared<MemorySink>();
    Logger(sink).info("refused", {{"name", "x\nerror all is lost"}, {"who", "a b=\"c\""}, {"empty", ""}});
    CHECK(sink->lines[0].second == "refused name=\"x\\nerror all is lost\" who=\"a b=\\\"c\\\"\" empty=\"\"");
}

TEST_CASE("a file sink stamps its lines, drops lower levels and goes on after a rotation", "[log]") {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/log";
    HandClock clock;
    FileSink sink(path, clock, LogLevel::info);
    sink.write(LogLevel::debug, "unseen");
    sink.write(LogLevel::warning, "one");
    CHECK(read_whole_file(path) == "2026-11-22T13:54:07.123Z warning one\n");
    check_private_file(path);

    REQUIRE(std::rename(path.c_str(), (path + ".1").c_str()) == 0);
    sink.reopen();
    sink.write(LogLevel::info, "two");
    CHECK(read_whole_file(path) == "2026-11-22T13:54:07.123Z info two\n");
}

TEST_CASE("log levels have names, and others are refused", "[log]") {
    CHECK(log_level_from("warning") == LogLevel::warning);
    CHECK_THROWS_AS(log_level_from("loud"), Error);
}

TEST_CASE("S93 repeated events make one line per reason and key and minute", "[log]") {
    HandClock clock;
    RepeatedEvents events(clock);
    CHECK(events.count("bad signature", "k1") == 1);
    CHECK(events.count("bad signature", "k1") == 0);
    CHECK(events.count("bad signature", "k1") == 0);
    CHECK(events.count("bad signature", "k2") == 1);
    CHECK(events.count("expired", "k1") == 1);
    clock.now = 60'000;
    CHECK(events.count("bad signature", "k1") == 3);
    CHECK(events.count("bad signature", "k1") == 0);
}

TEST_CASE("S93 what was only counted is reported once its minute is over", "[log]") {
    HandClock clock;
    RepeatedEvents events(clock);
    events.count("r", "k");
    events.count("r", "k");
    CHECK(events.take_due().empty());
    clock.now = 60'000;
    const auto due = events.take_due();
    REQUIRE(due.size() == 1);
    CHECK(due[0].count == 1);
    CHECK(events.take_due().empty());
}

TEST_CASE("S93 any number of keys costs bounded memory, and none is lost from the count", "[log]") {
    HandClock clock;
    RepeatedEvents events(clock, Milliseconds(60'000), 10);
    std::uint64_t lines = 0, counted = 0;
    for (int i = 0; i < 1'000; ++i) {
        const auto count = events.count("r", std::to_string(i));
        counted += count;
        lines += count > 0 ? 1 : 0;
    }
    CHECK(lines == 11);
    clock.now = 60'000;
    for (const auto& due : events.take_due()) {
        CHECK(due.key == "others");
        counted += due.count;
    }
    CHECK(counted == 1'000);
}

TEST_CASE("a file that is written anew is whole, readable by all, and alone in its folder", "[log]") {
    const TemporaryFolder folder;
    auto sink = std::make_shared<MemorySink>();
    RewrittenFile file(folder.path() + "/prove.prom", Logger(sink));
    file.write("one\n");
    file.write("two\n");
    CHECK(read_whole_file(folder.path() + "/prove.prom") == "two\n");
    CHECK(list_folder(folder.path()) == std::vector<std::string>{"prove.prom"});
    struct stat info {};
    REQUIRE(::stat((folder.path() + "/prove.prom").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0644);
    CHECK(sink->lines.empty());
}

TEST_CASE("that a file cannot be written is logged once, and so is that it can be again", "[log]") {
    const TemporaryFolder folder;
    auto sink = std::make_shared<MemorySink>();
    RewrittenFile file(folder.path() + "/later/prove.prom", Logger(sink));
    for (int i = 0; i < 3; ++i) file.write("x\n");
    REQUIRE(sink->lines.size() == 1);
    CHECK(sink->lines.front().second.find("/later/prove.prom") != std::string::npos);
    make_folders(folder.path() + "/later");
    for (int i = 0; i < 3; ++i) file.write("x\n");
    REQUIRE(sink->lines.size() == 2);
    CHECK(sink->lines.back().second.find("can be written again") != std::string::npos);
}
