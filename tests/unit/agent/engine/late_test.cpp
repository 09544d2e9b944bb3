// Late states in a run: asked for when what they require has ended, and from then on states like all others.
#include <catch2/catch.hpp>

#include "tests/support/engine_tests.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// Answers with pieces that a test has written, and notes what was asked. In the YAML of a piece the first states only
// name those of the run.
class WrittenPieces final : public LateSource {
  public:
    explicit WrittenPieces(prove::testing::MemoryContent& contents) : contents_(contents) {}
    void add(const std::string& state, std::size_t outside, std::string yaml) { pieces_[state] = {outside, yaml}; }
    LatePiece piece(const LateRequest& request) override {
        asked.push_back(request);
        const auto found = pieces_.find(request.state().text());
        if (found == pieces_.end()) throw Error(ErrorKind::unavailable, "the master is away");
        return {RunYaml(found->second.second, contents_).run(), found->second.first};
    }
    std::vector<LateRequest> asked;

  private:
    prove::testing::MemoryContent& contents_;
    std::map<std::string, std::pair<std::size_t, std::string>> pieces_;
};

Function teller(const std::string& text) {
    Function result = own_function("test.tell", [](const Arguments&, Host&) {});
    result.schema.outputs = {{.name = "said", .type = ArgumentType::text, .help = "what it tells"}};
    result.read_outputs = [text](const Arguments&, const HostReader&) {
        Value outputs = Value::object();
        outputs.set("said", text);
        return outputs;
    };
    return result;
}

struct LateMachine : PaperMachine {
    LateMachine() {
        functions.add(teller("told"));
        late = &pieces;
    }
    std::string asked(std::size_t index = 0) const { return write_json(to_value(pieces.asked.at(index))); }
    WrittenPieces pieces{contents};
};

const std::string tells_and_waits =
    "a: [{fn: test.tell}]\n"
    "late: {requires: [a], parts: [{fn: meta.late, basis: b, results: {a: [said]}}]}\n";

}  // namespace

TEST_CASE("a late state is compiled when its dependencies are done, with their results", "[late]") {
    LateMachine machine;
    machine.pieces.add("late", 1, "a: {lazy: true}\nlate: {requires: [a], parts: [{fn: file.directory, path: /x}]}\n");
    const RunReport report = machine.run(tells_and_waits + "after: {requires: [late], parts: [{fn: test.tell}]}\n");
    CHECK(story(report) == "a:ok late:changed after:ok");
    REQUIRE(machine.pieces.asked.size() == 1);
    CHECK(machine.asked() == R"({"basis":"b","states":[{"state":"late","results":{"a":{"said":"told"}}}]})");
}

TEST_CASE("a late state may become many, which run where it stands", "[late]") {
    LateMachine machine;
    machine.pieces.add("late", 1,
                       "a: {lazy: true}\n"
                       "one: {requires: [a], parts: [{fn: file.directory, path: /one}]}\n"
                       "two: {requires: [a, one], parts: [{fn: file.directory, path: /two}]}\n"
                       "late: {requires: [a], block: [one, two]}\n");
    const RunReport report = machine.run(tells_and_waits + "z: [{fn: test.tell}]\n");
    CHECK(story(report) == "a:ok one:changed two:changed late:changed z:ok");
}

TEST_CASE("states that come with a late one notify, and are rescued, as all others", "[late]") {
    LateMachine machine;
    machine.functions.add(
        own_function("test.fail", [](const Arguments&, Host&) { throw Error(ErrorKind::failed, "it does not work"); }));
    machine.pieces.add("late", 2,
                       "a: {lazy: true}\nreload: {lazy: true}\n"
                       "one: {requires: [a], notify: [reload], parts: [{fn: file.directory, path: /one}]}\n"
                       "two: {requires: [a], parts: [{fn: test.fail}]}\n"
                       "help: {requires: [a], parts: [{fn: file.directory, path: /help}]}\n"
                       "late: {requires: [a], block: [one, two], rescue: [help]}\n");
    const RunReport report = machine.run(tells_and_waits + "reload: {lazy: true, parts: [{fn: test.tell}]}\n");
    CHECK(story(report) == "a:ok one:changed reload:ok two:failed help:changed late:rescued");
    CHECK(report.end == RunReport::End::done);
}

