// State runs and reports across the wire: nothing is lost, nothing impossible comes in.
#include <catch2/catch.hpp>

#include "pace.hpp"
#include "samples.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// The sample run with one thing of its wire form changed.
StateRun changed_run(const std::function<void(Value&)>& change) {
    Value value = to_value(sample_run());
    change(value);
    return state_run_from(value);
}

Value& node(Value& run, std::size_t index) {
    return run.mapping().find("nodes")->list()[index];
}

}  // namespace

TEST_CASE("a state run crosses the wire without loss", "[state_run]") {
    const auto run = sample_run();
    const auto read = state_run_from(read_json(write_json(to_value(run)), JsonLimits::state_run()));
    CHECK(read == run);
    CHECK(read.nodes[0].variants[0].parts[0].position.text() == "states/site.yml:3:5");
}

TEST_CASE("what has its default is left out of a state run", "[state_run]") {
    StateRun run;
    run.target = TargetId("web1");
    Node plain;
    plain.id = StateId("a");
    Variant variant;
    StatePart part;
    part.function = "cmd.run";
    variant.parts = {part};
    plain.variants = {variant};
    run.nodes = {plain};
    CHECK(write_json(to_value(run)) == R"({"format":1,"target":"web1","catalog":"","sources":[],)"
                                       R"("nodes":[{"id":"a","variants":[{"parts":[{"fn":"cmd.run","args":{}}]}]}]})");
    CHECK(state_run_from(to_value(run)) == run);
}

TEST_CASE("a state run finds its states by name, and knows which run without being asked", "[state_run]") {
    const auto run = sample_run();
    CHECK(run.find(StateId("reload")) == NodeIndex{1});
    CHECK_FALSE(run.find(StateId("nothing")));
    CHECK(run.root_nodes() == std::vector<RootNode>{{0}, {2}, {3}, {5}, {6}});
}

TEST_CASE("S1 a state run whose indexes point outside it is refused", "[state_run]") {
    const auto with_index = [](const char* key, std::int64_t index) {
        return changed_run([&](Value& run) { node(run, 0).set(key, Value(Value::List{index})); });
    };
    CHECK_NOTHROW(with_index("requires", 2));
    CHECK_THROWS_WITH(with_index("requires", 7), "node 7 in 'requires' does not exist");
    CHECK_THROWS_AS(with_index("requires", -1), Error);
    CHECK_THROWS_AS(with_index("requires", INT64_MAX), Error);
    CHECK_THROWS_AS(changed_run([](Value& run) { node(run, 2).set("members", Value(Value::List{7})); }), Error);
    CHECK_THROWS_AS(changed_run([](Value& run) {
                        node(run, 0).mapping().find("variants")->list()[1].set("notify", Value(Value::List{7}));
                    }),
                    Error);
    CHECK_THROWS_AS(changed_run([](Value& run) { node(run, 0).set("at", Value(Value::List{1, 2, 3})); }), Error);
    CHECK_THROWS_AS(changed_run([](Value& run) { node(run, 0).set("at", Value(Value::List{0, 2})); }), Error);
}

TEST_CASE("S1 a state run with missing variants, doubled ids or impossible groups is refused", "[state_run]") {
    CHECK_THROWS_WITH(changed_run([](Value& run) { node(run, 0).mapping().find("variants")->list().pop_back(); }),
                      "expected 2 variants, found 1");
    CHECK_THROWS_WITH(changed_run([](Value& run) { node(run, 1).set("id", "motd"); }),
                      "two states of a run are called 'motd'");
    CHECK_THROWS_WITH(changed_run([](Value& run) { node(run, 1).set("members", Value(Value::List{0})); }),
                      "members without a group");
    CHECK_THROWS_WITH(changed_run([](Value& run) { node(run, 0).set("group", true); }), "a group has no probes");
    CHECK_THROWS_WITH(changed_run([](Value& run) {
                          auto& files = run.mapping().find("files")->list();
                          std::swap(files[0], files[1]);
                      }),
                      Catch::Contains("not sorted"));
}

TEST_CASE("S1 a state run with impossible blocks is refused: in two places, in circles, after their end",
          "[state_run]") {
    const auto with = [](std::size_t index, const char* key, Value value) {
        return changed_run([&](Value& run) { node(run, index).set(key, value); });
    };
    CHECK_NOTHROW(with(6, "members", Value(Value::List{2, 3})));
    CHECK_THROWS_WITH(with(6, "members", Value(Value::List{4})),
                      "state 'rescued' stands in two blocks, or after the end of its block");
    CHECK_THROWS_WITH(with(6, "always", Value(Value::List{6})), Catch::Contains("after the end of its block"));
    CHECK_THROWS_WITH(with(6, "group", false), Catch::Contains("members without a group"));
    CHECK_THROWS_WITH(with(2, "rescue", Value(Value::List{0})), "rescue or always without a block");
}

TEST_CASE("S1 a part that runs a state is a meta.run, and one with conditions that must hold a meta.assert",
          "[state_run]") {
    const auto part = [](Value& run, std::size_t index) -> Value& {
        return node(run, index).mapping().find("variants")->list()[0].mapping().find("parts")->list()[0];
    };
    CHECK_THROWS_WITH(changed_run([&](Value& run) { part(run, 4).set("runs", 7); }), "node 7 in 'runs' does not exist");
    CHECK_THROWS_WITH(changed_run([&](Value& run) { part(run, 4).mapping().erase("runs"); }),
                      "meta.run, and only that, runs a state");
    CHECK_THROWS_WITH(changed_run([&](Value& run) { part(run, 3).set("runs", 1); }),
                      "meta.run, and only that, runs a state");
    CHECK_THROWS_WITH(changed_run([&](Value& run) { part(run, 3).mapping().erase("that"); }),
                      "meta.assert, and only that, has conditions that must hold");
}

