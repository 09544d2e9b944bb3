// The pieces around the core: transfers, the cache, what a run fetches ahead, job threads.
#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>

#include "agent/daemon/contents.hpp"
#include "agent/daemon/job_threads.hpp"
#include "common/files/files.hpp"
#include "tests/unit/agent/daemon/world.hpp"

using namespace prove;
using namespace prove::test;

namespace {

BlobRef blob_of(const std::string& bytes) { return {hash_of(bytes), bytes.size()}; }

FileChunk chunk_for(const FileRequest& request, const std::string& bytes) {
    FileChunk chunk;
    chunk.found = true;
    chunk.job = request.job;
    chunk.hash = request.hash;
    chunk.offset = request.offset;
    chunk.bytes = bytes.substr(request.offset, request.length);
    return chunk;
}

const JobId job = job_number(1);

}  // namespace

TEST_CASE("S64 a large content comes in chunks of 256 KiB, in any order, and is checked whole") {
    Transfers transfers;
    const std::string bytes(600'000, 'a');
    transfers.want(job, blob_of(bytes), 0);
    auto requests = transfers.requests(0);
    REQUIRE(requests.size() == 3);
    CHECK(requests[2].length == 600'000 - 2 * 262'144);
    std::reverse(requests.begin(), requests.end());
    for (const auto& request : requests) {
        CHECK(transfers.take_outcomes(0).empty());
        transfers.arrived(chunk_for(request, bytes), 0);
    }
    const auto outcomes = transfers.take_outcomes(0);
    REQUIRE(outcomes.size() == 1);
    CHECK(outcomes[0].bytes == bytes);
    CHECK(transfers.idle());
}

TEST_CASE("not more than 1 MiB is asked for ahead") {
    Transfers transfers;
    const std::string bytes(3u << 20, 'a');
    transfers.want(job, blob_of(bytes), 0);
    const auto first = transfers.requests(0);
    CHECK(first.size() == 4);
    CHECK(transfers.requests(0).empty());
    transfers.arrived(chunk_for(first[0], bytes), 0);
    CHECK(transfers.requests(0).size() == 1);
}

TEST_CASE("S63 content that is something else than its hash, or that the master does not have, fails") {
    Transfers transfers;
    transfers.want(job, blob_of("right"), 0);
    transfers.arrived(chunk_for(transfers.requests(0).at(0), "wrong"), 0);
    CHECK_THAT(transfers.take_outcomes(0).at(0).failure, Catch::Contains("something else"));

    transfers.want(job, blob_of("absent"), 0);
    auto none = chunk_for(transfers.requests(0).at(0), "absent");
    none.found = false;
    none.bytes.clear();
    transfers.arrived(none, 0);
    CHECK_THAT(transfers.take_outcomes(0).at(0).failure, Catch::Contains("does not have it"));
}

TEST_CASE("chunks that nobody asked for, of another job, doubled or of a wrong length change nothing") {
    Transfers transfers;
    const std::string bytes(300'000, 'a');
    transfers.want(job, blob_of(bytes), 0);
    const auto requests = transfers.requests(0);
    auto chunk = chunk_for(requests[0], bytes);
    auto bent = chunk;
    bent.job = job_number(2);
    transfers.arrived(bent, 0);
    bent.found = false;                  // and it cannot make this job's content fail either
    transfers.arrived(bent, 0);
    CHECK(transfers.take_outcomes(0).empty());
    bent = chunk;
    bent.offset = 1;
    transfers.arrived(bent, 0);
    bent = chunk;
    bent.offset = 1ull << 60;
    transfers.arrived(bent, 0);
    bent = chunk;
    bent.bytes.pop_back();
    transfers.arrived(bent, 0);
    transfers.arrived(chunk, 0);
    transfers.arrived(chunk, 0);
    CHECK(transfers.take_outcomes(0).empty());
    transfers.arrived(chunk_for(requests[1], bytes), 0);
    CHECK(transfers.take_outcomes(0).at(0).bytes == bytes);
}

TEST_CASE("what had not come when the connection broke is asked for again on the new one") {
    Transfers transfers;
    const std::string bytes(600'000, 'a');
    transfers.want(job, blob_of(bytes), 0);
    const auto requests = transfers.requests(0);
    transfers.arrived(chunk_for(requests[0], bytes), 0);
    transfers.reconnected(0);
    const auto again = transfers.requests(0);
    REQUIRE(again.size() == 2);
    CHECK(again[0].offset == 262'144);
    for (const auto& request : again) transfers.arrived(chunk_for(request, bytes), 0);
    CHECK(transfers.take_outcomes(0).at(0).failure.empty());
}

TEST_CASE("what does not come within 20 s is asked for again, and that is no progress") {
    Transfers transfers;
    const std::string bytes(600'000, 'a');
    transfers.want(job, blob_of(bytes), 0);
    const auto first = transfers.requests(0);
    transfers.arrived(chunk_for(first[0], bytes), 1'000);
    CHECK(transfers.ask_again_at_ms() == 21'000);
    CHECK(transfers.requests(20'999).empty());
    const auto again = transfers.requests(21'000);
    REQUIRE(again.size() == 2);
    CHECK(again[0].offset == 262'144);
    SECTION("it comes late, and twice") {
        for (const auto* requests : {&first, &again})
            for (const auto& request : *requests) transfers.arrived(chunk_for(request, bytes), 22'000);
        CHECK(transfers.take_outcomes(22'000).at(0).bytes == bytes);
    }
    SECTION("it never comes") {
        for (std::int64_t now = 41'000; now < 121'000; now += 20'000) transfers.requests(now);
        CHECK_THAT(transfers.take_outcomes(121'000).at(0).failure, Catch::Contains("two minutes"));
    }
    // Nothing is left that would narrow what may be asked for ahead.
    const std::string more(3u << 20, 'b');
    transfers.want(job, blob_of(more), 130'000);
    CHECK(transfers.requests(130'000).size() == 4);
}

TEST_CASE("two minutes without progress fail a transfer, and a job's end forgets what only it wanted") {
    Transfers transfers;
    transfers.want(job, blob_of("a"), 0);
    transfers.requests(0);
    CHECK(transfers.take_outcomes(119'999).empty());
    CHECK(transfers.next_ms() == 120'000);
    CHECK_THAT(transfers.take_outcomes(120'000).at(0).failure, Catch::Contains("two minutes"));
    transfers.want(job, blob_of("b"), 0);
    transfers.forget(job);
    CHECK(transfers.idle());
}

TEST_CASE("S65 the cache gives back only what has its hash, and throws away what does not") {
    TemporaryFolder folder;
    ContentCache cache(folder.path() + "/cache", 1'000);
    const auto hash = hash_of("hello");
    CHECK_FALSE(cache.get(hash));
    cache.put(hash, "hello");
    CHECK(cache.get(hash) == "hello");
    write_file_durably(folder.path() + "/cache/" + hash.hex(), "jello");
    CHECK_FALSE(cache.get(hash));
    CHECK_FALSE(cache.has(hash));
}

TEST_CASE("the cache keeps what was used last within its bound, also after a restart") {
    TemporaryFolder folder;
    const std::string a(400, 'a'), b(400, 'b'), c(400, 'c');
    {
        ContentCache cache(folder.path() + "/cache", 1'000);
        cache.put(hash_of(a), a);
        cache.put(hash_of(b), b);
        cache.get(hash_of(a));
        cache.put(hash_of(c), c);
        CHECK(cache.has(hash_of(a)));
        CHECK_FALSE(cache.has(hash_of(b)));
        CHECK(cache.bytes() == 800);
    }
    write_file_durably(folder.path() + "/cache/junk.new", "left by a crash");
    ContentCache again(folder.path() + "/cache", 500);
    CHECK(again.bytes() == 400);
    CHECK_FALSE(exists(folder.path() + "/cache/junk.new"));
}

TEST_CASE("contents of a run are found in the order of its parts, each once") {
    const auto run = read_json(R"({"nodes": [{"parts": [
        {"content": {"$blob": ")" + hash_of("b").hex() + R"(", "size": 1}},
        {"content": {"$blob": ")" + hash_of("a").hex() + R"(", "size": 2}}]},
        {"content": {"$blob": ")" + hash_of("b").hex() + R"(", "size": 1}}, {"$blob": "nonsense", "size": 3}]})");
    const auto found = contents_in_order(run);
    REQUIRE(found.size() == 2);
    CHECK(found[0].hash == hash_of("b"));
    CHECK(found[1].size == 2);
}

TEST_CASE("one missing content brings the next ones of its run along, so that round trips do not grow with states") {
    TemporaryFolder folder;
    ContentCache cache(folder.path() + "/cache", 1u << 20);
    std::vector<std::vector<BlobRef>> asked;
    std::unique_ptr<ContentExchange> exchange;
    std::map<Hash, std::string> at_master;
    Value parts = Value::array();
    for (int i = 0; i < 100; ++i) {
        const std::string bytes = "content " + std::to_string(i);
        at_master[hash_of(bytes)] = bytes;
        Value content = Value::object();
        content.set("$blob", hash_of(bytes).hex());
        content.set("size", bytes.size());
        parts.push(content);
    }
    exchange = std::make_unique<ContentExchange>(cache, [&](const JobId&, std::vector<BlobRef> blobs) {
        asked.push_back(blobs);
        for (const auto& blob : blobs) exchange->arrived({blob, at_master.at(blob.hash), {}});
    });
    StatesBody states;
    states.run = Value::object();
    states.run.set("nodes", parts);
    const Value body = to_value(states);
    const Cancellation cancellation;
    JobContents contents(job, body, *exchange, cancellation);
    for (const auto& [hash, bytes] : at_master) CHECK(contents.fetch(hash) == bytes);
    CHECK(asked.size() <= 10);
    CHECK_THROWS_WITH(contents.fetch(hash_of("not mine")), Catch::Contains("not one of this run's"));
}

TEST_CASE("who waits for a content ends when it fails, and when its job is cancelled") {
    TemporaryFolder folder;
    ContentCache cache(folder.path() + "/cache", 1u << 20);
    std::unique_ptr<ContentExchange> exchange;
    exchange = std::make_unique<ContentExchange>(cache, [&](const JobId&, std::vector<BlobRef> blobs) {
        if (blobs[0].size == 1) exchange->arrived({blobs[0], {}, "the master does not have it"});
    });
    Cancellation cancellation;
    CHECK_THROWS_WITH(exchange->fetch(job, {{hash_of("a"), 1}}, cancellation), Catch::Contains("does not have it"));
    std::thread canceller([&] { cancellation.cancel("enough"); });
    CHECK_THROWS_WITH(exchange->fetch(job, {{hash_of("b"), 2}}, cancellation), Catch::Contains("cancelled"));
    canceller.join();
}

namespace {

// Jobs that wait until the test lets them go.
struct HeldWork final : JobWork {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
    std::atomic<int> running{0}, most{0};
    bool knows(const std::string& operation) const override { return operation != "nothing"; }
    JobResult run(const JobOrder& order, const Cancellation& cancellation) override {
        if (order.operation == "throws") throw Error(ErrorKind::failed, "it broke");
        most = std::max(most.load(), ++running);
        std::unique_lock lock(mutex);
        while (!open && !cancellation.cancelled()) changed.wait_for(lock, std::chrono::milliseconds(5));
        --running;
        JobResult result;
        if (cancellation.cancelled()) {
            result.end = JobResult::End::cancelled;
            result.reason = cancellation.reason();
        }
        return result;
    }
    void let_go() {
        const std::lock_guard lock(mutex);
        open = true;
        changed.notify_all();
    }
};

struct Ends {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<JobResult> results;
    void add(JobResult result) {
        const std::lock_guard lock(mutex);
        results.push_back(std::move(result));
        changed.notify_all();
    }
    std::vector<JobResult> wait_for(std::size_t count) {
        std::unique_lock lock(mutex);
        REQUIRE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return results.size() >= count; }));
        return results;
    }
};

JobOrder order(std::uint8_t number, const std::string& operation, std::int64_t start_by = INT64_MAX) {
    return {job_number(number), operation, Value::object(), start_by};
}

}  // namespace

TEST_CASE("states run one after the other, other operations beside them and a few at a time") {
    const SystemClock clock;
    HeldWork work;
    Ends ends;
    JobThreads threads(work, clock, [&](JobResult result) { ends.add(std::move(result)); });
    for (std::uint8_t i = 1; i <= 3; ++i) threads.start(order(i, "states"));
    for (std::uint8_t i = 11; i <= 30; ++i) threads.start(order(i, "cmd"));
    while (work.running < 9) std::this_thread::yield();
    work.let_go();
    const auto results = ends.wait_for(23);
    CHECK(work.most == 9);
    std::vector<JobId> states;
    for (const auto& result : results)
        if (result.job < job_number(4)) states.push_back(result.job);
    CHECK(states == std::vector{job_number(1), job_number(2), job_number(3)});
}

TEST_CASE("A7 a cancelled job ends as cancelled, running or waiting") {
    const SystemClock clock;
    HeldWork work;
    Ends ends;
    JobThreads threads(work, clock, [&](JobResult result) { ends.add(std::move(result)); });
    threads.start(order(1, "states"));
    threads.start(order(2, "states"));
    threads.cancel(job_number(2), "cancelled by bob");
    threads.cancel(job_number(1), "cancelled by alice");
    threads.start(order(3, "states"));
    threads.cancel(job_number(3), "prove-agent was stopped");
    const auto results = ends.wait_for(3);
    CHECK(results[0].end == JobResult::End::cancelled);
    CHECK_THAT(results[2].reason, Catch::StartsWith("prove-agent was stopped"));
    CHECK(results[1].end == JobResult::End::cancelled);
    CHECK_THAT(results[1].reason, Catch::Contains("had not begun"));
}

TEST_CASE("S50 a job that has expired while it waited here does not start") {
    const SystemClock clock;
    HeldWork work;
    work.open = true;
    Ends ends;
    JobThreads threads(work, clock, [&](JobResult result) { ends.add(std::move(result)); });
    threads.start(order(1, "cmd", clock.boot_ms() - 1));
    const auto results = ends.wait_for(1);
    CHECK(results[0].end == JobResult::End::refused);
    CHECK_THAT(results[0].reason, Catch::Contains("expired"));
    CHECK(work.most == 0);
}

TEST_CASE("what goes wrong in a job is its result, and the next one runs") {
    const SystemClock clock;
    HeldWork work;
    work.open = true;
    Ends ends;
    JobThreads threads(work, clock, [&](JobResult result) { ends.add(std::move(result)); });
    threads.start(order(1, "throws"));
    threads.start(order(2, "cmd"));
    const auto results = ends.wait_for(2);
    const auto& broken = results[0].job == job_number(1) ? results[0] : results[1];
    CHECK(broken.end == JobResult::End::failed);
    CHECK(broken.reason == "it broke");
}

TEST_CASE("what waits is bounded, and unknown operations are named") {
    const SystemClock clock;
    HeldWork work;
    Ends ends;
    JobThreads threads(work, clock, [&](JobResult result) { ends.add(std::move(result)); });
    CHECK_THAT(threads.refusal("nothing"), Catch::Contains("no operation 'nothing'"));
    std::uint8_t number = 0;
    while (threads.refusal("states").empty() && number < 200) threads.start(order(++number, "states"));
    CHECK(number >= JobThreads::most_waiting);
    CHECK(number <= JobThreads::most_waiting + 1);
    CHECK(threads.refusal("cmd").empty());
    work.let_go();
    ends.wait_for(number);
}
