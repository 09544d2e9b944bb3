// Streams of a job's events, and the client that reads them.
#include <catch2/catch.hpp>

#include <chrono>
#include <thread>

#include "common/text/text.hpp"
#include "master/api/client.hpp"
#include "tests/unit/master/api/api_world.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const std::string events = "/v1/jobs/01jd8zk4/events";

std::vector<std::int64_t> numbers_of(ApiClient& client, std::uint64_t after) {
    std::vector<std::int64_t> numbers;
    CHECK(client.stream(events, {{"after", std::to_string(after)}}, [&](const Value& event) {
        numbers.push_back(event.at("number").integer());
        return true;
    }));
    return numbers;
}

void until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!condition() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    CHECK(condition());
}

}  // namespace

TEST_CASE("the events of a job come as lines of JSON until the job has ended", "[api][events]") {
    ApiWorld world;
    world.master.tell("accepted", "web1");
    world.master.tell("target_ended", "web1");
    world.master.tell("job_ended");
    const ApiAnswer answer = world.ask("GET", events);
    CHECK(answer.type == "application/x-ndjson");
    CHECK(answer.text.find(R"({"number":1,"time_ms":1800000000000,"event":"accepted","target":"web1","body":{}})"
                           "\n") != std::string::npos);
    CHECK(answer.text.find("\"event\":\"job_ended\"") != std::string::npos);
    until([&] { return world.master.watchers() == 0; });
}

TEST_CASE("server-sent events come when they are asked for, with the number to re-attach at", "[api][events]") {
    ApiWorld world;
    world.master.tell("accepted", "web1");
    world.master.tell("job_ended");
    const ApiAnswer answer = world.ask("GET", events, "", "Accept: text/event-stream\r\n");
    CHECK(answer.type == "text/event-stream");
    CHECK(answer.text.find("id: 1\ndata: {\"number\":1,") != std::string::npos);
    CHECK(answer.text.find("}\n\nid: 2\ndata: ") != std::string::npos);
}

TEST_CASE("events come while they happen", "[api][events]") {
    ApiWorld world;
    world.master.tell("accepted", "web1");
    std::vector<std::string> heard;
    ApiClient client(world.folder.socket());
    CHECK(client.stream(events, {}, [&](const Value& event) {
        heard.push_back(event.at("event").text());
        // The next one happens only once this one was heard.
        if (heard.size() == 1) world.master.tell("output", "web1");
        if (heard.size() == 2) world.master.tell("job_ended");
        return true;
    }));
    CHECK(heard == std::vector<std::string>{"accepted", "output", "job_ended"});
}

TEST_CASE("who re-attaches with after=N loses nothing and hears nothing twice", "[api][events]") {
    ApiWorld world;
    ApiClient client(world.folder.socket());
    for (int i = 0; i < 999; ++i) world.master.tell("output", "web1");
    std::int64_t last = 0;
    // Detaches after every 100 events, as a connection that breaks would.
    for (int attached = 0; attached < 10; ++attached) {
        int heard = 0;
        if (attached == 9) world.master.tell("job_ended");
        client.stream(events, {{"after", std::to_string(last)}}, [&](const Value& event) {
            CHECK(event.at("number").integer() == last + 1);
            last = event.at("number").integer();
            return ++heard < 100;
        });
    }
    CHECK(last == 1000);
    CHECK(numbers_of(client, 998) == std::vector<std::int64_t>{999, 1000});
    until([&] { return world.master.watchers() == 0; });
}

TEST_CASE("who has heard the end of a job, or asks for events after it, is not kept waiting", "[api][events]") {
    ApiWorld world;
    world.master.tell("accepted", "web1");
    world.master.tell("job_ended");
    ApiClient client(world.folder.socket());
    CHECK(numbers_of(client, 2).empty());
    CHECK(numbers_of(client, 99).empty());
    until([&] { return world.master.watchers() == 0; });
}

TEST_CASE("who asks for events that a job never gets hears its end nevertheless", "[api][events]") {
    ApiWorld world;
    world.master.tell("accepted", "web1");
    RawClient waiting(world.folder.socket());
    waiting.send(get(events + "?after=99"));
    CHECK(waiting.status() == 200);
    until([&] { return world.master.watchers() == 1; });
    world.master.tell("job_ended");
    CHECK(waiting.read("0\r\n\r\n").find("job_ended") == std::string::npos);
    until([&] { return world.master.watchers() == 0; });
}

