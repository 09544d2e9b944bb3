// With `parallelism`: what may run beside what, and in whose lane. The rest of the order is as ever.
#include <catch2/catch.hpp>

#include <random>

#include "tests/support/state_run_text.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// Ids are FILE/NAME; a claim is written beside the id that it is of.
class Side {
  public:
    explicit Side(const std::string& text, std::map<std::string, std::set<std::string>> claims = {},
                  std::size_t lanes = 3, const std::vector<Debt>& owed = {})
        : run_(with_files(RunText(text).run(), lanes)),
          live_(std::make_shared<LiveRun>(run_)),
          schedule_(live_, owed, Overlap(live_, owed, claims_of(std::move(claims)))) {}

    // The state that this lane takes, "" for none. What is only reported has a mark: "(x)".
    std::string next(std::size_t lane) {
        const auto step = schedule_.next(lane);
        if (!step) return "";
        const std::string& id = step->invocation.state.text();
        return step->action == Step::Action::run ? id : "(" + id + ")";
    }
    void part(const std::string& id, PartEnd end = {.changed = true}) {
        const NodeIndex node = *run_.find(StateId(id));
        schedule_.incur(node, run_.nodes[node].variants[0], 0);
        schedule_.part_finished(node, run_.nodes[node].variants[0], 0, end);
    }
    void finish(const std::string& id, Outcome outcome = Outcome::ok) {
        const NodeIndex node = *run_.find(StateId(id));
        schedule_.finished(node, &run_.nodes[node].variants[0], outcome, outcome == Outcome::changed);
    }
    Schedule& schedule() { return schedule_; }
    const StateRun& run() const { return run_; }

    static StateRun with_files(StateRun run, std::size_t lanes) {
        for (Node& node : run.nodes) node.state_file = node.id.text().substr(0, node.id.text().find('/'));
        run.options.parallelism = static_cast<int>(lanes);
        return run;
    }

  private:
    static Overlap::ClaimsOf claims_of(std::map<std::string, std::set<std::string>> claims) {
        return [claims = std::move(claims)](const Node& node) {
            Overlap::Claims result;
            const auto found = claims.find(node.id.text());
            if (found == claims.end()) return result;
            for (const std::string& name : found->second)
                if (name == "?")
                    result.unknown = true;
                else
                    result.names.insert(name);
            return result;
        };
    }

    StateRun run_;
    std::shared_ptr<LiveRun> live_;
    Schedule schedule_;
};

}  // namespace

TEST_CASE("with parallelism only states of different files overlap", "[schedule][parallel]") {
    Side side("a/1:\na/2:\nb/1:\nb/2:\n");
    CHECK(side.next(0) == "a/1");
    CHECK(side.next(1) == "b/1");
    CHECK(side.next(2).empty());
    side.finish("b/1");
    CHECK(side.next(1) == "b/2");
    side.finish("a/1");
    CHECK(side.next(2) == "a/2");
}

TEST_CASE("with parallelism no two states overlap that claim one resource, or one below the other's path",
          "[schedule][parallel]") {
    Side side(
        "a/1:\nb/1:\nc/1:\nd/1:\n",
        {{"a/1", {"/etc/app"}}, {"b/1", {"/etc/app/conf"}}, {"c/1", {"/etc/apple", "unit x"}}, {"d/1", {"unit x"}}});
    CHECK(side.next(0) == "a/1");
    CHECK(side.next(1) == "c/1");
    CHECK(side.next(2).empty());
    side.finish("a/1");
    CHECK(side.next(0) == "b/1");
    side.finish("c/1");
    CHECK(side.next(1) == "d/1");
}

TEST_CASE("a state whose claims depend on another's output runs alone", "[schedule][parallel]") {
    Side side("a/1:\nb/1:\n", {{"b/1", {"?"}}});
    CHECK(side.next(0) == "a/1");
    CHECK(side.next(1).empty());
    side.finish("a/1");
    CHECK(side.next(1) == "b/1");
    CHECK(side.next(0).empty());
}

TEST_CASE("states that may notify one state do not overlap, at whatever depth", "[schedule][parallel]") {
    Side side("a/1: notify w/x\nb/1: part notify_failure w/y\nc/1:\nw/x: lazy; notify w/y\nw/y: lazy\n");
    CHECK(side.next(0) == "a/1");
    CHECK(side.next(1) == "c/1");
    CHECK(side.next(2).empty());
}

