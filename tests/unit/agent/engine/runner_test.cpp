// The runner over a machine on paper: outcomes, conditions, proof, retries, limits of what is shown.
#include <catch2/catch.hpp>

#include "tests/support/engine_tests.hpp"

using namespace prove;
using test::last;
using test::own_function;
using test::PaperMachine;
using test::story;

TEST_CASE("P22 a second run of a converged host changes nothing", "[engine]") {
    PaperMachine machine;
    const char* const wanted =
        "motd: [{fn: file.managed, path: /etc/motd, content: hello, mode: '0600', make_dirs: true, notify: [seen]}]\n"
        "link: [{fn: file.symlink, path: /etc/link, target: motd}]\n"
        "dir: [{fn: file.directory, path: /srv, mode: '0750'}]\n"
        "seen: {lazy: true, parts: [{fn: cmd.run, cmd: 'echo seen'}]}\n";
    CHECK(story(machine.run(wanted)) == "motd:changed seen:changed link:changed dir:changed");
    const RunReport second = machine.run(wanted);
    CHECK(story(second) == "motd:ok link:ok dir:ok");
    CHECK(second.end == RunReport::End::done);
    CHECK(machine.ledger.owed().empty());
}

TEST_CASE("a plan says would_change and does nothing", "[engine]") {
    PaperMachine machine;
    const char* const wanted =
        "a: [{fn: file.managed, path: /a, content: x, notify: [b]}]\n"
        "b: {lazy: true, parts: [{fn: cmd.run, cmd: 'echo b'}]}\n"
        "c: {requires: [a], parts: [{fn: file.attributes, path: /a, mode: '0600'}]}\n";
    const RunReport plan = machine.run(wanted, RunMode::plan);
    CHECK(story(plan) == "a:would_change b:would_change c:would_change");
    CHECK(plan.mode == RunMode::plan);
    CHECK_FALSE(machine.host.stat(Path("/a")));
    CHECK(machine.ledger.owed().empty());
}

TEST_CASE("in a plan a group would change when a member would", "[engine]") {
    PaperMachine machine;
    const char* const wanted =
        "a: [{fn: file.managed, path: /a, content: x}]\n"
        "b: [{fn: file.managed, path: /b, content: x}]\n"
        "both: {group: [a, b]}\n";
    CHECK(story(machine.run(wanted, RunMode::plan)) == "a:would_change b:would_change both:would_change");
    CHECK(story(machine.run(wanted)) == "a:changed b:changed both:changed");
}

TEST_CASE("the report says what changed, from what to what, and where it was written", "[engine]") {
    PaperMachine machine;
    const RunReport report = machine.run("motd: [{fn: file.managed, path: /motd, content: hello}]\n");
    const StateInvocation& invocation = report.invocations.at(0);
    CHECK(invocation.position.text() == "states/test.yml:1:1");
    REQUIRE(invocation.parts.size() == 1);
    const StatePartInvocation& part = invocation.parts[0];
    CHECK(part.function == "file.managed");
    CHECK(part.subject == "/motd");
    CHECK(part.outcome == Outcome::changed);
    CHECK_FALSE(part.changes.empty());
    CHECK(part.outputs.at("hash").text() == hash_of("hello").hex());
}

TEST_CASE("a function that this Prove does not have is refused before anything is done", "[engine]") {
    PaperMachine machine;
    auto run = test::RunYaml("a: [{fn: file.managed, path: /a, content: x}]\nb: [{fn: no.such}]\n", machine.contents).run();
    CHECK_THROWS_AS(machine.run(run), Error);
    CHECK_FALSE(machine.host.stat(Path("/a")));
}

// ---- failures

TEST_CASE("a part that changed something and then failed says both", "[engine]") {
    PaperMachine machine;
    machine.functions.add(own_function("test.half", [](const Arguments&, Host& host) {
        host.make_directory(Path("/half"), {}, false);
        throw Error(ErrorKind::failed, "the other half did not work");
    }));
    const RunReport report = machine.run("a: [{fn: test.half, notify: [r]}]\nr: {lazy: true, parts: [{fn: cmd.run, cmd: x}]}\n");
    CHECK(story(report) == "a:failed");
    CHECK(report.end == RunReport::End::failed);
    const StatePartInvocation& part = report.invocations[0].parts[0];
    CHECK(part.changed);
    CHECK(part.reason == "the other half did not work");
    CHECK(machine.ledger.owed() == std::vector<Debt>{{StateId("a"), StateId("r")}});
}

