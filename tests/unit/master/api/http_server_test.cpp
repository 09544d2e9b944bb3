// The HTTP server over a real socket: what it refuses before a handler sees it (security.md, sections 15 and 16), its
// time limits, and its end.
#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include <sys/stat.h>

#include "master/api/http_server.hpp"
#include "proto/error.hpp"
#include "tests/unit/master/api/socket.hpp"

using namespace prove;
using namespace prove::test;

namespace {

using Steady = std::chrono::steady_clock;

// A server whose handler tells what it was asked; "/later" keeps its reply, "/stream" streams until told otherwise.
struct World {
    explicit World(HttpLimits limits = {}) {
        server.emplace(HttpSocket{folder.socket(), 0600, ""}, limits, [this](HttpRequest request, std::shared_ptr<HttpReply> reply) {
            ++handled;
            if (request.path == "/drop") return;
            if (request.path == "/stream") reply->begin_stream("application/x-ndjson");
            if (request.path == "/later" || request.path == "/stream") {
                const std::lock_guard lock(mutex);
                kept = std::move(reply);
                return came.notify_all();
            }
            reply->send({200, "text/plain", request.method + " " + request.path + " " + request.body});
        }, silent_logger());
    }
    std::shared_ptr<HttpReply> wait_for_reply() {
        std::unique_lock lock(mutex);
        came.wait_for(lock, std::chrono::seconds(5), [&] { return kept != nullptr; });
        return std::exchange(kept, nullptr);
    }
    int status_of(const std::string& bytes) { return RawClient(folder.socket()).send(bytes).status(); }

    ShortFolder folder;
    std::mutex mutex;
    std::condition_variable came;
    std::shared_ptr<HttpReply> kept;
    std::atomic<int> handled{0};
    std::optional<HttpServer> server;
};

// The request is answered with this status and no handler hears of it.
void check_refused(World& world, const std::string& bytes, int status) {
    const int before = world.handled;
    INFO(bytes.substr(0, 200));
    CHECK(world.status_of(bytes) == status);
    CHECK(world.handled == before);
}

std::string fields(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "X-" + std::to_string(i) + ": y\r\n";
    return text;
}

}  // namespace

TEST_CASE("requests on one connection are answered one after the other", "[http]") {
    World world;
    RawClient client(world.folder.socket());
    client.send(get("/a") + post("/b", "body"));
    const std::string text = client.read("POST /b body");
    CHECK(text.find("GET /a ") != std::string::npos);
    CHECK(text.find("POST /b body") != std::string::npos);
    CHECK_FALSE(client.closed());
}

