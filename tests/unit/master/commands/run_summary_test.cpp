// What is kept of a run beside its report.
#include <catch2/catch.hpp>

#include "master/commands/run_summary.hpp"

using namespace prove;

namespace {

StateInvocation state(const std::string& id, Outcome outcome) {
    StateInvocation result;
    result.state = StateId(id);
    result.outcome = outcome;
    result.changed = outcome == Outcome::changed;
    result.position.file = std::make_shared<const std::string>("states/site.yml");
    result.position.line = 3;
    result.position.column = 1;
    StatePartInvocation part;
    part.function = "file.managed";
    part.subject = "/etc/" + id;
    part.outcome = outcome;
    result.parts.push_back(part);
    return result;
}

RunReport report(std::vector<StateInvocation> states) {
    RunReport result;
    result.invocations = std::move(states);
    return result;
}

}  // namespace

TEST_CASE("a summary counts states by how they came out, and leaves out what there is none of", "[commands]") {
    const auto summary = summary_of(report({state("a", Outcome::ok), state("b", Outcome::ok), state("c", Outcome::skipped)}));
    CHECK(write_json(summary) == R"({"mode":"apply","ok":2,"skipped":1})");
}

TEST_CASE("a summary names the states that failed, then those that changed or would", "[commands]") {
    const auto summary = summary_of(report({state("a", Outcome::changed), state("b", Outcome::ok), state("c", Outcome::failed),
                                            state("d", Outcome::unknown)}));
    std::vector<std::string> named;
    for (const auto& one : summary.at("states").list()) named.push_back(one.at("state").text() + " " + one.at("outcome").text());
    CHECK(named == std::vector<std::string>{"c failed", "a changed", "d unknown"});
    const auto& first = summary.at("states").list().front();
    CHECK(first.at("about").text() == "file.managed /etc/c");
    CHECK(first.at("place").text() == "states/site.yml:3:1");
}

TEST_CASE("a summary tells what was intended and what was drift", "[commands]") {
    auto moved = state("a", Outcome::changed), edited = state("b", Outcome::changed), failed = state("c", Outcome::failed);
    moved.cause = Cause::drift;
    edited.cause = Cause::intended;
    failed.cause = Cause::drift;
    const auto summary = summary_of(report({moved, edited, failed, state("d", Outcome::held)}));
    CHECK(summary.at("drift").integer() == 2);
    CHECK(summary.at("intended").integer() == 1);
    CHECK(summary.at("held").integer() == 1);
    std::vector<std::string> causes;
    for (const auto& one : summary.at("states").list())
        causes.push_back(one.find("cause") == nullptr ? one.at("outcome").text() : one.at("cause").text());
    CHECK(causes == std::vector<std::string>{"drift", "drift", "intended", "held"});
}

TEST_CASE("a summary says of a state what the part that made it so was about", "[commands]") {
    auto two = state("a", Outcome::changed);
    two.parts.front().outcome = Outcome::ok;
    StatePartInvocation second;
    second.function = "service.running";
    second.subject = "nginx";
    second.outcome = Outcome::changed;
    two.parts.push_back(second);
    CHECK(summary_of(report({two})).at("states").list().front().at("about").text() == "service.running nginx");
}

TEST_CASE("a summary stays small: of many states ten are named, and the others counted", "[commands]") {
    std::vector<StateInvocation> states;
    for (int number = 0; number < 25; ++number) states.push_back(state("s" + std::to_string(number), Outcome::changed));
    states.push_back(state("bad", Outcome::failed));
    states.front().parts.front().subject = std::string(5'000, 'x');
    const auto summary = summary_of(report(states));
    CHECK(summary.at("states").list().size() == 10);
    CHECK(summary.at("states").list().front().at("state").text() == "bad");
    CHECK(summary.at("more_states").integer() == 16);
    CHECK(summary.at("changed").integer() == 25);
    CHECK(write_json(summary).size() < 2'000);
}