TEST_CASE("events that come from many threads at once arrive whole and in order", "[api][events]") {
    ApiWorld world;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&world] { for (int i = 0; i < 250; ++i) world.master.tell("output", "web1"); });
    std::thread ending([&] {
        for (auto& thread : threads) thread.join();
        world.master.tell("job_ended");
    });
    ApiClient client(world.folder.socket());
    const auto numbers = numbers_of(client, 0);
    ending.join();
    REQUIRE(numbers.size() == 1001);
    for (std::size_t i = 0; i < numbers.size(); ++i) REQUIRE(numbers[i] == static_cast<std::int64_t>(i + 1));
}

TEST_CASE("a reader that is slow is waited for, and others are not", "[api][events]") {
    ApiWorld world;
    Value big = Value::object();
    big.set("base64", std::string(30'000, 'A'));
    for (int i = 0; i < 300; ++i) world.master.tell("output", "web1", big);
    world.master.tell("job_ended");
    RawClient slow(world.folder.socket());
    slow.send(get(events));
    CHECK(slow.status() == 200);
    ApiClient client(world.folder.socket());
    CHECK(numbers_of(client, 0).size() == 301);
    CHECK(slow.read("0\r\n\r\n").find("job_ended") != std::string::npos);
}

TEST_CASE("the watch of a reader that goes away is given up", "[api][events]") {
    ApiWorld world;
    {
        RawClient client(world.folder.socket());
        client.send(get(events));
        CHECK(client.status() == 200);
        until([&] { return world.master.watchers() == 1; });
    }
    until([&] { return world.master.watchers() == 0; });
}

TEST_CASE("a store that fails ends the stream without an end of the job", "[api][events]") {
    ApiWorld world;
    world.master.broken = true;
    const ApiAnswer answer = world.ask("GET", events);
    CHECK(answer.status == 200);
    CHECK(answer.text.find("job_ended") == std::string::npos);
}

TEST_CASE("a stream that is open does not outlive the server, nor what it stands on", "[api][events]") {
    ApiWorld world;
    RawClient client(world.folder.socket());
    client.send(get(events));
    CHECK(client.status() == 200);
    until([&] { return world.master.watchers() == 1; });
    world.server.reset();
    CHECK(world.master.watchers() == 0);
    world.master.tell("output", "web1");
}

TEST_CASE("the client turns problems into the errors that they were", "[api][client]") {
    ApiWorld world;
    ApiClient client(world.folder.socket());
    const auto kind_of = [&](ErrorKind kind) {
        world.master.failure = std::make_shared<Error>(kind, "because");
        try {
            client.post("/v1/keys/web1/reject", Value::object());
        } catch (const Error& error) {
            CHECK(error.full_text() == "because");
            return error.kind();
        }
        return ErrorKind::cancelled;
    };
    CHECK(kind_of(ErrorKind::usage) == ErrorKind::usage);
    CHECK(kind_of(ErrorKind::refused) == ErrorKind::refused);
    CHECK(kind_of(ErrorKind::missing) == ErrorKind::missing);
    CHECK(kind_of(ErrorKind::unavailable) == ErrorKind::unavailable);
    CHECK(kind_of(ErrorKind::full) == ErrorKind::full);
    CHECK(kind_of(ErrorKind::internal) == ErrorKind::internal);
    CHECK_THROWS_AS(client.stream("/v1/jobs/zzz/events", {}, [](const Value&) { return true; }), Error);
}

TEST_CASE("the client hears why a body was too large, though it could not send all of it", "[api][client]") {
    HttpLimits limits;
    limits.body_bytes = 1000;
    ApiWorld world(true, limits);
    Value body = Value::object();
    body.set("operation", std::string(4'000'000, 'x'));
    CHECK_THROWS_WITH(ApiClient(world.folder.socket()).post("/v1/jobs", body), Catch::Contains("larger than allowed"));
}

TEST_CASE("a name with a slash or a space is one part of a path", "[api][client]") {
    ApiWorld world;
    CHECK_THROWS_AS(ApiClient(world.folder.socket()).get("/v1/jobs/" + encode_path_part("../keys")), Error);
    CHECK(ApiClient(world.folder.socket()).post("/v1/keys/" + encode_path_part("web 1") + "/reject", Value::object()).at("name").text() == "web 1");
}