TEST_CASE("a late state that nobody asked for is not compiled, and one that is notified is", "[late]") {
    LateMachine machine;
    machine.pieces.add("late", 0, "one: [{fn: file.directory, path: /one}]\nlate: {lazy: true, block: [one]}\n");
    const std::string lazy = "late: {lazy: true, parts: [{fn: meta.late, basis: b, results: {}}]}\n";
    CHECK(story(machine.run(lazy + "b: [{fn: test.tell}]\n")) == "b:ok");
    CHECK(machine.pieces.asked.empty());
    CHECK(story(machine.run(lazy +
                            "b: {notify: [late], parts: [{fn: file.directory, path: /b}]}\nc: [{fn: test.tell}]\n")) ==
          "b:changed one:changed late:changed c:ok");
}

TEST_CASE("a late state is not asked for where what it requires failed", "[late]") {
    LateMachine machine;
    machine.functions.add(
        own_function("test.fail", [](const Arguments&, Host&) { throw Error(ErrorKind::failed, "it does not work"); }));
    const RunReport report =
        machine.run("a: [{fn: test.fail}]\nlate: {requires: [a], parts: [{fn: meta.late, basis: b, results: {}}]}\n");
    CHECK(story(report) == "a:failed late:skipped");
    CHECK(machine.pieces.asked.empty());
}

TEST_CASE("where there is no piece the late state fails with the reason, and everything else goes on", "[late]") {
    LateMachine machine;
    SECTION("the master is away") {
        const RunReport report = machine.run(tells_and_waits +
                                             "after: {requires: [late], parts: [{fn: test.tell}]}\n"
                                             "other: [{fn: test.tell}]\n");
        CHECK(story(report) == "a:ok late:failed after:skipped other:ok");
        CHECK(last(report, "late").reason == "the master is away");
    }
    SECTION("nobody here compiles") {
        machine.late = nullptr;
        CHECK(last(machine.run(tells_and_waits), "late").reason ==
              "it is compiled late, and there is nobody here who could compile it");
    }
    SECTION("notify_failure of the late state fires") {
        const RunReport report = machine.run(
            "a: [{fn: test.tell}]\nhelp: {lazy: true, parts: [{fn: test.tell}]}\n"
            "late: {requires: [a], notify_failure: [help], parts: [{fn: meta.late, basis: b, results: {}}]}\n");
        CHECK(story(report) == "a:ok late:failed help:ok");
    }
}

TEST_CASE("a piece that does not fit the run is refused whole", "[late]") {
    LateMachine machine;
    std::string reason;
    SECTION("it names a state that is not there") {
        machine.pieces.add("late", 1, "gone: {lazy: true}\nlate: {requires: [gone], parts: [{fn: test.tell}]}\n");
        reason = "what came for the late state 'late' names 'gone', which is not part of this run";
    }
    SECTION("it has a state that is there already") {
        machine.pieces.add("late", 0, "a: [{fn: test.tell}]\nlate: [{fn: test.tell}]\n");
        reason = "what came for the late state 'late' has another state 'a', which this run has already";
    }
    SECTION("it is for another state") {
        machine.pieces.add("late", 0, "x: [{fn: test.tell}]\n");
        reason = "what came for the late state 'late' does not have that state";
    }
    SECTION("it is late again") {
        machine.pieces.add("late", 0, "late: [{fn: meta.late, basis: b, results: {}}]\n");
        reason = "what came for the late state 'late' is late again";
    }
    SECTION("it calls a function that is not there") {
        machine.pieces.add("late", 0, "late: [{fn: test.none}]\n");
        reason =
            "the function 'test.none' is not known here; this Prove may be older than the master; "
            "in the state 'late'";
    }
    const RunReport report = machine.run(tells_and_waits + "other: [{fn: test.tell}]\n");
    CHECK(story(report) == "a:ok late:failed other:ok");
    CHECK(last(report, "late").reason == reason);
}

TEST_CASE("a late state within a late one is asked for with the results of both", "[late]") {
    LateMachine machine;
    machine.pieces.add("late", 1,
                       "a: {lazy: true}\n"
                       "inner: {requires: [a], parts: [{fn: meta.late, basis: b, results: {a: [said]}}]}\n"
                       "late: {requires: [a], block: [inner]}\n");
    machine.pieces.add("inner", 1,
                       "a: {lazy: true}\ninner: {requires: [a], parts: [{fn: file.directory, path: /x}]}\n");
    CHECK(story(machine.run(tells_and_waits)) == "a:ok inner:changed late:changed");
    REQUIRE(machine.pieces.asked.size() == 2);
    CHECK(machine.asked(1) == R"({"basis":"b","states":[{"state":"late","results":{"a":{"said":"told"}}},)"
                              R"({"state":"inner","results":{"a":{"said":"told"}}}]})");
}

