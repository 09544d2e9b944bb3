// What can be asked of a running master.
#include "running_test.hpp"

using namespace prove;
using namespace prove::test;

namespace {

const std::map<std::string, std::string> small_catalog = {
    {"targets.yml",
     "targets:\n  - {name: web1, states: [site], roles: []}\n  - {name: web2, states: [site]}\n"
     "  - {name: old1, executor: local, states: [site]}\n"},
    {"groups.yml", "groups:\n  - {name: web, glob: 'web*'}\n"},
    {"states/site.plain.yml", "motd:\n  - fn: file.managed\n    path: /etc/motd\n    content: hello\n"},
};

std::vector<std::string> meant(RunningWorld& running) {
    std::vector<std::string> names;
    for (const auto& row : running.world.store.job_targets(running.made.id)) names.push_back(row.target.text());
    return names;
}

}  // namespace

TEST_CASE("a states job goes to the catalog's targets, compiled for each", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    running.world.pass(6'000);
    CHECK(running.submit("states", "web1", states("apply")) == "");
    const auto row = running.world.store.job(running.made.id);
    CHECK(row->catalog == running.catalog.current()->catalog->hash().hex());
    web1.fetch(running.made.id);
    const auto command = web1.last(MessageType::staterun);
    REQUIRE(command);
    const auto body = states_body_from(job_command_from(command->body()).body);
    CHECK(body.mode == RunMode::apply);
    const auto run = state_run_from(body.run);
    CHECK(run.target == TargetId("web1"));
    CHECK(run.nodes.size() == 1);
    REQUIRE(run.files.size() == 1);
    // What it names by hash is there to be fetched (S63).
    web1.accept(running.made.id);
    web1.say(MessageType::file_request, to_value(FileRequest{running.made.id, run.files[0].hash, 0, 100}),
             running.made.id);
    CHECK(file_chunk_from(web1.last(MessageType::file_chunk)->plain).bytes == "hello");
}

TEST_CASE("S40 a plan is marked as a dry run in the signed header, an apply is not", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    const auto mode = GENERATE(as<std::string>(), "plan", "apply");
    running.submit("states", "web1", states(mode.c_str()));
    web1.fetch(running.made.id);
    CHECK(web1.last(MessageType::staterun)->header.dry_run == (mode == "plan"));
}

TEST_CASE("S53 the generation of StateRuns rises with every job", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    std::uint64_t last = 0;
    for (int i = 0; i < 3; ++i) {
        running.submit("states", "web1", states("plan"));
        web1.fetch(running.made.id);
        const auto generation = job_command_from(web1.last(MessageType::staterun)->body()).generation;
        CHECK(generation > last);
        last = generation;
    }
}

TEST_CASE("ping reaches accepted agents that the catalog does not name; states do not", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent extra(running.world, "extra");
    CHECK(running.submit("ping", "*") == "");
    CHECK(meant(running) == std::vector<std::string>{"extra", "old1", "web1", "web2"});
    CHECK(running.submit("states", "*", states("plan")) == "");
    CHECK(meant(running) == std::vector<std::string>{"old1", "web1", "web2"});
    CHECK_THAT(running.submit("states", "extra", states("plan")), Catch::Contains("add it to targets.yml"));
}

TEST_CASE("S76 S8 unknown targets and expressions that match nothing are errors, with the nearest name", "[master]") {
    RunningWorld running(small_catalog);
    CHECK(running.submit("ping", "web11") == "there is no target 'web11'; did you mean 'web1'?");
    CHECK_THAT(running.submit("ping", "db*"), Catch::Contains("matches no target"));
    CHECK(running.submit("ping", "") != "");
    CHECK(running.error->kind() == ErrorKind::usage);
    CHECK(running.world.store.jobs({}).empty());
}

TEST_CASE("groups and status choose targets", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent web2(running.world, "web2");
    web2.hello();
    CHECK(running.submit("ping", "group:web") == "");
    CHECK(meant(running) == std::vector<std::string>{"web1", "web2"});
    CHECK(running.submit("ping", "status:connected") == "");
    CHECK(meant(running) == std::vector<std::string>{"web2"});
}

TEST_CASE("S76 targets are shown by the same words: a name that nobody has is an error, a glob without a match is none",
          "[master]") {
    RunningWorld running(small_catalog);
    const auto permit = running.permit(Permission::targets_read);
    CHECK_THROWS_WITH(running.master.targets(permit, "wbe1"), "there is no target 'wbe1'; did you mean 'web1'?");
    CHECK(running.master.targets(permit, "nobody*").empty());
    CHECK(running.master.targets(permit, "web1").size() == 1);
    CHECK(running.submit("ping", "nobody*") == "'nobody*' matches no target; see: prove-cli targets");
}

TEST_CASE("a state that no target of the job has is a slip, told before anything is sent", "[master]") {
    RunningWorld running(small_catalog);
    const auto with_state = [](const char* id) {
        Value options = states("apply");
        Value ids = Value::array();
        ids.push(id);
        options.set("states", ids);
        return options;
    };
    CHECK(running.submit("states", "web1", with_state("mtod")) ==
          "target 'web1' has no state 'mtod'; did you mean 'motd'?");
    CHECK(running.error->kind() == ErrorKind::usage);
    CHECK(running.submit("states", "*", with_state("nothing*")).find("has a state 'nothing*'") != std::string::npos);
    CHECK(running.world.store.jobs({}).empty());
    CHECK(running.submit("states", "*", with_state("motd")) == "");
    CHECK(running.submit("states", "*", with_state("mo*")) == "");
}

TEST_CASE("of the audit log the newest records are shown, and the ones before them page by page", "[master]") {
    RunningWorld running(small_catalog);
    for (int i = 0; i < 10; ++i) running.submit("ping", "web1");
    const auto permit = running.permit(Permission::audit_read);
    const auto numbers = [&](const AuditAsked& asked) {
        std::vector<std::uint64_t> result;
        for (const auto& row : running.master.audit(permit, asked)) result.push_back(row.number);
        return result;
    };
    const auto count = running.world.store.audit_count();
    REQUIRE(count >= 10);
    using Numbers = std::vector<std::uint64_t>;
    CHECK(numbers({.limit = 3}) == Numbers{count - 2, count - 1, count});
    CHECK(numbers({.before = count - 2, .limit = 3}) == Numbers{count - 5, count - 4, count - 3});
    CHECK(numbers({.before = 3, .limit = 100}) == Numbers{1, 2});
    CHECK(numbers({.before = 1}).empty());
    CHECK(numbers({.before = 0}).empty());
    CHECK(numbers({.after = 4, .limit = 2}) == Numbers{5, 6});
    CHECK(numbers({.limit = 1000}).size() == count);
}

TEST_CASE("a target that a master cannot reach is refused by name, and the others go on", "[master]") {
    RunningWorld running(small_catalog);
    running.submit("states", "*", states("plan"));
    CHECK(running.world.end_of(running.made.id, "old1") == "refused");
    CHECK(
        running.world.target(running.made.id, "old1").reason ==
        "its executor is 'local', which a master does not use, since it is not root there; install prove-agent on that "
        "host, or run it there: prove-cli --catalog DIR states ...");
    CHECK(running.world.end_of(running.made.id, "web1") == "unreachable");  // no agent of that name
}

TEST_CASE("unknown operations and options are refused with the nearest name", "[master]") {
    RunningWorld running(small_catalog);
    CHECK_THROWS_WITH(running.submit("pong", "*"), Catch::Contains("did you mean 'ping'?"));
    Value options = states("plan");
    options.set("stetes", Value::array());
    CHECK_THROWS_AS(running.submit("states", "*", options), Error);
    CHECK_THROWS_AS(running.submit("states", "*", states("aply")), Error);
    CHECK_THROWS_AS(running.submit("cmd", "*"), Error);
}

TEST_CASE("S5 a permit for a plan is none for an apply", "[master]") {
    RunningWorld running(small_catalog);
    JobAsked asked;
    asked.operation = "states";
    asked.expression = "web1";
    asked.options = states("apply");
    std::string text;
    running.master.submit(running.permit(Permission::states_plan), asked,
                          [&](Answer<JobMade> answer) { text = answer.error ? answer.error->text() : "made"; });
    running.pump();
    CHECK_THAT(text, Catch::Contains("was used for states.apply"));
    CHECK(running.world.store.jobs({}).empty());
}

TEST_CASE("a catalog that breaks is refused for states with all its errors, while ping goes on with the one before",
          "[master]") {
    RunningWorld running(small_catalog);
    running.folder.write("groups.yml", "groups:\n  - {name: web, glub: 'web*'}\n");
    running.world.clock.pass(Milliseconds(3'000));
    CHECK(running.submit("states", "web1", states("plan")) != "");
    const auto* const catalog = dynamic_cast<const CatalogError*>(running.error.get());
    REQUIRE(catalog != nullptr);
    CHECK(catalog->diagnostics().has_errors());
    CHECK(running.submit("ping", "web1") == "");
    CHECK_FALSE(running.catalog.status().problems.empty());

    running.folder.write("groups.yml", "groups: []\n");
    CHECK(running.submit("states", "web1", states("plan")) == "");
    CHECK(running.catalog.status().problems.empty());
}

TEST_CASE("the catalog's status tells of a state file that is broken, without a job that needs it", "[master]") {
    auto files = small_catalog;
    files["states/site.plain.yml"] = "motd:\n  - fn: file.managed\n    pth: /etc/motd\n    content: x\n";
    RunningWorld running(files);
    FakeAgent web1(running.world, "web1");
    Value facts = Value::object();
    facts.set("kernel", "Linux");
    web1.hello({}, facts);
    running.world.settle();
    running.catalog.check_in([&](std::function<void()> one) { running.work.push_back(std::move(one)); });
    CHECK(running.catalog.status().checking);
    running.pump();
    const auto broken = running.catalog.status();
    CHECK_FALSE(broken.checking);
    CHECK_FALSE(broken.refused);
    CHECK(broken.compiled == 1);  // others were never seen: what they tell of themselves is not known
    REQUIRE(broken.problems.size() == 1);
    CHECK(broken.problems[0].full_text().find("states/site.plain.yml:3:5: motd: unknown argument 'pth'") == 0);

    running.folder.write("states/site.plain.yml", small_catalog.at("states/site.plain.yml"));
    std::optional<CatalogStatus> reloaded;
    running.master.reload_catalog(running.permit(Permission::catalog_write),
                                  [&](Answer<CatalogStatus> answer) { reloaded = std::move(answer.value); });
    running.pump();
    REQUIRE(reloaded);
    CHECK(reloaded->problems.empty());
    CHECK(reloaded->compiled == 1);
}

TEST_CASE("a reload answers at once where the catalog is refused, and what was in use stays", "[master]") {
    RunningWorld running(small_catalog);
    running.catalog.check_in([&](std::function<void()> one) { running.work.push_back(std::move(one)); });
    const auto before = running.catalog.status().hash;
    running.folder.write("groups.yml", "groups:\n  - {name: web, glub: 'web*'}\n");
    CatalogStatus status;
    running.catalog.reload([&](CatalogStatus answer) { status = std::move(answer); });
    CHECK(status.refused);
    CHECK(status.hash == before);
    CHECK_FALSE(status.problems.empty());
}

TEST_CASE("a change of the catalog is seen by the next states job, and not by one that is under way", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    running.submit("states", "web1", states("plan"));
    const auto first = running.made.id;
    running.folder.write("states/site.plain.yml", "other:\n  - fn: file.directory\n    path: /srv\n");
    running.submit("states", "web1", states("plan"));
    const auto nodes = [&](const JobId& job) {
        web1.fetch(job);
        return state_run_from(states_body_from(job_command_from(web1.last(MessageType::staterun)->body()).body).run)
            .nodes[0]
            .id.text();
    };
    CHECK(nodes(running.made.id) == "other");
    CHECK(running.world.store.job(first)->catalog != running.world.store.job(running.made.id)->catalog);
}

TEST_CASE("states that do not compile for a target end it with a place in the catalog", "[master]") {
    auto files = small_catalog;
    files["states/site.plain.yml"] = "motd:\n  - fn: file.managed\n    pth: /etc/motd\n";
    RunningWorld running(files);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    running.submit("states", "web1", states("apply"));
    CHECK(running.world.end_of(running.made.id, "web1") == "failed");
    const auto body = running.world.store.result(running.made.id, TargetId("web1"))->body;
    CHECK(body.find("\"file\":\"states/site.plain.yml\",\"line\":3") != std::string::npos);
}

TEST_CASE("S64 a StateRun too large for an envelope goes by its hash", "[master]") {
    auto files = small_catalog;
    std::string many;
    for (int i = 0; i < 3'000; ++i)
        many += "state_" + std::to_string(i) +
                ":\n  - fn: file.directory\n    path: /srv/a/long/path/to/make/it/large/" + std::to_string(i) +
                "\n    mode: '0755'\n";
    files["states/site.plain.yml"] = many;
    RunningWorld running(files);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    running.submit("states", "web1", states("plan"));
    web1.fetch(running.made.id);
    const auto body = states_body_from(job_command_from(web1.last(MessageType::staterun)->body()).body);
    REQUIRE(body.blob);
    web1.accept(running.made.id);
    std::string text;
    while (text.size() < body.blob->size) {
        web1.say(MessageType::file_request,
                 to_value(FileRequest{running.made.id, body.blob->hash, text.size(), chunk_bytes}), running.made.id);
        text += file_chunk_from(web1.last(MessageType::file_chunk)->plain).bytes;
    }
    CHECK(hash_of(text) == body.blob->hash);
    CHECK(state_run_from(read_json(text, JsonLimits::state_run())).nodes.size() == 3'000);
}

TEST_CASE("jobs are found by the beginning of their ids", "[master]") {
    RunningWorld running(small_catalog);
    running.submit("ping", "web1");
    CHECK(running.master.find_job(running.made.id.short_text()) == running.made.id);
    CHECK_THROWS_AS(running.master.find_job("zzzz"), Error);
    CHECK_THROWS_AS(running.master.find_job(""), Error);
}

TEST_CASE("ids of jobs sort by the time at which they were asked for, to the millisecond", "[master]") {
    RunningWorld running(small_catalog);
    std::vector<JobId> ids;
    for (int i = 0; i < 5; ++i) {
        running.submit("ping", "web1");
        ids.push_back(running.made.id);
        running.world.clock.pass(Milliseconds(1));
    }
    CHECK(std::is_sorted(ids.begin(), ids.end()));
}

TEST_CASE("a watch is told of every commit with events of its job, and of none after it is gone", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    running.submit("ping", "web1");
    int told = 0;
    auto watch = running.master.watch(running.permit(Permission::jobs_read), running.made.id, [&] { ++told; });
    web1.accept(running.made.id);
    CHECK(told == 1);
    watch.reset();
    web1.finish(running.made.id);
    CHECK(told == 1);
    CHECK(running.master.events(running.permit(Permission::jobs_read), running.made.id, 1, 10).size() == 2);
}

TEST_CASE("S22 a token names the master as agents reach it, and its seed is nowhere in the store", "[master]") {
    RunningWorld running(small_catalog);
    TokenAsked asked;
    asked.pattern = "web1";
    std::optional<TokenMade> made;
    const auto make = [&] {
        running.master.make_token(running.permit(Permission::tokens_write), asked,
                                  [&](Answer<TokenMade> answer) { made = answer.value; });
        running.pump();
        return token_from_text(made->token);
    };
    auto token = make();
    CHECK(token.pin.host == "master.example.com");
    CHECK(running.world.store.tokens().front().key == public_key_of(token.seed));
    asked.address = "10.0.0.1:7000";
    token = make();
    CHECK(token.pin.host == "10.0.0.1");
    CHECK(token.pin.enrol_port == 7000);
    asked.address = "10.0.0.1:70000";
    CHECK_THROWS_AS(make(), Error);
    asked = {};
    asked.lifetime_ms = 25LL * 3600 * 1000;
    CHECK_THROWS_AS(make(), Error);
    asked = {};
    asked.pattern = "Web 1";
    CHECK_THROWS_AS(make(), Error);
}

TEST_CASE("an agent's own request becomes a job for it alone, by its accepted name", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    web1.say(MessageType::run_request, to_value(RunRequest{std::string(32, 'b'), RunMode::plan}));
    running.pump();
    const auto jobs = running.world.store.jobs({});
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].who == "agent web1");
    CHECK(running.world.store.job_targets(jobs[0].id).size() == 1);
    const auto reply = web1.last(MessageType::run_reply);
    REQUIRE(reply);
    CHECK(run_reply_from(reply->body()).job == jobs[0].id);
}

TEST_CASE("targets are shown with how they are reached, since when, and what their last run came to", "[master]") {
    RunningWorld running(small_catalog);
    FakeAgent web1(running.world, "web1");
    web1.hello();
    const auto rows = running.master.targets(running.permit(Permission::targets_read), "*");
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].name == TargetId("old1"));
    CHECK(rows[0].status == "unknown");
    CHECK(rows[1].status == "connected");
    CHECK(rows[1].groups == std::vector<std::string>{"web"});
    CHECK(rows[1].connected_ms == running.world.clock.wall);
    CHECK_FALSE(rows[1].last_run);
}

TEST_CASE("a master that stops takes no more jobs", "[master]") {
    RunningWorld running(small_catalog);
    running.master.stop_taking();
    CHECK(running.submit("ping", "web1") == "the master is stopping");
}
