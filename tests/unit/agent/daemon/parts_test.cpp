// The pieces around the core: transfers, the cache, what a run fetches ahead.
#include <catch2/catch.hpp>

#include <atomic>

#include "agent/daemon/contents.hpp"
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
    again.put(hash_of("d"), "d");
    CHECK(again.bytes() == 401);
    CHECK(again.has(hash_of(c)));
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

TEST_CASE("a run that is made without the master asks nobody for contents: what is not here is held") {
    TemporaryFolder folder;
    ContentCache cache(folder.path() + "/cache", 1u << 20);
    cache.put(hash_of("here"), "here");
    int asked = 0;
    ContentExchange exchange(cache, [&](const JobId&, std::vector<BlobRef>) { ++asked; });
    const Cancellation cancellation;
    const Value nothing = Value::object();
    JobContents contents(job, nothing, exchange, cancellation, true);
    CHECK(contents.fetch(hash_of("here")) == "here");
    try {
        contents.fetch(hash_of("elsewhere"));
        FAIL("it is not here");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::held);
        CHECK_THAT(error.text(), Catch::EndsWith("is not on this host, and this run is made without the master"));
    }
    CHECK(asked == 0);
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