TEST_CASE("in a plan what is known is compiled, else the late state is unknown", "[late]") {
    LateMachine machine;
    machine.pieces.add("late", 1, "a: {lazy: true}\nlate: {requires: [a], parts: [{fn: file.directory, path: /x}]}\n");
    SECTION("known") {
        CHECK(story(machine.run(tells_and_waits, RunMode::plan)) == "a:ok late:would_change");
    }
    SECTION("unknown") {
        Function blind = teller("");
        blind.schema.name = "test.blind";
        blind.read_outputs = {};
        machine.functions.add(blind);
        const RunReport plan = machine.run(
            "a: [{fn: test.blind}]\nlate: {requires: [a], parts: [{fn: meta.late, basis: b, results: {a: [said]}}]}\n",
            RunMode::plan);
        CHECK(last(plan, "late").outcome == Outcome::unknown);
        CHECK(last(plan, "late").reason == "what it will be depends on the output 'said' of 'a'");
        CHECK(machine.pieces.asked.empty());
    }
}

TEST_CASE("a debt to a state that a late one brings waits for it, and is dropped only where it did not come",
          "[late]") {
    LateMachine machine;
    machine.ledger.add({{StateId("one"), StateId("two")}});
    const std::string yaml = tells_and_waits;
    SECTION("it comes, and is notified") {
        machine.pieces.add("late", 1,
                           "a: {lazy: true}\n"
                           "one: {requires: [a], parts: [{fn: test.tell}], notify: [two]}\n"
                           "two: {lazy: true, parts: [{fn: test.tell}]}\n"
                           "late: {requires: [a], block: [one, two]}\n");
        CHECK(story(machine.run(yaml)) == "a:ok one:ok two:ok late:ok");
        CHECK(machine.ledger.owed().empty());
    }
    SECTION("the late state could not be compiled: the debt stays") {
        machine.run(yaml);
        CHECK(machine.ledger.owed().size() == 1);
    }
    SECTION("it came without that state") {
        machine.pieces.add("late", 1, "a: {lazy: true}\nlate: {requires: [a], parts: [{fn: test.tell}]}\n");
        const RunReport report = machine.run(yaml);
        CHECK(machine.ledger.owed().empty());
        REQUIRE(report.notes.size() == 1);
        CHECK(report.notes[0].find("was dropped") != std::string::npos);
    }
}

TEST_CASE("with parallelism late states and what they bring run as without", "[late][parallel]") {
    RealMachine machine;
    WrittenPieces pieces(machine.contents);
    machine.late = &pieces;
    machine.functions.add(teller("told"));
    std::string piece = "a: {lazy: true}\n", block = "late: {requires: [a], block: [";
    for (int i = 0; i < 20; ++i) {
        const std::string id = "s" + std::to_string(i);
        piece +=
            id + ": {requires: [a], parts: [{fn: file.directory, path: " + machine.folder.path() + "/" + id + "}]}\n";
        block += (i == 0 ? "" : ", ") + id;
    }
    pieces.add("late", 1, piece + block + "]}\n");
    StateRun run =
        RunYaml(tells_and_waits + "b/1: [{fn: test.tell}]\nb/2: [{fn: test.tell}]\n", machine.contents).run();
    run.options.parallelism = 4;
    for (Node& node : run.nodes) node.state_file = node.id.text().substr(0, 1);
    const RunReport report = machine.run(run);
    CHECK(report.end == RunReport::End::done);
    CHECK(report.invocations.size() == 24);
    CHECK(last(report, "late").outcome == Outcome::changed);
}

TEST_CASE("S91 a late state is filled with the run's secrets, and is asked for without them", "[late][secrets]") {
    LateMachine machine;
    const std::string mark = secret_mark("prove1.01234567.aGVsbG8=");
    machine.secrets = {{mark, "kanarienvogel"}};
    machine.functions.add([] {
        Function leaky = teller("read: kanarienvogel");
        leaky.schema.name = "test.leak";
        return leaky;
    }());
    machine.pieces.add("late", 1,
                       "a: {lazy: true}\nlate: {requires: [a], parts: [{fn: file.managed, path: /x, sensitive: true, "
                       "content: !secret '" +
                           mark + "'}]}\n");
    const RunReport report = machine.run(
        "a: [{fn: test.leak}]\nlate: {requires: [a], parts: [{fn: meta.late, basis: b, results: {a: [said]}}]}\n");
    CHECK(story(report) == "a:ok late:changed");
    CHECK(machine.asked() == R"({"basis":"b","states":[{"state":"late","results":{"a":{"said":"read: ***"}}}]})");
    CHECK(machine.host.hash_file(Path("/x")) == hash_of("kanarienvogel"));
    CHECK(write_json(to_value(report)).find("kanarienvogel") == std::string::npos);
}
