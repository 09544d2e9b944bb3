// The keys that every state and part takes, one by one, as docs/catalog.md has them in its table; those of order are in
// schedule_test.cpp, those of probes, sensitive and verify in runner_test.cpp.
#include <catch2/catch.hpp>

#include "tests/support/engine_tests.hpp"

using namespace prove;
using namespace prove::test;

TEST_CASE("retry is for each part, and the pauses between its attempts grow by the backoff", "[keys]") {
    PaperMachine machine;
    std::map<std::string, int> times;
    const auto stubborn = [&](const std::string& name, int attempts) {
        machine.functions.add(own_function("test." + name, [&times, name, attempts](const Arguments&, Host&) {
            if (++times[name] < attempts) throw Error(ErrorKind::failed, "not yet");
        }));
    };
    stubborn("third", 3);
    stubborn("second", 2);
    const RunReport report = machine.run(
        "a: [{fn: test.third, retry: {attempts: 4, delay: 2s, backoff: 3}},\n"
        "    {fn: test.second, retry: {attempts: 2, delay: 5s}}]\n");
    CHECK(story(report) == "a:ok");
    CHECK(report.invocations[0].parts[0].attempts == 3);
    CHECK(report.invocations[0].parts[1].attempts == 2);
    using std::chrono::milliseconds;
    CHECK(machine.waits == std::vector<milliseconds>{milliseconds(2000), milliseconds(6000), milliseconds(5000)});
}

TEST_CASE("retry is not for a part whose condition keeps it from running", "[keys]") {
    PaperMachine machine;
    const RunReport report = machine.run(
        "a: [{fn: file.directory, path: /a, onlyif: {exists: /nowhere}, retry: {attempts: 3, delay: 1s}}]\n");
    CHECK(story(report) == "a:skipped");
    CHECK(machine.waits.empty());
}

TEST_CASE("timeout is for each attempt of each part", "[keys]") {
    RealMachine machine;
    const RunReport report = machine.run(
        "a: [{fn: cmd.run, cmd: 'echo x >> $/attempts; sleep 30', timeout: 300ms, retry: {attempts: 2}}]\n"
        "b: [{fn: cmd.run, cmd: 'true', timeout: 30s}]\n");
    CHECK(story(report) == "a:failed b:changed");
    CHECK(report.invocations[0].parts[0].attempts == 2);
    CHECK(report.invocations[0].reason == "the command did not end in time and was stopped");
    CHECK(machine.read("attempts") == "x\nx\n");
}

TEST_CASE("every form of a condition holds or does not, in onlyif and in unless", "[keys]") {
    const auto outcome = [](const std::string& condition) {
        RealMachine machine;
        machine.write("there", "");
        const RunReport report = machine.run(
            "first: [{fn: file.managed, path: $/first, content: x}]\n"
            "a: [{fn: file.directory, path: $/a, onlyif: [" +
            condition +
            "]}]\n"
            "b: [{fn: file.directory, path: $/b, unless: [" +
            condition + "]}]\n");
        return std::string(name_of(last(report, "a").outcome)) + " " + name_of(last(report, "b").outcome);
    };
    for (const char* holds : {"{command: test -f $/there}", "{command: [test, -f, $/there]}", "{exists: $/there}",
                              "{missing: $/nowhere}", "{changed: first}", "{equals: [1, 1]}"})
        CHECK(outcome(holds) == "changed skipped");
    for (const char* does_not : {"{command: test -f $/nowhere}", "{exists: $/nowhere}", "{missing: $/there}",
                                 "{changed: b}", "{equals: [1, '1']}"})
        CHECK(outcome(does_not) == "skipped changed");
}

TEST_CASE("description is shown in plans and reports: a part's own, or else its state's", "[keys]") {
    PaperMachine machine;
    StateRun run = RunYaml("a: [{fn: file.directory, path: /a}, {fn: file.line, path: /nowhere, line: x},\n"
                           "    {fn: file.directory, path: /b}]\n",
                           machine.contents)
                       .run();
    run.nodes[0].variants[0].description = "where the blog lives";
    run.nodes[0].variants[0].parts[1].description = "its first line";
    for (const RunMode mode : {RunMode::plan, RunMode::apply}) {
        const RunReport report = run_report_from(to_value(machine.run(run, mode)));
        const auto& parts = report.invocations[0].parts;
        CHECK(parts[0].description == "where the blog lives");
        CHECK(parts[1].description == "its first line");
        CHECK(parts[2].description == "where the blog lives");
        CHECK(parts[2].outcome == Outcome::skipped);
    }
}

TEST_CASE("sensitive keeps what a part says out of everything that hears of the run", "[keys]") {
    struct Ears final : Progress {
        void state_started(const StateInvocation& invocation) override { heard += write_json(to_value(invocation)); }
        void state_finished(const StateInvocation& invocation) override { heard += write_json(to_value(invocation)); }
        void output(const StateId&, OutputStream, std::string_view bytes) override { heard += bytes; }
        std::string heard;
    };
    RealMachine machine;
    Ears ears;
    machine.progress = &ears;
    const RunReport report = machine.run(
        "a: [{fn: cmd.run, cmd: 'echo canary-1; echo canary-2 >&2; exit 1', sensitive: true},\n"
        "    {fn: file.managed, path: $/canary-3, content: canary-4, sensitive: true}]\n"
        "b: [{fn: file.managed, path: $/f, content: 'canary-5', sensitive: true}]\n"
        "c: [{fn: cmd.read, cmd: 'echo canary-6', sensitive: true}]\n"
        "d: [{fn: file.line, path: $/f, line: canary-7, sensitive: true}]\n"
        "e: [{fn: cmd.run, cmd: [canary-8], sensitive: true}]\n");
    CHECK(story(report) == "a:failed b:changed c:ok d:changed e:failed");
    CHECK((ears.heard + write_json(to_value(report))).find("canary") == std::string::npos);
}
