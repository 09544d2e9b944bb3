// Every route: who may use it, what it takes and refuses, and what it asks of the master.
#include <catch2/catch.hpp>

#include "tests/unit/master/api/api_world.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// What the master was asked last, with the permission that it was shown.
std::string asked(const ApiWorld& world) {
    const auto all = world.master.asked();
    return all.empty() ? "" : all.back();
}

std::string detail(const ApiAnswer& answer) {
    CHECK(answer.type == "application/problem+json");
    CHECK(answer.body.at("status").integer() == answer.status);
    CHECK_FALSE(answer.body.at("title").text().empty());
    return answer.body.at("detail").text();
}

const std::string ping = R"({"operation":"ping","target":"web*"})";

}  // namespace

TEST_CASE("S78 without a permission every route but /healthz answers 403, and the master is asked nothing", "[api][S78]") {
    ApiWorld world(false);
    for (const ApiRoute& route : world.router.routes()) {
        INFO(route.method << " " << route.path);
        const ApiAnswer answer = world.ask(route.method, filled(route.path), route.path == "/v1/jobs" && route.method == "POST" ? ping : "");
        if (route.path == "/healthz") {
            CHECK(route.needs == ApiRoute::Needs::nothing);
            CHECK(answer.status == 200);
        } else {
            CHECK(route.needs != ApiRoute::Needs::nothing);
            CHECK(answer.status == 403);
            CHECK(detail(answer).find("may not do") != std::string::npos);
        }
    }
    CHECK(world.master.asked().empty());
}

TEST_CASE("S89 each denial is in the audit log with who, from where and what", "[api][S89]") {
    ApiWorld world(false);
    world.ask("POST", "/v1/keys/web1/revoke");
    world.ask("POST", "/v1/jobs", R"({"operation":"cmd","target":"db*"})");
    const auto records = world.store.audit(0, 10);
    REQUIRE(records.size() == 2);
    CHECK(records[0].decision == "denied");
    CHECK(records[0].command == "keys.write");
    CHECK(records[0].from == "socket uid " + std::to_string(::getuid()));
    CHECK(records[1].command == "cmd");
    CHECK(records[1].detail == "db*");
}

TEST_CASE("S5 with the permission every route reaches the master with a permit of its own kind", "[api][S5]") {
    ApiWorld world;
    const std::map<std::string, std::pair<std::string, std::string>> wanted = {
        {"POST /v1/jobs", {ping, "ping: submit ping web* {}"}},
        {"GET /v1/jobs?limit=2&operation=cmd&target=web1&active=true&before=01jd8zk4", {"", "jobs.read: jobs 2 cmd web1 active before"}},
        {"GET /v1/jobs?scheduled=false", {"", "jobs.read: jobs 50   by hand"}},
        {"GET /v1/jobs?schedule=nightly&scheduled=true", {"", "jobs.read: jobs 50  nightly"}},
        {"GET /v1/jobs/01jd8zk4", {"", "jobs.read: job"}},
        {"GET /v1/jobs/01jd8zk4/results/web1", {"", "jobs.read: result web1"}},
        {"GET /v1/runs?target=web1&limit=2&operation=states&notable=true&before=01jd8zk4", {"", "jobs.read: runs of web1 2 states notable before"}},
        {"GET /v1/runs/01jd8zk4/web1", {"", "jobs.read: result web1"}},
        {"POST /v1/contents", {"\x01 bytes", "cmd: content of 7"}},
        {"POST /v1/jobs/01jd8zk4/cancel", {R"({"target":"web2"})", "jobs.cancel: cancel web2"}},
        {"GET /v1/targets?match=web*", {"", "targets.read: targets web*"}},
        {"GET /v1/targets/web1/graph", {"", "catalog.read: graph web1"}},
        {"GET /v1/diff?match=web*&from=3f2a91c0", {"", "catalog.read: diff web* 3f2a91c0"}},
        {"GET /v1/drift?match=web*&from_ms=9", {"", "jobs.read: drift web* 9"}},
        {"GET /v1/keys", {"", "keys.read: keys"}},
        {"POST /v1/keys/web1/accept", {R"({"name":"web9","replace":true})", "keys.write: accept web1 as web9 replace"}},
        {"POST /v1/keys/web1/reject", {"", "keys.write: reject web1"}},
        {"POST /v1/keys/web1/revoke", {"", "keys.write: revoke web1"}},
        {"POST /v1/tokens", {R"({"pattern":"web*","lifetime_ms":1000})", "tokens.write: token web* 1000"}},
        {"GET /v1/tokens", {"", "tokens.write: tokens"}},
        {"GET /v1/schedules", {"", "schedules.read: schedules"}},
        {"GET /v1/schedules/nightly", {"", "schedules.read: schedule nightly"}},
        {"GET /v1/pauses", {"", "schedules.read: pauses"}},
        {"POST /v1/pauses", {R"({"target":"web*","schedule":"nightly","for_ms":1000,"why":"racks"})",
                             "schedules.write: pause web* nightly 1000 racks"}},
        {"POST /v1/pauses/resume", {R"({"target":"web*","schedule":"nightly"})", "schedules.write: resume web* nightly"}},
        {"GET /v1/catalog", {"", "catalog.read: catalog"}},
        {"POST /v1/catalog/reload", {"", "catalog.write: reload"}},
        {"GET /v1/audit?after=5&limit=7", {"", "audit.read: audit after 5 7"}},
        {"GET /v1/audit/check", {"", "audit.read: check_audit"}},
        {"GET /v1/status", {"", "targets.read: overview"}},
        {"GET /metrics", {"", "targets.read: metrics"}},
    };
    for (const auto& [request, rest] : wanted) {
        INFO(request);
        const auto space = request.find(' ');
        const ApiAnswer answer = world.ask(request.substr(0, space), request.substr(space + 1), rest.first);
        INFO(answer.text);
        CHECK(answer.status / 100 == 2);
        CHECK(asked(world) == rest.second);
    }
    // Nothing is left out: the streams of events and /healthz have tests of their own, and /v1/jobs stands there three times.
    CHECK(world.router.routes().size() == wanted.size());
}