TEST_CASE("the parts after a failed one are skipped, and say so", "[engine]") {
    PaperMachine machine;
    const RunReport report = machine.run("a:\n- {fn: file.attributes, path: /none, mode: '0600'}\n- {fn: file.absent, path: /b/c}\n");
    REQUIRE(report.invocations[0].parts.size() == 2);
    CHECK(report.invocations[0].parts[1].outcome == Outcome::skipped);
    CHECK(report.invocations[0].parts[1].reason == "an earlier part of this state failed");
}

TEST_CASE("a fault in a function fails its part, not the run", "[engine]") {
    PaperMachine machine;
    machine.functions.add(own_function("test.fault", [](const Arguments&, Host&) { throw std::runtime_error("oops"); }));
    const RunReport report = machine.run("a: [{fn: test.fault}]\nb: [{fn: file.directory, path: /b}]\n");
    CHECK(story(report) == "a:failed b:changed");
    CHECK(report.invocations[0].reason == "a fault of Prove's own: oops");
}

TEST_CASE("a change that a second look still wants is unproved, and fails its state", "[engine]") {
    PaperMachine machine;
    int times = 0;
    machine.functions.add(own_function("test.restless", [&](const Arguments&, Host& host) {
        host.make_directory(Path("/d" + std::to_string(++times)), {}, false);
    }));
    const RunReport report = machine.run("a: [{fn: test.restless, notify: [r]}]\nb: {requires: [a], parts: [{fn: file.directory, path: /b}]}\n"
                                         "r: {lazy: true, parts: [{fn: cmd.run, cmd: x}]}\n");
    CHECK(story(report) == "a:unproved b:skipped");
    CHECK(report.end == RunReport::End::failed);
    CHECK(report.invocations[0].reason.find("a second look still wants") != std::string::npos);
    CHECK(report.invocations[0].reason.find("/d2") != std::string::npos);
    CHECK(machine.ledger.owed().size() == 1);
}

TEST_CASE("verify false leaves the second look out", "[engine]") {
    PaperMachine machine;
    int times = 0;
    machine.functions.add(own_function("test.restless", [&](const Arguments&, Host& host) {
        host.make_directory(Path("/d" + std::to_string(++times)), {}, false);
    }));
    CHECK(story(machine.run("a: [{fn: test.restless, verify: false}]\n")) == "a:changed");
    auto run = test::RunYaml("a: [{fn: test.restless}]\n", machine.contents).run();
    run.options.verify = false;
    CHECK(story(machine.run(run)) == "a:changed");
}

TEST_CASE("an event is not run again for proof", "[engine]") {
    PaperMachine machine;
    int times = 0;
    machine.functions.add(own_function(
        "test.event", [&](const Arguments&, Host& host) { ++times, host.reload("nginx"); }, FunctionSchema::Nature::event));
    machine.run("a: [{fn: test.event}]\n");
    CHECK(times == 1);
}

TEST_CASE("retry makes further attempts, each delay longer than the last", "[engine]") {
    PaperMachine machine;
    int times = 0;
    machine.functions.add(own_function("test.third", [&](const Arguments&, Host& host) {
        if (++times < 3) throw Error(ErrorKind::failed, "not yet");
        host.make_directory(Path("/d"), {}, false);
    }));
    const RunReport report =
        machine.run("a: [{fn: test.third, verify: false, retry: {attempts: 5, delay: 2s, backoff: 2}}]\n");
    CHECK(story(report) == "a:changed");
    CHECK(report.invocations[0].parts[0].attempts == 3);
    CHECK(report.invocations[0].parts[0].reason.empty());
    CHECK(machine.waits == std::vector<std::chrono::milliseconds>{std::chrono::seconds(2), std::chrono::seconds(4)});
}

