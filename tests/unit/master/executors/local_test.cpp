// The local executor: a StateRun planned and applied on this machine, without master or agent.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "master/executors/local.hpp"
#include "tests/support/engine_tests.hpp"

using namespace prove;

namespace {

struct Silent final : ActionEvents {
    void output(const std::string&, OutputStream, std::string_view) override {}
    void state_started(const StateInvocation&) override {}
    void state_finished(const StateInvocation&) override {}
    void note(const std::string&) override {}
};

}  // namespace

TEST_CASE("the local executor runs operations in this process", "[executors]") {
    const FunctionRegistry functions = all_functions();
    const SystemClock clock;
    prove::testing::MemoryContent contents;
    TemporaryFolder folder;
    LocalExecutor executor(functions, clock, {.ledger = folder.path() + "/ledger"});
    CHECK(executor.name() == "local");
    const auto session = executor.open(TargetId("here"), contents, nullptr, Cancellation());
    Silent events;
    const Cancellation cancellation;
    CHECK(session->run("ping", Value::object(), events, cancellation).end == JobResult::End::done);

    StatesBody body;
    body.mode = RunMode::apply;
    body.run =
        to_value(test::RunYaml("a: [{fn: file.managed, path: " + folder.path() + "/a, content: x}]\n", contents).run());
    CHECK(session->run("states", to_value(body), events, cancellation).end == JobResult::End::done);
    CHECK(read_whole_file(folder.path() + "/a") == "x");
    // Another run sees the machine as it is then, not as the first one cached it.
    write_file_durably(folder.path() + "/a", "other", 0644);
    const ActionResult second = session->run("states", to_value(body), events, cancellation);
    CHECK(test::story(run_report_from(second.body.at("report"))) == "a:changed");
}

TEST_CASE("debts of local runs are kept where the user may write", "[executors]") {
    const std::string folder = host_ledger_folder();
    if (::geteuid() == 0)
        CHECK(folder == "/var/lib/prove/ledger");
    else
        CHECK(folder.substr(folder.size() - 13) == "/prove/ledger");
}