TEST_CASE("a new job answers 202 with its id and how many targets it has", "[api]") {
    ApiWorld world;
    const ApiAnswer answer = world.ask("POST", "/v1/jobs", R"({"operation":"cmd","target":"web*","options":{"argv":["ls"]},"wait_ms":5,"lifetime_ms":9})");
    CHECK(answer.status == 202);
    CHECK(answer.body.at("job").text() == FakeMaster::job_id().text());
    CHECK(answer.body.at("targets").integer() == 3);
    CHECK(asked(world) == R"(cmd: submit cmd web* {"argv":["ls"]})");
}

TEST_CASE("S78 unknown fields and query parameters are refused by their name", "[api][S78]") {
    ApiWorld world;
    CHECK(detail(world.ask("POST", "/v1/jobs", R"({"operation":"ping","target":"*","force":true})")).find("'force'") != std::string::npos);
    CHECK(detail(world.ask("POST", "/v1/tokens", R"({"forever":true})")).find("'forever'") != std::string::npos);
    CHECK(detail(world.ask("POST", "/v1/keys/web1/accept", R"({"nmae":"x"})")).find("'nmae'") != std::string::npos);
    CHECK(detail(world.ask("POST", "/v1/jobs/01jd8zk4/cancel", R"({"why":1})")).find("'why'") != std::string::npos);
    CHECK(detail(world.ask("GET", "/v1/jobs?token=x")) == "unknown query parameter 'token'");
    CHECK(detail(world.ask("GET", "/healthz?x=1")) == "unknown query parameter 'x'");
    CHECK(world.master.asked().empty());
}

TEST_CASE("a body that is not a JSON object, or whose members have other types, is refused", "[api]") {
    ApiWorld world;
    for (const char* body : {"[]", "1", "{", R"({"operation":1,"target":"*"})", R"({"operation":"ping"})", R"({"target":"*"})", "{} {}",
                             R"({"operation":"ping","target":"*","operation":"cmd"})", R"({"operation":"ping","target":"*","wait_ms":"1"})",
                             "\xff", R"({"operation":"ping","target":null})"}) {
        INFO(body);
        CHECK(world.ask("POST", "/v1/jobs", body).status == 400);
    }
    const std::string deep(40, '[');
    CHECK(world.ask("POST", "/v1/jobs", deep).status == 400);
    CHECK(world.master.asked().empty());
}

TEST_CASE("an operation that does not exist is refused, and never means another", "[api][S4]") {
    ApiWorld world;
    CHECK(detail(world.ask("POST", "/v1/jobs", R"({"operation":"pong","target":"*"})")) == "there is no operation 'pong'");
    CHECK(world.ask("POST", "/v1/jobs", R"({"operation":"","target":"*"})").status == 400);
}