TEST_CASE("after the last attempt the part has failed with the last text", "[engine]") {
    PaperMachine machine;
    int times = 0;
    machine.functions.add(own_function("test.never", [&](const Arguments&, Host&) {
        throw Error(ErrorKind::failed, "attempt " + std::to_string(++times));
    }));
    const RunReport report = machine.run("a: [{fn: test.never, retry: {attempts: 2}}]\n");
    CHECK(report.invocations[0].parts[0].reason == "attempt 2");
    CHECK(report.invocations[0].parts[0].attempts == 2);
}

// ---- conditions and probes

TEST_CASE("onlyif runs a part only if all hold, unless only if none does", "[engine]") {
    PaperMachine machine;
    machine.run("d: [{fn: file.directory, path: /d}]\n");
    const auto outcome = [&](const std::string& guard) {
        return story(machine.run("a: [{fn: file.directory, path: /d, " + guard + "}]\n"));
    };
    CHECK(outcome("onlyif: {exists: /d}") == "a:ok");
    CHECK(outcome("onlyif: [{exists: /d}, {missing: /d}]") == "a:skipped");
    CHECK(outcome("unless: {exists: /d}") == "a:skipped");
    CHECK(outcome("unless: [{missing: /d}, {exists: /e}]") == "a:ok");
    CHECK(outcome("onlyif: {equals: [1, 1]}") == "a:ok");
    CHECK(outcome("unless: {equals: [{a: [1]}, {a: [1]}]}") == "a:skipped");
}

TEST_CASE("a condition on the state itself skips it whole, says why, and counts as succeeded", "[engine]") {
    PaperMachine machine;
    const RunReport report = machine.run(
        "a: {onlyif: {exists: /nowhere}, parts: [{fn: file.directory, path: /a}]}\n"
        "b: {requires: [a], parts: [{fn: file.directory, path: /b}]}\n");
    CHECK(story(report) == "a:skipped b:changed");
    CHECK(report.invocations[0].reason == "onlyif: {exists: /nowhere} does not hold");
    CHECK(report.end == RunReport::End::done);
}

TEST_CASE("changed asks whether a state has changed something in this run", "[engine]") {
    PaperMachine machine;
    const char* const wanted =
        "a: [{fn: file.directory, path: /a}]\n"
        "b: {onlyif: {changed: a}, parts: [{fn: cmd.run, cmd: x}]}\n";
    CHECK(story(machine.run(wanted)) == "a:changed b:changed");
    CHECK(story(machine.run(wanted)) == "a:ok b:skipped");
    CHECK(story(machine.run("b: {onlyif: {changed: gone}, parts: [{fn: cmd.run, cmd: x}]}\n")) == "b:failed");
}

TEST_CASE("fact asks what the host says about itself", "[engine]") {
    PaperMachine machine;
    machine.facts = read_json(R"({"os": {"family": "debian"}})");
    CHECK(story(machine.run("a: [{fn: file.directory, path: /a, onlyif: {fact: os.family=debian}}]\n")) == "a:changed");
    CHECK(story(machine.run("b: [{fn: file.directory, path: /b, onlyif: {fact: os.family=suse}}]\n")) == "b:skipped");
}

TEST_CASE("a condition that cannot be evaluated fails the state with a clear text", "[engine]") {
    PaperMachine machine;
    const RunReport report = machine.run("a: [{fn: file.directory, path: /a, onlyif: {exists: not/absolute}}]\n");
    CHECK(story(report) == "a:failed");
    CHECK(report.invocations[0].reason.find("in the condition {exists: not/absolute} at states/test.yml:1") !=
          std::string::npos);
    auto run = test::RunYaml("a: [{fn: file.directory, path: /a}]\n", machine.contents).run();
    run.nodes[0].variants[0].unless.push_back({Condition::Kind::equals, Value("yes"), {}});
    CHECK(story(machine.run(run)) == "a:failed");
}

