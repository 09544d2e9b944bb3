// Jobs in this process (prove-cli --catalog DIR): what they tell, whom they refuse to touch, and how they end. What
// states do to a machine is tested on hosts (tests/system); here plans and commands are enough.
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include "common/process/cancel.hpp"
#include "master/cli/job_source.hpp"
#include "proto/bytes.hpp"
#include "proto/messages.hpp"
#include "tests/support/catalog_on_disk.hpp"
#include "tests/support/processes.hpp"

using namespace prove;

namespace {

constexpr const char* one_local_target = "targets: [{name: web1, executor: local, states: [site]}]\n";

CatalogOnDisk catalog_with(const std::string& states, const std::string& targets = one_local_target) {
    return CatalogOnDisk{{"targets.yml", targets}, {"states/site.yml", states}};
}

JobWanted command(const std::string& line, const std::string& expression = "web1") {
    JobWanted wanted;
    wanted.operation = "cmd";
    wanted.expression = expression;
    wanted.options.set("shell", line);
    return wanted;
}

JobWanted states(const std::string& mode, const std::string& expression = "web1") {
    JobWanted wanted;
    wanted.operation = "states";
    wanted.expression = expression;
    wanted.options.set("mode", mode);
    return wanted;
}

// All that a job tells until its end.
std::vector<Value> told(JobSource& jobs, const std::string& job, std::uint64_t after = 0) {
    std::vector<Value> events;
    CHECK(jobs.follow(job, after, [&](const Value& event) {
        if (!event.is_null()) events.push_back(event);
        return true;
    }));
    return events;
}

// "output target_ended job_ended", and the end that its target came to.
std::string kinds(const std::vector<Value>& events) {
    std::string text;
    for (const auto& event : events) text += (text.empty() ? "" : " ") + event.at("event").text();
    return text;
}
const Value& end_in(const std::vector<Value>& events) {
    for (const auto& event : events)
        if (event.at("event").text() == "target_ended") return event.at("body");
    throw Error(ErrorKind::missing, "no target ended");
}

std::string usage_error(JobSource& jobs, const JobWanted& wanted) {
    try {
        jobs.start(wanted);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::usage);
        return error.text();
    }
    return "started";
}

}  // namespace

TEST_CASE("a job without a master tells what one through a master would: output, the target's end, the job's end",
          "[local]") {
    const auto disk = catalog_with("");
    const auto jobs = make_catalog_jobs({.catalog = disk.path()});
    const auto started = jobs->start(command("echo out; echo err >&2; exit 3"));
    CHECK(started.targets == 1);
    const auto events = told(*jobs, started.id);
    std::map<std::string, std::string> output;
    for (std::size_t i = 0; i < events.size(); ++i) {
        CHECK(events[i].at("number").integer() == static_cast<std::int64_t>(i + 1));
        if (i + 1 < events.size()) CHECK(events[i].at("target").text() == "web1");  // the last one is the job's
        if (events[i].at("event").text() == "output")
            output[events[i].at("body").at("stream").text()] += from_base64(events[i].at("body").at("base64").text());
    }
    CHECK(output == std::map<std::string, std::string>{{"stdout", "out\n"}, {"stderr", "err\n"}});
    CHECK(events.back().at("event").text() == "job_ended");
    CHECK(end_in(events).at("end").text() == "failed");
    CHECK(end_in(events).at("reason").text() == "exit code 3");
    CHECK(jobs->result(started.id, "web1").at("exit_code").integer() == 3);
}

TEST_CASE("who follows a local job from number N hears what comes after it, once", "[local]") {
    const auto disk = catalog_with("");
    const auto jobs = make_catalog_jobs({.catalog = disk.path()});
    const auto started = jobs->start(command("echo one"));
    const auto all = told(*jobs, started.id);
    REQUIRE(kinds(all) == "output target_ended job_ended");
    CHECK(kinds(told(*jobs, started.id, 1)) == "target_ended job_ended");
    CHECK(kinds(told(*jobs, started.id, 2)) == "job_ended");
}