TEST_CASE("a failure that was rescued counts with its block, and makes no run a failed one", "[report]") {
    RunReport report;
    report.target = TargetId("web1");
    StateInvocation failed, block;
    failed.state = StateId("install");
    failed.outcome = Outcome::failed;
    block.state = StateId("deploy");
    block.outcome = Outcome::rescued;
    report.invocations = {failed, block};
    CHECK(is_failure(failed));
    CHECK(count(report).failed == 1);
    report.invocations[0].rescued_by = StateId("deploy");
    CHECK_FALSE(is_failure(report.invocations[0]));
    CHECK(count(report).failed == 0);
    CHECK(count(report).rescued == 1);
    CHECK(run_report_from(to_value(report)) == report);
}

TEST_CASE("S46 a state run with an unknown field, condition, format or name is refused", "[state_run]") {
    CHECK_THROWS_WITH(changed_run([](Value& run) { run.set("partail", true); }),
                      "state run: unknown field 'partail'; did you mean 'partial'?");
    CHECK_THROWS_WITH(changed_run([](Value& run) { node(run, 0).set("requirez", true); }),
                      Catch::Contains("unknown field 'requirez'"));
    CHECK_THROWS_WITH(changed_run([](Value& run) { run.set("format", 2); }), Catch::Contains("format 2"));
    CHECK_THROWS_AS(changed_run([](Value& run) { node(run, 0).set("id", ""); }), Error);
    CHECK_THROWS_AS(changed_run([](Value& run) { node(run, 0).set("id", std::string("a\0b", 3)); }), Error);
    CHECK_THROWS_AS(changed_run([](Value& run) { run.set("on_failure", "maybe"); }), Error);
    CHECK_THROWS_AS(changed_run([](Value& run) { run.set("max_invocations", 0); }), Error);
    CHECK_THROWS_AS(changed_run([](Value& run) { run.set("parallelism", 0); }), Error);
    CHECK_THROWS_AS(changed_run([](Value& run) { run.set("parallelism", 65); }), Error);
    CHECK_THROWS_WITH(condition_kind("exist"), "unknown condition 'exist'");
}

TEST_CASE("S1 an error inside a state run names the state", "[state_run]") {
    try {
        changed_run([](Value& run) {
            auto& part = node(run, 0).mapping().find("variants")->list()[0].mapping().find("parts")->list()[0];
            part.set("args", 5);
        });
        FAIL("taken");
    } catch (const Error& error) {
        CHECK(error.full_text() == "a part's arguments are not a mapping\n  in state 'motd' of a state run");
    }
}

TEST_CASE("S46 a state run of 300 KB is read in far less than 100 ms", "[state_run]") {
    StateRun run;
    run.target = TargetId("web1");
    const auto file = std::make_shared<const std::string>("states/site.yml");
    for (int i = 0; i < 1000; ++i) {
        Node entry;
        entry.id = StateId("file_" + std::to_string(i));
        entry.position = {file, static_cast<std::uint32_t>(i), 1};
        StatePart part;
        part.function = "file.managed";
        part.arguments = read_json(R"({"path":"/etc/x/)" + std::to_string(i) + R"(","mode":"0644","user":"root",)" +
                                   R"("content":{"$blob":")" + std::string(64, 'a') +
                                   R"(","size":120},"group":"root","comment":"some more words"})");
        part.position = entry.position;
        Variant variant;
        variant.parts = {part};
        entry.variants = {variant};
        run.nodes.push_back(entry);
    }
    const std::string text = write_json(to_value(run));
    CHECK(text.size() > 280'000);
    StateRun read;
    CHECK(shipped_ms([&] { read = state_run_from(read_json(text, JsonLimits::state_run())); }) < 100);
    CHECK(read == run);
}

TEST_CASE("a report crosses the wire without loss", "[outcome]") {
    CHECK(run_report_from(read_json(write_json(to_value(sample_report())))) == sample_report());
    CHECK(state_invocation_from(to_value(sample_invocation())) == sample_invocation());
    CHECK(state_invocation_from(to_value(sample_invocation())).position.text() == "states/site.yml:2");
}

TEST_CASE("S46 a report with an unknown outcome, field or place is refused", "[outcome]") {
    const auto with = [](const std::string& key, Value value) {
        Value written = to_value(sample_invocation());
        written.set(key, std::move(value));
        return state_invocation_from(written);
    };
    CHECK_THROWS_WITH(with("outcome", "fine"), "unknown outcome 'fine'");
    CHECK_THROWS_WITH(with("outcom", "ok"), Catch::Contains("unknown field"));
    CHECK_THROWS_AS(with("why", "because"), Error);
    CHECK_THROWS_AS(with("number", -1), Error);
    CHECK_THROWS_AS(with("ms", -1), Error);
    for (const char* place : {"", ":", "::", "a", "a:1", "a:1:", "a::1", "a:x:1", "a:1:99999999999"})
        CHECK_THROWS_WITH(with("position", place), "malformed position");
}

TEST_CASE("states are counted by their latest invocation", "[outcome]") {
    RunReport report;
    const auto add = [&](const char* state, Outcome outcome) {
        StateInvocation invocation;
        invocation.state = StateId(state);
        invocation.outcome = outcome;
        report.invocations.push_back(invocation);
    };
    add("a", Outcome::changed);
    add("b", Outcome::failed);
    add("a", Outcome::ok);
    add("c", Outcome::skipped);
    const auto counts = count(report);
    CHECK(counts.ok == 1);
    CHECK(counts.changed == 0);
    CHECK(counts.failed == 1);
    CHECK(counts.skipped == 1);
}