TEST_CASE("probes are answered before each invocation and choose the variant", "[engine]") {
    PaperMachine machine;
    const char* const wanted =
        "config: {probe: {tls: {exists: /cert}}, parts: [{fn: file.managed, path: /conf, content: 'tls ${tls}'}]}\n"
        "cert: {notify: [config], parts: [{fn: file.managed, path: /cert, content: secret}]}\n";
    const RunReport report = machine.run(wanted);
    CHECK(story(report) == "config:changed cert:changed config:changed");
    CHECK(report.invocations[0].probes == std::vector<std::string>{"tls=false"});
    CHECK(report.invocations[2].probes == std::vector<std::string>{"tls=true"});
    CHECK(machine.host.hash_file(Path("/conf")) == hash_of("tls true"));
    CHECK(story(machine.run(wanted)) == "config:ok cert:ok");
}

// ---- flapping

TEST_CASE("an aspect that one state puts back into what another changed it from is flapping, and fails", "[engine]") {
    PaperMachine machine;
    machine.run("x: [{fn: file.managed, path: /f, content: one}]\n");
    const RunReport report = machine.run(
        "a: [{fn: file.managed, path: /f, content: two}]\n"
        "b: [{fn: file.managed, path: /f, content: one}]\n");
    CHECK(story(report) == "a:changed b:failed");
    CHECK(report.invocations[1].reason.find("flapping") != std::string::npos);
    CHECK(report.invocations[1].reason.find("'a'") != std::string::npos);
    CHECK(report.invocations[1].changed);
}

TEST_CASE("a state's own other probe variant is no flapping, unless that variant has written in this run", "[engine]") {
    PaperMachine machine;
    machine.run("x: [{fn: file.managed, path: /f, content: 'v true'}]\n");
    // false writes, true puts it back: fine. Then false again, which has written before: flapping.
    const RunReport report = machine.run(
        "f: {probe: {p: [{exists: /one}, {missing: /two}]}, parts: [{fn: file.managed, path: /f, content: 'v ${p}'}]}\n"
        "t1: {notify: [f], parts: [{fn: file.directory, path: /one}]}\n"
        "t2: {notify: [f], parts: [{fn: file.directory, path: /two}]}\n");
    CHECK(story(report) == "f:changed t1:changed f:changed t2:changed f:failed");
    CHECK(last(report, "f").reason.find("flapping") != std::string::npos);
}

// ---- what is shown

namespace {

class Listening final : public Progress {
 public:
    void state_started(const StateInvocation& invocation) override { heard += "+" + invocation.state.text() + " "; }
    void state_finished(const StateInvocation& invocation) override { heard += "-" + invocation.state.text() + " "; }
    void output(const StateId& state, OutputStream, std::string_view bytes) override {
        heard += state.text() + ":" + std::string(bytes) + " ";
    }
    std::string heard;
};

}  // namespace

TEST_CASE("progress hears every state begin and end, also those between the parts", "[engine]") {
    PaperMachine machine;
    Listening listening;
    machine.progress = &listening;
    machine.run("a:\n- {fn: file.directory, path: /a, notify: [r]}\n- {fn: file.directory, path: /b}\n"
                "r: {lazy: true, parts: [{fn: cmd.run, cmd: x}]}\n");
    CHECK(listening.heard == "+a +r -r -a ");
}

TEST_CASE("S91 of a sensitive part neither arguments, nor diffs, nor output, nor error texts are shown", "[engine]") {
    PaperMachine machine;
    machine.functions.add(own_function("test.leak", [](const Arguments&, Host&) {
        throw Error(ErrorKind::refused, "the canary-7731 was refused");
    }));
    Listening listening;
    machine.progress = &listening;
    const RunReport report = machine.run(
        "a: [{fn: file.managed, path: /canary-7731, content: canary-7731, sensitive: true}]\n"
        "b: [{fn: test.leak, sensitive: true}]\n");
    CHECK(story(report) == "a:changed b:failed");
    CHECK(report.invocations[1].parts[0].reason == "refused; more is not shown, since the part is sensitive");
    for (const auto& invocation : report.invocations)
        for (const auto& part : invocation.parts) {
            CHECK(part.subject.empty());
            CHECK(part.reason.find("canary") == std::string::npos);
            for (const Change& change : part.changes) CHECK(change.diff.empty());
        }
    CHECK(listening.heard.find("canary") == std::string::npos);
}