TEST_CASE("a plan without a master says what would change and touches nothing", "[local]") {
    const TemporaryFolder there;
    const auto disk =
        catalog_with("motd: [{fn: file.managed, path: " + there.path() + "/motd, content: \"hello\\n\"}]\n");
    const auto jobs = make_catalog_jobs({.catalog = disk.path()});
    const auto started = jobs->start(states("plan"));
    const auto events = told(*jobs, started.id);
    CHECK(end_in(events).at("end").text() == "done");
    const auto report = run_report_from(jobs->result(started.id, "web1").at("report"));
    REQUIRE(report.invocations.size() == 1);
    CHECK(report.invocations[0].outcome == Outcome::would_change);
    CHECK_FALSE(exists(there.path() + "/motd"));
}

TEST_CASE("variables and states that are named on the command line count without a master too", "[local]") {
    const TemporaryFolder there;
    const auto disk =
        catalog_with("one: [{fn: file.managed, path: \"" + there.path() + "/${vars.name}\", content: x}]\n" +
                     "two: [{fn: file.managed, path: " + there.path() + "/two, content: x}]\n");
    auto wanted = states("plan");
    Value variables = Value::object();
    variables.set("name", "given");
    wanted.options.set("variables", variables);
    Value chosen = Value::array();
    chosen.push("one");
    wanted.options.set("states", chosen);
    const auto jobs = make_catalog_jobs({.catalog = disk.path()});
    const auto started = jobs->start(wanted);
    told(*jobs, started.id);
    const auto report = run_report_from(jobs->result(started.id, "web1").at("report"));
    REQUIRE(report.invocations.size() == 1);
    CHECK(report.invocations[0].state == StateId("one"));
    CHECK(report.invocations[0].parts.at(0).subject == there.path() + "/given");
}

TEST_CASE("states and commands of another machine are not run here by a slip; looking is no slip", "[local]") {
    const TemporaryFolder there;
    const std::string mark = there.path() + "/mark";
    const auto disk = catalog_with("a: [{fn: file.managed, path: " + mark + ", content: x}]\n",
                                   "targets: [{name: db7, host: db7.elsewhere, states: [site]}]\n");
    const auto jobs = make_catalog_jobs({.catalog = disk.path()});
    const std::string refused = usage_error(*jobs, command("touch " + mark, "db7"));
    CHECK_THAT(refused, Catch::StartsWith("target 'db7' does not seem to be this machine ("));
    CHECK_THAT(refused, Catch::Contains("say --here if it is, or give the target 'executor: local'"));
    CHECK(usage_error(*jobs, states("apply", "db7")) == refused);
    JobWanted file;  // of db7, and not of this machine
    file.operation = "fetch";
    file.expression = "db7";
    file.options.set("path", "/etc/hostname");
    CHECK(usage_error(*jobs, file) == refused);
    CHECK_FALSE(exists(mark));

    const auto planned = jobs->start(states("plan", "db7"));
    CHECK(end_in(told(*jobs, planned.id)).at("end").text() == "done");
    const auto here = make_catalog_jobs({.catalog = disk.path(), .here = true});
    told(*here, here->start(command("touch " + mark, "db7")).id);
    CHECK(exists(mark));
}

TEST_CASE("S8 without a master one target at a time is worked on, and never none or another", "[local]") {
    const auto disk = catalog_with("", "targets: [{name: web1, executor: local}, {name: web2, executor: local}]\n");
    const auto jobs = make_catalog_jobs({.catalog = disk.path()});
    CHECK(jobs->count("web*") == 2);
    CHECK_THAT(usage_error(*jobs, command("true", "web*")), Catch::StartsWith("'web*' means 2 targets"));
    CHECK_THAT(usage_error(*jobs, command("true", "wbe1")), Catch::Contains("did you mean 'web1'?"));
    CHECK(usage_error(*jobs, command("true", "db*")) != "started");
}