TEST_CASE("S71 the socket has the mode that was asked for, and a path that is too long is named", "[http][S71]") {
    World world;
    struct stat info {};
    REQUIRE(::stat(world.folder.socket().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    const auto handler = [](HttpRequest, std::shared_ptr<HttpReply>) {};
    CHECK_THROWS_WITH(HttpServer(HttpSocket{"/tmp/" + std::string(200, 'x'), 0600, ""}, {}, handler, silent_logger()),
                      Catch::Contains("too long"));
    CHECK_THROWS_WITH(HttpServer(HttpSocket{world.folder.socket(), 0600, ""}, {}, handler, silent_logger()),
                      Catch::Contains("another prove-master answers"));
}

TEST_CASE("S78 a header of more than 8 KiB is refused", "[http][S78]") {
    World world;
    CHECK(world.status_of(get("/", "X-Long: " + std::string(7 * 1024, 'x') + "\r\n")) == 200);
    check_refused(world, get("/", "X-Long: " + std::string(8 * 1024, 'x') + "\r\n"), 431);
}

TEST_CASE("S78 101 header fields are refused", "[http][S78]") {
    World world;
    CHECK(world.status_of(get("/", fields(99))) == 200);   // and Host is the hundredth
    check_refused(world, get("/", fields(100)), 400);
}

TEST_CASE("S78 a missing or second Host field is refused", "[http][S78]") {
    World world;
    check_refused(world, "GET / HTTP/1.1\r\n\r\n", 400);
    check_refused(world, get("/", "Host: other\r\n"), 400);
}

TEST_CASE("S78 a transfer encoding other than chunked is refused", "[http][S78]") {
    World world;
    check_refused(world, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400);
    check_refused(world, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400);
    CHECK(world.status_of("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n") == 200);
}

TEST_CASE("S78 both Content-Length and Transfer-Encoding, or two lengths, are refused", "[http][S78]") {
    World world;
    check_refused(world, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
    check_refused(world, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n", 400);
    check_refused(world, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", 400);
    check_refused(world, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", 400);
}

TEST_CASE("S78 a body may be large at the one path for contents, up to a limit of its own", "[http][S78]") {
    HttpLimits limits;
    limits.body_bytes = 1000;
    limits.content_bytes = 5000;
    World world(limits);
    check_refused(world, post("/v1/contents", std::string(5001, 'x')), 413);
    check_refused(world, post("/v1/contents/", std::string(1001, 'x')), 413);
    RawClient client(world.folder.socket());
    client.send(post("/v1/contents", std::string(5000, 'x')));
    client.read();
    CHECK(client.status() == 200);
}

TEST_CASE("S78 a body over the limit is refused, announced or not", "[http][S78]") {
    HttpLimits limits;
    limits.body_bytes = 1000;
    World world(limits);
    CHECK(world.status_of(post("/", std::string(1000, 'x'))) == 200);
    check_refused(world, post("/", std::string(1001, 'x')), 413);
    check_refused(world, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400);
    check_refused(world, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n" + std::string(1024, 'x') + "\r\n0\r\n\r\n", 413);
}

TEST_CASE("S78 a target of more than 2 KiB is refused", "[http][S78]") {
    World world;
    CHECK(world.status_of(get("/" + std::string(2000, 'a'))) == 200);
    check_refused(world, get("/" + std::string(2048, 'a')), 400);
}

TEST_CASE("S78 paths that hide where they lead are refused", "[http][S78]") {
    World world;
    for (const char* path : {"/v1/%2e%2e/x", "/v1/../x", "/./x", "/a%00b", "/a//b", "//", "/a%2fb", "/a%2", "/a%zz", "*", "/v1/jobs/", "/x?a=%00",
                             "/x?=1", "/x?a=1&a=2", "/x?a=%"})
        check_refused(world, get(path), 400);
}

TEST_CASE("S78 what is not HTTP/1.1 is refused", "[http][S78]") {
    World world;
    check_refused(world, "GET / HTTP/1.0\r\nHost: a\r\n\r\n", 400);
    check_refused(world, "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 400);
    check_refused(world, "GET /\r\n\r\n", 400);
    check_refused(world, "\x16\x03\x01\x02\x00\x01\xfc\x03\x03\r\n\r\n", 400);
    check_refused(world, "GET / HTTP/1.1\r\nHost: a\r\nBad Field: x\r\n\r\n", 400);
}

TEST_CASE("a request that is cut short anywhere is not handled, and the next one is", "[http]") {
    World world;
    const std::string whole = post("/cut", "0123456789");
    for (std::size_t length = 0; length < whole.size(); ++length) RawClient(world.folder.socket()).send(whole.substr(0, length));
    CHECK(world.status_of(get("/next")) == 200);
    CHECK(world.handled == 1);
}

TEST_CASE("S78 a header or body that comes too slowly ends the connection", "[http][S78]") {
    HttpLimits limits;
    limits.header_time = limits.body_time = limits.idle_time = std::chrono::milliseconds(150);
    World world(limits);
    RawClient nothing(world.folder.socket()), header(world.folder.socket()), body(world.folder.socket());
    header.send("GET / HTT");
    body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    for (RawClient* client : {&nothing, &header, &body}) {
        CHECK(client->read().empty());
        CHECK(client->closed());
    }
    RawClient idle(world.folder.socket());
    idle.send(get("/"));
    CHECK(idle.status() == 200);
    idle.read();
    CHECK(idle.closed());
    CHECK(world.handled == 1);
}

TEST_CASE("who comes when too many connections are open is told so, and the others are not disturbed", "[http]") {
    HttpLimits limits;
    limits.connections = 2;
    World world(limits);
    RawClient first(world.folder.socket());
    first.send(get("/"));
    CHECK(first.status() == 200);
    {
        RawClient second(world.folder.socket());
        second.send(get("/"));
        CHECK(second.status() == 200);
        RawClient third(world.folder.socket());
        CHECK(third.status() == 503);
        CHECK(third.read().find("too many connections are open") != std::string::npos);
        CHECK(third.closed());
    }
    // Its place is free as soon as the server has noticed that the second one went.
    int status = 0;
    for (const auto until = Steady::now() + std::chrono::seconds(5); status != 200 && Steady::now() < until;) status = world.status_of(get("/"));
    CHECK(status == 200);
}

TEST_CASE("who asks for one stream too many gets an answer that says so", "[http]") {
    HttpLimits limits;
    limits.streams = 1;
    World world(limits);
    RawClient first(world.folder.socket());
    first.send(get("/stream"));
    CHECK(first.status() == 200);
    const auto reply = world.wait_for_reply();
    CHECK(world.status_of(get("/stream")) == 503);
}

TEST_CASE("a handler that never answers makes the server say so", "[http]") {
    World world;
    CHECK(world.status_of(get("/drop")) == 500);
}

TEST_CASE("a stream waits for a slow reader instead of filling memory, and ends when the reader has gone", "[http]") {
    World world;
    std::atomic<int> written{0};
    std::atomic<bool> gone{false};
    std::shared_ptr<HttpReply> reply;
    {
        RawClient client(world.folder.socket());
        client.send(get("/stream"));
        CHECK(client.status() == 200);
        reply = world.wait_for_reply();
        REQUIRE(reply);
        reply->on_close([&] { gone = true; });
        for (int i = 0; i < 50; ++i) reply->write(std::string(100'000, 'x'), [&] { ++written; });
        // The socket's buffer takes a few chunks; the rest waits for the client.
        CHECK(world.status_of(get("/other")) == 200);
        CHECK(written < 50);
    }
    for (const auto until = Steady::now() + std::chrono::seconds(5); !gone && Steady::now() < until;) CHECK(world.status_of(get("/")) == 200);
    CHECK(gone);
    CHECK(reply->closed());
    reply->write("more", [] { FAIL("nobody is there"); });
}

TEST_CASE("a stream whose reader takes nothing at all is ended after a while", "[http]") {
    HttpLimits limits;
    limits.write_time = std::chrono::milliseconds(150);
    World world(limits);
    RawClient client(world.folder.socket());
    client.send(get("/stream"));
    CHECK(client.status() == 200);
    const auto reply = world.wait_for_reply();
    std::mutex mutex;
    std::condition_variable closed;
    bool gone = false;
    reply->on_close([&] {
        const std::lock_guard lock(mutex);
        gone = true;
        closed.notify_all();
    });
    for (int i = 0; i < 50; ++i) reply->write(std::string(100'000, 'x'), {});
    std::unique_lock lock(mutex);
    CHECK(closed.wait_for(lock, std::chrono::seconds(5), [&] { return gone; }));
}

TEST_CASE("idle connections and open streams do not delay a stop", "[http]") {
    World world;
    RawClient fresh(world.folder.socket()), idle(world.folder.socket()), stream(world.folder.socket());
    idle.send(get("/"));
    CHECK(idle.status() == 200);
    stream.send(get("/stream"));
    CHECK(stream.status() == 200);
    const auto reply = world.wait_for_reply();
    const auto began = Steady::now();
    world.server.reset();
    CHECK(Steady::now() - began < std::chrono::milliseconds(1000));
    CHECK(fresh.read().empty());
    stream.read();
    CHECK(stream.closed());
    CHECK_FALSE(std::filesystem::exists(world.folder.socket()));
}

TEST_CASE("what is being answered when a stop comes is still answered", "[http]") {
    World world;
    RawClient client(world.folder.socket());
    client.send(get("/later"));
    const auto reply = world.wait_for_reply();
    REQUIRE(reply);
    std::thread stopping([&] { world.server.reset(); });
    reply->send({200, "text/plain", "just in time"});
    CHECK(client.read().find("just in time") != std::string::npos);
    stopping.join();
}

TEST_CASE("a reply may be used after its server has gone", "[http]") {
    World world;
    RawClient client(world.folder.socket());
    client.send(get("/later"));
    const auto reply = world.wait_for_reply();
    REQUIRE(reply);
    const auto began = Steady::now();
    world.server.reset();   // gives it two seconds, and then goes
    CHECK(Steady::now() - began < std::chrono::seconds(4));
    reply->send({200, "text/plain", "too late"});
    reply->write("x", [] { FAIL("nobody is there"); });
    reply->post([] { FAIL("no thread is there"); });
    reply->on_close([] {});
    CHECK(reply->closed());
    CHECK(client.read().empty());
}
