// Random graphs: whatever the graph and the outcomes, a run ends, keeps its limits and its requirements.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <set>

#include "tests/support/state_run_text.hpp"

using namespace prove;
using prove::test::Play;

namespace {

class RandomRun {
  public:
    explicit RandomRun(unsigned seed) : numbers_(seed) {}

    StateRun run() {
        StateRun run;
        const NodeIndex size = 1 + below(12);
        for (NodeIndex i = 0; i < size; ++i) {
            Node& node = run.nodes.emplace_back();
            node.id = StateId("s" + std::to_string(i));
            node.lazy = chance(35);
            node.defer = chance(15);
            Variant& variant = node.variants.emplace_back();
            if (i > 2 && chance(15)) {
                // Contents that stand before it and in no other block, each list in turn.
                node.group = node.block = true;
                for (NodeIndex k = 1 + below(3); k > 0; --k) stand(below(i), node.members);
                for (NodeIndex k = below(3); k > 0; --k) stand(below(i), node.rescue);
                for (NodeIndex k = below(3); k > 0; --k) stand(below(i), node.always);
            } else if (i > 0 && chance(12)) {
                node.group = true;
                for (unsigned k = 0; k < 2; ++k) add(node.members, below(i));  // of written ones: no circles
            } else {
                for (unsigned k = 0; k <= below(3); ++k) {
                    StatePart& part = variant.parts.emplace_back();
                    if (chance(25)) add(part.notify, below(size));
                    if (chance(10)) add(part.notify_failure, below(size));
                }
            }
            // Requirements point to states written before, so that there is no cycle of them.
            for (unsigned k = 0; i > 0 && k < below(3); ++k) add(node.requirements, below(i));
            if (chance(30)) add(variant.notify, below(size));
            if (chance(10)) add(variant.notify_failure, below(size));
        }
        if (chance(15)) run.options.on_failure = RunOptions::OnFailure::stop;
        return run;
    }
    std::string outcomes(const StateRun& run) {
        static const char* const words[] = {"ok",     "ok",     "changed", "changed", "changed",
                                            "failed", "broken", "unknown", "skipped"};
        std::string text;
        for (const Node& node : run.nodes) {
            text += node.id.text() + ":";
            for (int i = 0; i < 20; ++i) text += std::string(" ") + words[below(9)];
            text += ";";
        }
        return text;
    }
    std::vector<Debt> debts(const StateRun& run) {
        std::vector<Debt> result;
        const auto any = [&] {
            const NodeIndex node = below(static_cast<unsigned>(run.nodes.size()) + 1);
            return node == run.nodes.size() ? StateId("gone") : run.nodes[node].id;
        };
        for (unsigned k = 0; k < below(3); ++k) result.push_back({any(), any()});
        return result;
    }

  private:
    unsigned below(unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(numbers_); }
    bool chance(unsigned percent) { return below(100) < percent; }
    static void add(std::vector<NodeIndex>& list, NodeIndex node) {
        if (std::find(list.begin(), list.end(), node) == list.end()) list.push_back(node);
    }
    void stand(NodeIndex node, std::vector<NodeIndex>& list) {
        if (stands_.insert(node).second) list.push_back(node);
    }
    std::mt19937 numbers_;
    std::set<NodeIndex> stands_;
};

// What stands in a rescue runs only where it is needed.
bool has_blocks(const StateRun& run) {
    return std::any_of(run.nodes.begin(), run.nodes.end(), [](const Node& node) { return node.block; });
}

bool failed(const StateInvocation& invocation) {
    return invocation.outcome == Outcome::failed;
}

}  // namespace

TEST_CASE("any run ends, every written state is reported, and none goes over its limit", "[schedule]") {
    for (unsigned seed = 0; seed < 1'000; ++seed) {
        INFO("seed " << seed);
        RandomRun random(seed);
        const StateRun run = random.run();
        const std::string outcomes = random.outcomes(run);
        const Play play(run, outcomes, random.debts(run));
        INFO(play.story());
        std::map<StateId, int> ran;
        for (const StateInvocation& invocation : play.report()) {
            const bool counts = !run.nodes[*run.find(invocation.state)].group;
            if (counts && invocation.outcome != Outcome::skipped) ++ran[invocation.state];
        }
        // One more than the limit: the invocation that fails because of it.
        for (const auto& [id, times] : ran) REQUIRE(times <= run.options.max_invocations + 1);
        // What stands in a rescue, or in a block that is not asked for, may stay out of the report.
        for (const Node& node : run.nodes)
            if (!node.lazy && !has_blocks(run)) REQUIRE(play.count(node.id.text()) >= 1);
    }
}

TEST_CASE("in any run a state that ran had its requirements satisfied, or was notified by them", "[schedule]") {
    for (unsigned seed = 5'000; seed < 6'000; ++seed) {
        INFO("seed " << seed);
        RandomRun random(seed);
        const StateRun run = random.run();
        const Play play(run, random.outcomes(run), {});
        INFO(play.story());
        for (std::size_t i = 0; i < play.report().size(); ++i) {
            const StateInvocation& invocation = play.report()[i];
            const Node& node = run.nodes[*run.find(invocation.state)];
            if (invocation.outcome == Outcome::skipped || failed(invocation) || node.group) continue;
            for (const NodeIndex required : node.requirements) {
                const Node& needed = run.nodes[required];
                const auto& by = invocation.notified_by;
                if (needed.group || std::find(by.begin(), by.end(), needed.id) != by.end()) continue;
                const StateInvocation* latest = nullptr;
                for (std::size_t k = 0; k < play.ended_before(i); ++k)
                    if (play.report()[k].state == needed.id) latest = &play.report()[k];
                const bool fine = latest ? !failed(*latest) : needed.lazy || has_blocks(run);
                INFO(invocation.state.text() << " requires " << needed.id.text());
                REQUIRE(fine);
            }
        }
    }
}

TEST_CASE("in any run what is still owed is owed by a state that failed, or to one that did not succeed",
          "[schedule]") {
    for (unsigned seed = 10'000; seed < 11'000; ++seed) {
        INFO("seed " << seed);
        RandomRun random(seed);
        const StateRun run = random.run();
        const Play play(run, random.outcomes(run), {});
        INFO(play.story());
        for (const std::string& debt : test::words_of(play.owed())) {
            const std::string from = debt.substr(0, debt.find('>'));
            const std::string to = debt.substr(debt.find('>') + 1);
            bool from_failed = false, to_trouble = false;
            for (const StateInvocation& invocation : play.report()) {
                const bool trouble = invocation.outcome != Outcome::ok && invocation.outcome != Outcome::changed;
                from_failed = from_failed || (invocation.state.text() == from && trouble);
                to_trouble = to_trouble || (invocation.state.text() == to && trouble);
            }
            CHECK((from_failed || to_trouble));
        }
    }
}