// ---- plans

TEST_CASE("in a plan an error after something unpredictable is unknown, not a failure", "[engine]") {
    PaperMachine machine;
    const RunReport plan = machine.run(
        "pkg: [{fn: package.installed, package: nginx}]\n"
        "conf: {requires: [pkg], parts: [{fn: file.attributes, path: /etc/nginx.conf, mode: '0600'}]}\n"
        "late: {requires: [conf], parts: [{fn: file.directory, path: /srv}]}\n", RunMode::plan);
    CHECK(story(plan) == "pkg:would_change conf:unknown late:would_change");
    CHECK(last(plan, "conf").reason.find("depends on") == 0);
    CHECK(plan.end == RunReport::End::done);
}

TEST_CASE("in a plan what an unknown state notifies is unknown", "[engine]") {
    PaperMachine machine;
    const RunReport plan = machine.run(
        "cmd: [{fn: cmd.run, cmd: make-something}]\n"
        "b: {notify: [r], parts: [{fn: file.directory, path: /b, onlyif: {exists: /made}}]}\n"
        "r: {lazy: true, parts: [{fn: cmd.run, cmd: x}]}\n", RunMode::plan);
    CHECK(story(plan) == "cmd:would_change b:unknown r:unknown");
    CHECK(last(plan, "r").reason == "depends on whether 'b' changes something");
}

TEST_CASE("a plan shows the debts that would be paid and leaves them owed", "[engine]") {
    PaperMachine machine;
    machine.run("d: [{fn: file.directory, path: /d}]\n");
    machine.ledger.add({{StateId("d"), StateId("r")}});
    const RunReport plan = machine.run(
        "d: [{fn: file.directory, path: /d}]\nr: {lazy: true, parts: [{fn: cmd.run, cmd: x}]}\n", RunMode::plan);
    CHECK(story(plan) == "d:ok r:would_change");
    CHECK(last(plan, "r").why == StateInvocation::Why::owed);
    CHECK(machine.ledger.owed().size() == 1);
}

// ---- cancelling, and a ledger that cannot be written

TEST_CASE("P23 a cancelled run starts nothing more and says so", "[engine]") {
    PaperMachine machine;
    machine.functions.add(own_function("test.cancel", [&](const Arguments&, Host& host) {
        machine.cancellation.cancel("by root");
        host.make_directory(Path("/a"), {}, false);
    }));
    const RunReport report = machine.run(
        "a:\n- {fn: test.cancel, verify: false, notify: [r]}\n- {fn: file.directory, path: /second}\n"
        "b: [{fn: file.directory, path: /b}]\n"
        "r: {lazy: true, parts: [{fn: cmd.run, cmd: x}]}\n");
    CHECK(story(report) == "a:failed b:skipped r:skipped");
    CHECK(report.end == RunReport::End::cancelled);
    CHECK(report.reason == "by root");
    CHECK(last(report, "b").reason == "the run was cancelled: by root");
    CHECK_FALSE(machine.host.stat(Path("/second")));
    CHECK(machine.ledger.owed() == std::vector<Debt>{{StateId("a"), StateId("r")}});
}

namespace {

struct FullLedger final : Ledger {
    std::vector<Debt> owed() const override { return {}; }
    void add(const std::vector<Debt>&) override { throw Error(ErrorKind::full, "no space left on the device"); }
    void strike(const std::vector<Debt>&) override {}
};

}  // namespace

TEST_CASE("what cannot be written to the ledger is not done", "[engine]") {
    test::RealMachine machine;
    FullLedger full;
    machine.ledger = &full;
    const RunReport report = machine.run(
        "a: [{fn: file.managed, path: $/a, content: x, notify: [r]}]\n"
        "b: [{fn: file.managed, path: $/b, content: x}]\n"
        "r: {lazy: true, parts: [{fn: cmd.run, cmd: x}]}\n");
    CHECK(story(report) == "a:failed b:changed");
    CHECK(report.invocations[0].reason.find("no space left on the device") != std::string::npos);
    CHECK_FALSE(report.invocations[0].changed);
    CHECK(machine.read("a").empty());
}
