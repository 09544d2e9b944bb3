// The engine on real files and real commands: plans that keep what they say, time limits, cancelling.
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "tests/support/engine_tests.hpp"

using namespace prove;
using test::last;
using test::RealMachine;
using test::story;

TEST_CASE("A8 a condition that never ends fails its part in the part's time", "[engine]") {
    RealMachine machine;
    const RunReport report = machine.run(
        "a: [{fn: file.directory, path: $/a, unless: 'sleep 60', timeout: 300ms}]\n"
        "b: [{fn: file.directory, path: $/b}]\n");
    CHECK(story(report) == "a:failed b:changed");
    CHECK(last(report, "a").reason.find("did not end in time") != std::string::npos);
    CHECK(report.duration < std::chrono::seconds(20));
}

TEST_CASE("A8 a command that never ends is stopped after its time, and the run goes on", "[engine]") {
    RealMachine machine;
    const RunReport report = machine.run(
        "a: [{fn: cmd.run, cmd: 'sleep 60', timeout: 300ms}]\nb: [{fn: file.directory, path: $/b}]\n");
    CHECK(story(report) == "a:failed b:changed");
    CHECK(last(report, "a").reason.find("in time") != std::string::npos);
    CHECK(report.duration < std::chrono::seconds(20));
}

TEST_CASE("P23 a running command ends with the cancellation of its run", "[engine]") {
    RealMachine machine;
    std::thread canceller([&] {
        while (machine.read("started").empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        machine.cancellation.cancel("by root");
    });
    const RunReport report = machine.run(
        "a: [{fn: cmd.run, cmd: 'echo x > $/started; sleep 60; echo y > $/ended'}]\nb: [{fn: file.directory, path: $/b}]\n");
    canceller.join();
    CHECK(story(report) == "a:failed b:skipped");
    CHECK(report.end == RunReport::End::cancelled);
    CHECK(report.duration < std::chrono::seconds(20));
    CHECK(machine.read("ended").empty());
}

TEST_CASE("the tail of a command's output is in the report, as valid text", "[engine]") {
    RealMachine machine;
    const RunReport report =
        machine.run("a: [{fn: cmd.run, cmd: 'head -c 40000 /dev/zero | tr \"\\\\0\" x; printf \"\\\\377the end\"'}]\n");
    const std::string& output = report.invocations.at(0).parts.at(0).output;
    CHECK(output.size() <= 16u << 10);
    CHECK(output.size() > 10'000);
    CHECK(output.substr(output.size() - 7) == "the end");
    CHECK(output.find('\377') == std::string::npos);
}

namespace {

// A random folder of files, and a random wish for it: files, links, folders, removals, notifications, conditions.
class RandomWish {
 public:
    explicit RandomWish(unsigned seed) : numbers_(seed) {}
    void prepare(const RealMachine& machine) {
        for (int i = 0; i < 6; ++i)
            if (chance(50)) machine.write("f" + std::to_string(i), content());
    }
    std::string yaml() {
        std::string text;
        for (int i = 0; i < 8; ++i) {
            const std::string file = "$/f" + std::to_string(i % 6);
            text += "s" + std::to_string(i) + ":\n";
            if (i > 0 && chance(30)) text += "  requires: [s" + std::to_string(below(static_cast<unsigned>(i))) + "]\n";
            if (chance(20)) text += "  lazy: true\n";
            if (chance(20)) text += "  defer: true\n";
            if (chance(30)) text += "  notify: [s" + std::to_string(below(8)) + "]\n";
            text += "  parts:\n    - {" + part(file) + condition() + "}\n";
        }
        return text;
    }

 private:
    std::string part(const std::string& file) {
        switch (below(6)) {
            case 0: return "fn: file.absent, path: " + file;
            case 1: return "fn: file.attributes, path: " + file + ", mode: '0600'";
            case 2: return "fn: file.symlink, path: " + file + "l, target: nowhere, force: true";
            case 3: return "fn: file.directory, path: " + file + "d, mode: '0750'";
            default: return "fn: file.managed, path: " + file + ", content: " + content();
        }
    }
    std::string condition() {
        if (!chance(25)) return "";
        return (chance(50) ? ", onlyif: {exists: $/f" : ", unless: {exists: $/f") + std::to_string(below(6)) + "}";
    }
    std::string content() { return "text" + std::to_string(below(3)); }
    unsigned below(unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(numbers_); }
    bool chance(unsigned percent) { return below(100) < percent; }
    std::mt19937 numbers_;
};

std::multiset<std::string> changes(const RunReport& report) {
    std::multiset<std::string> result;
    for (const auto& invocation : report.invocations)
        for (const auto& part : invocation.parts)
            for (const Change& change : part.changes)
                result.insert(invocation.state.text() + ": " + change.resource + " " + change.aspect + " " +
                              change.before + " -> " + change.after);
    return result;
}

}  // namespace

TEST_CASE("D4 what a plan predicts is what an apply does", "[engine]") {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        INFO("seed " << seed);
        RandomWish wish(seed);
        RealMachine machine;
        wish.prepare(machine);
        const std::string yaml = wish.yaml();
        INFO(yaml);
        const RunReport plan = machine.run(yaml, RunMode::plan);
        const RunReport apply = machine.run(yaml);
        INFO(story(plan));
        INFO(story(apply));
        CHECK(changes(plan) == changes(apply));
        CHECK(plan.invocations.size() == apply.invocations.size());
    }
}