TEST_CASE("a catalog that is wrong is told whole before anything is done", "[local]") {
    const TemporaryFolder there;
    const auto disk = catalog_with("a: [{fn: cmd.run, cmd: touch " + there.path() + "/mark}]\n" +
                                   "b: [{fn: file.managd, path: /x}]\nc: [{fn: cmd.run, cmdd: x}]\n");
    const auto jobs = make_catalog_jobs({.catalog = disk.path()});
    try {
        jobs->start(states("apply"));
        FAIL("it was started");
    } catch (const CatalogError& error) {
        std::string text;
        for (const auto& diagnostic : error.diagnostics().sorted()) text += diagnostic.full_text() + "\n";
        CHECK_THAT(text, Catch::Contains("states/site.yml:2:") && Catch::Contains("did you mean 'file.managed'?"));
        CHECK_THAT(text, Catch::Contains("states/site.yml:3:") && Catch::Contains("did you mean 'cmd'?"));
    }
    CHECK_FALSE(exists(there.path() + "/mark"));
}

TEST_CASE("P23 a local job that is cancelled ends with all that it started, and says who", "[local]") {
    const TemporaryFolder there;
    const std::string mark = "prove-test-" + name_of_path(there.path());
    const auto disk = catalog_with("");
    const auto jobs = make_catalog_jobs({.catalog = disk.path()});
    const auto started = jobs->start(command("echo running; sh -c 'sleep 999; : " + mark + "' & exec sleep 999"));
    std::vector<Value> events;
    CHECK(jobs->follow(started.id, 0, [&](const Value& event) {
        if (event.is_null()) return true;
        events.push_back(event);
        if (event.at("event").text() == "output") jobs->cancel(started.id);
        return true;
    }));
    CHECK(end_in(events).at("end").text() == "cancelled");
    CHECK(comes_true(std::chrono::seconds(10), [&] { return count_processes(mark) == 0; }));
}

TEST_CASE("who stops following a local job is let go at once, though it says nothing, and the job ends with prove-cli",
          "[local]") {
    const TemporaryFolder there;
    const std::string ran = there.path() + "/ran-to-its-end";
    const auto disk = catalog_with("");
    {
        const auto jobs = make_catalog_jobs({.catalog = disk.path()});
        const auto started = jobs->start(command("sleep 60 && touch " + ran));
        int asked = 0;
        CHECK_FALSE(jobs->follow(started.id, 0, [&](const Value& event) {
            CHECK(event.is_null());
            return ++asked < 2;
        }));
        CHECK(asked == 2);
        CHECK_FALSE(jobs->detachable());
    }
    CHECK_FALSE(exists(ran));
}

TEST_CASE("states are chosen by --tags and --skip-tags, and what they require or notify comes along", "[local]") {
    const auto disk = catalog_with(
        "base: {fn: cmd.read, cmd: \"true\"}\n"
        "db: {fn: cmd.read, cmd: \"true\", tags: [db], requires: base}\n"
        "slow: {fn: cmd.read, cmd: \"true\", tags: [db, slow]}\n"
        "web: {fn: cmd.read, cmd: \"true\", tags: web}\n");
    const auto chosen = [&](const char* key, const char* tag, const char* but) {
        const auto jobs = make_catalog_jobs({.catalog = disk.path()});
        JobWanted wanted = states("plan");
        wanted.options.set(key, Value(Value::List{tag}));
        if (*but != 0) wanted.options.set("skip_tags", Value(Value::List{but}));
        const auto started = jobs->start(wanted);
        told(*jobs, started.id);
        std::string ids;
        const Value result = jobs->result(started.id, "web1");
        for (const Value& invocation : result.at("report").at("invocations").list())
            ids += (ids.empty() ? "" : " ") + invocation.at("state").text();
        return ids;
    };
    CHECK(chosen("tags", "db", "") == "base db slow");
    CHECK(chosen("tags", "db", "slow") == "base db");
    CHECK(chosen("skip_tags", "db", "") == "base web");
    const auto jobs = make_catalog_jobs({.catalog = disk.path()});
    JobWanted nobody = states("plan");
    nobody.options.set("tags", Value(Value::List{"nothing"}));
    CHECK(usage_error(*jobs, nobody) == "no state of target 'web1' has these tags");
}