TEST_CASE("what is not there is 404, and a wrong method is 405 with the right ones", "[api]") {
    ApiWorld world;
    CHECK(world.ask("GET", "/v1/nothing").status == 404);
    CHECK(world.ask("GET", "/").status == 404);
    CHECK(world.ask("GET", "/v1").status == 404);
    CHECK(world.ask("GET", "/v1/jobs/01jd8zk4/events/more").status == 404);
    CHECK(detail(world.ask("GET", "/v1/jobs/99999999")) == "there is no job '99999999'");
    CHECK(world.ask("GET", "/v1/jobs/01jd8zk4/results/web2").status == 404);
    CHECK(world.ask("POST", "/v1/keys/nobody/accept").status == 404);
    CHECK(detail(world.ask("DELETE", "/v1/jobs")) == "'/v1/jobs' takes POST, GET");
    CHECK(world.ask("DELETE", "/v1/jobs").status == 405);
}

TEST_CASE("numbers in a query are checked", "[api]") {
    ApiWorld world;
    for (const char* query : {"limit=0x10", "limit=-1", "limit=1001", "limit=99999999999999999999", "limit=1%20"})
        CHECK(world.ask("GET", std::string("/v1/jobs?") + query).status == 400);
}

TEST_CASE("lists come in pages", "[api]") {
    ApiWorld world;
    const ApiAnswer first = world.ask("GET", "/v1/targets?limit=2");
    CHECK(first.body.at("targets").list().size() == 2);
    CHECK(first.body.at("next").text() == "web1");
    const ApiAnswer second = world.ask("GET", "/v1/targets?limit=2&after=web1");
    CHECK(second.body.at("targets").list().size() == 1);
    CHECK(second.body.find("next") == nullptr);
    CHECK(world.ask("GET", "/v1/jobs?limit=3").body.at("next").text() == FakeMaster::job_id().text());
    CHECK(world.ask("GET", "/v1/jobs?limit=4").body.find("next") == nullptr);
}

TEST_CASE("each kind of error has its status, and its sentence is the command line's", "[api]") {
    const std::map<ErrorKind, int> statuses = {
        {ErrorKind::usage, 400}, {ErrorKind::invalid, 400}, {ErrorKind::refused, 403}, {ErrorKind::missing, 404},
        {ErrorKind::cancelled, 409}, {ErrorKind::unavailable, 503}, {ErrorKind::timeout, 503}, {ErrorKind::full, 507},
        {ErrorKind::internal, 500}, {ErrorKind::failed, 500}};
    ApiWorld world;
    for (const auto& [kind, status] : statuses) {
        world.master.failure = std::make_shared<Error>(kind, "no target matches 'wbe*'; did you mean 'web*'?");
        const ApiAnswer answer = world.ask("POST", "/v1/jobs", ping);
        CHECK(answer.status == status);
        CHECK(detail(answer) == "no target matches 'wbe*'; did you mean 'web*'?");
    }
}

TEST_CASE("an error of the catalog carries all its diagnostics", "[api]") {
    Diagnostics diagnostics;
    SourcePosition position;
    position.file = std::make_shared<const std::string>("states/site.yml");
    position.line = 12;
    position.column = 5;
    diagnostics.error(position, "certificate", "unknown argument 'create' of cmd.run");
    ApiWorld world;
    world.master.failure = std::make_shared<CatalogError>(diagnostics);
    const ApiAnswer answer = world.ask("POST", "/v1/jobs", ping);
    CHECK(answer.status == 422);
    CHECK(detail(answer).find("unknown argument 'create'") != std::string::npos);
    const Value& first = answer.body.at("diagnostics").list().front();
    CHECK(first.at("file").text() == "states/site.yml");
    CHECK(first.at("line").integer() == 12);
    CHECK(first.at("column").integer() == 5);
    CHECK(first.at("where").text() == "certificate");
}

TEST_CASE("health needs no permission and tells the version; metrics are text that Prometheus reads", "[api]") {
    ApiWorld world;
    CHECK(world.ask("GET", "/healthz").body.at("version").text() == "0.1.0");
    const ApiAnswer metrics = world.ask("GET", "/metrics");
    CHECK(metrics.type.rfind("text/plain", 0) == 0);
    CHECK(metrics.text.find("prove_targets{status=\"connected\"} 3\n") != std::string::npos);
}