TEST_CASE("what a state notified runs in its own lane, between its parts", "[schedule][parallel]") {
    Side side("a/1: part notify w/x; part\nb/1:\nw/x: lazy\n");
    CHECK(side.next(0) == "a/1");
    CHECK(side.next(1) == "b/1");
    side.part("a/1");
    CHECK(side.next(2).empty());
    side.finish("b/1");
    CHECK(side.next(1).empty());
    CHECK(side.next(0) == "w/x");
    side.finish("w/x");
    CHECK(side.next(0).empty());
    side.finish("a/1");
    CHECK(side.next(0).empty());
}

TEST_CASE("a state waits for a requirement that runs in another lane", "[schedule][parallel]") {
    Side side("a/1:\nb/1: requires a/1\n");
    CHECK(side.next(0) == "a/1");
    CHECK(side.next(1).empty());
    side.finish("a/1", Outcome::failed);
    CHECK(side.next(1) == "(b/1)");
}

TEST_CASE("a debt of an earlier run keeps apart what it leads to", "[schedule][parallel]") {
    Side side("a/1:\nb/1:\nc/1:\n", {}, 3, {{StateId("a/1"), StateId("b/1")}});
    CHECK(side.next(0) == "a/1");
    CHECK(side.next(1) == "c/1");
    CHECK(side.next(2).empty());
}

TEST_CASE("with parallelism deferred states run at the end, when no lane runs anything", "[schedule][parallel]") {
    Side side("a/1: defer\nb/1:\nc/1:\n");
    CHECK(side.next(0) == "b/1");
    CHECK(side.next(1) == "c/1");
    side.finish("b/1");
    CHECK(side.next(0).empty());
    side.finish("c/1");
    CHECK(side.next(0) == "a/1");
    CHECK(side.next(1).empty());
}

TEST_CASE("P23 with parallelism nothing starts after a cancellation, in no lane", "[schedule][parallel]") {
    Side side("a/1:\nb/1:\nc/1:\n");
    CHECK(side.next(0) == "a/1");
    side.schedule().cancel("the run was cancelled");
    CHECK(side.next(1) == "(b/1)");
    CHECK(side.next(1) == "(c/1)");
    CHECK(side.next(1).empty());
    side.finish("a/1");
    CHECK(side.next(0).empty());
}

TEST_CASE("in any run with parallelism every written state ends once, and no two of one file run at once",
          "[schedule][parallel]") {
    std::mt19937 random(20261122);
    const auto pick = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
    for (int round = 0; round < 500; ++round) {
        const int count = 2 + pick(12);
        std::vector<std::string> ids;
        for (int i = 0; i < count; ++i)
            ids.push_back(std::string(1, static_cast<char>('a' + pick(4))) + "/" + std::to_string(i));
        std::string text;
        for (int i = 0; i < count; ++i) {
            text += ids[static_cast<std::size_t>(i)] + ": part";
            if (i > 0 && pick(3) == 0) text += "; requires " + ids[static_cast<std::size_t>(pick(i))];
            if (pick(3) == 0) text += "; notify " + ids[static_cast<std::size_t>(pick(count))];
            if (pick(4) == 0) text += "; lazy";
            if (pick(6) == 0) text += "; defer";
            text += "\n";
        }
        INFO(text);
        Side side(text);
        std::vector<std::vector<std::string>> lanes(3);
        std::map<std::string, int> ended;
        int steps = 0;
        while (++steps < 5'000) {
            const auto lane = static_cast<std::size_t>(pick(3));
            const std::string id = side.next(lane);
            if (!id.empty() && id.front() == '(') {
                ++ended[id.substr(1, id.size() - 2)];
                continue;
            }
            if (!id.empty()) {
                for (std::size_t other = 0; other < lanes.size(); ++other)
                    for (const std::string& running : lanes[other])
                        if (other != lane) CHECK(running.substr(0, 1) != id.substr(0, 1));
                lanes[lane].push_back(id);
                continue;
            }
            const auto busy = static_cast<std::size_t>(pick(3));
            if (!lanes[busy].empty()) {
                const std::string done = lanes[busy].back();
                lanes[busy].pop_back();
                const bool changed = pick(2) == 0;
                side.part(done, {.changed = changed});
                side.finish(done, pick(8) == 0 ? Outcome::failed : changed ? Outcome::changed : Outcome::ok);
                ++ended[done];
            } else if (lanes[0].empty() && lanes[1].empty() && lanes[2].empty()) {
                break;
            }
        }
        REQUIRE(steps < 5'000);
        for (const Node& node : side.run().nodes)
            if (!node.lazy) CHECK(ended[node.id.text()] >= 1);
    }
}
