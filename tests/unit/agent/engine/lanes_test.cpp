// Runs with `parallelism`, in real threads: what overlaps does, what must not does not, and everything that hears of it
// hears one thing at a time.
#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "tests/support/engine_tests.hpp"

using namespace prove;
using namespace prove::test;

namespace {

constexpr std::chrono::seconds long_enough{20};

// Where states of two files meet: whoever comes waits for the other.
class Meeting {
  public:
    explicit Meeting(int wanted) : wanted_(wanted) {}
    void come() {
        std::unique_lock lock(mutex_);
        ++came_;
        changed_.notify_all();
        if (!changed_.wait_for(lock, long_enough, [&] { return came_ >= wanted_; }))
            throw Error(ErrorKind::timeout, "nobody else came");
    }

  private:
    int wanted_;
    int came_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
};

// Notices two that are in it at once.
class Alone {
  public:
    void enter() {
        if (++inside_ > 1) together_ = true;
        std::this_thread::yield();
        --inside_;
    }
    bool held() const { return !together_; }

  private:
    std::atomic<int> inside_{0};
    std::atomic<bool> together_{false};
};

struct OneAtATime final : Progress {
    void state_started(const StateInvocation&) override { alone.enter(), ++started; }
    void state_finished(const StateInvocation&) override { alone.enter(), ++finished; }
    void output(const StateId&, OutputStream, std::string_view) override { alone.enter(), ++outputs; }
    Alone alone;
    int started = 0, finished = 0, outputs = 0;
};

struct OneAtATimeLedger final : Ledger {
    std::vector<Debt> owed() const override { return ledger.owed(); }
    void add(const std::vector<Debt>& debts) override { alone.enter(), ledger.add(debts); }
    void strike(const std::vector<Debt>& debts) override { alone.enter(), ledger.strike(debts); }
    MemoryLedger ledger;
    Alone alone;
};

// `parallelism: 4`; the state x/1 is of the file x.
class LanesMachine : public RealMachine {
  public:
    RunReport run(const std::string& yaml, RunMode mode = RunMode::apply) {
        StateRun wanted = RunYaml(replace_all(yaml, "$/", folder.path() + "/"), contents).run();
        wanted.options.parallelism = parallelism;
        for (Node& node : wanted.nodes) node.state_file = node.id.text().substr(0, node.id.text().find('/'));
        LinuxHost host(clock);
        EngineContext context{functions, host, contents, *ledger, clock, Value::object()};
        context.make_host = [this] { return std::make_unique<LinuxHost>(clock); };
        context.cancellation = &cancellation;
        context.progress = progress;
        return execute(wanted, mode, context);
    }
    void add(const std::string& name, std::function<void()> work) {
        functions.add(own_function(name, [work = std::move(work)](const Arguments&, Host&) { work(); }));
    }
    int parallelism = 4;
};

}  // namespace

TEST_CASE("with parallelism states of different files run at once", "[lanes]") {
    LanesMachine machine;
    Meeting meeting(3);
    machine.add("test.meet", [&] { meeting.come(); });
    const RunReport report = machine.run("a/1: [{fn: test.meet}]\nb/1: [{fn: test.meet}]\nc/1: [{fn: test.meet}]\n");
    CHECK(report.end == RunReport::End::done);
    CHECK(report.invocations.size() == 3);
}

TEST_CASE("with parallelism states of one file, or with one resource, run one after the other", "[lanes]") {
    LanesMachine machine;
    Alone alone;
    machine.add("test.alone", [&] { alone.enter(); });
    std::string yaml;
    for (int i = 0; i < 40; ++i) yaml += "a/" + std::to_string(i) + ": [{fn: test.alone}]\n";
    CHECK(machine.run(yaml).invocations.size() == 40);
    Function claiming = own_function("test.claim", [&](const Arguments&, Host&) { alone.enter(); });
    claiming.schema.arguments = {{.name = "name", .type = ArgumentType::text}};
    claiming.schema.claims = {{.kind = "thing", .aspect = "being", .argument = "name"}};
    machine.functions.add(std::move(claiming));
    yaml.clear();
    for (int i = 0; i < 40; ++i) yaml += "f" + std::to_string(i) + "/1: [{fn: test.claim, name: x}]\n";
    CHECK(machine.run(yaml).invocations.size() == 40);
    CHECK(alone.held());
}

TEST_CASE("a plan, and a run without parallelism, stay in the caller's thread", "[lanes]") {
    LanesMachine machine;
    const auto caller = std::this_thread::get_id();
    std::atomic<bool> elsewhere{false};
    machine.add("test.where", [&] { elsewhere = elsewhere || std::this_thread::get_id() != caller; });
    const std::string yaml = "a/1: [{fn: test.where}]\nb/1: [{fn: test.where}]\n";
    machine.run(yaml, RunMode::plan);
    machine.parallelism = 1;
    machine.run(yaml);
    CHECK_FALSE(elsewhere);
}

TEST_CASE("with parallelism progress and the ledger hear one thing at a time, and all of it", "[lanes]") {
    LanesMachine machine;
    OneAtATime progress;
    OneAtATimeLedger ledger;
    machine.progress = &progress;
    machine.ledger = &ledger;
    std::string yaml;
    for (const char* file : {"a", "b", "c", "d", "e", "f"}) {
        const std::string name(file);
        yaml += name + "/1: [{fn: cmd.run, cmd: 'echo " + name + "', notify: [" + name + "/2]}]\n" + name +
                "/2: {lazy: true, parts: [{fn: file.managed, path: $/" + name + "/f, content: " + name +
                ", make_dirs: true}]}\n";
    }
    const RunReport report = machine.run(yaml);
    CHECK(report.end == RunReport::End::done);
    CHECK(report.invocations.size() == 12);
    for (const StateInvocation& invocation : report.invocations) CHECK(invocation.outcome == Outcome::changed);
    CHECK(progress.started == 12);
    CHECK(progress.finished == 12);
    CHECK(progress.outputs >= 6);
    CHECK(progress.alone.held());
    CHECK(ledger.alone.held());
    CHECK(ledger.owed().empty());
    CHECK(machine.read("d/f") == "d");
}

TEST_CASE("with parallelism missing folders above two files are made by whoever comes first", "[lanes]") {
    for (int round = 0; round < 20; ++round) {
        LanesMachine machine;
        std::string yaml;
        for (const char* file : {"a", "b", "c", "d"})
            yaml += std::string(file) + "/1: [{fn: file.managed, path: $/new/deep/" + file +
                    "/f, content: x, make_dirs: true}]\n";
        CHECK(machine.run(yaml).end == RunReport::End::done);
        CHECK(machine.run(yaml).invocations[0].outcome == Outcome::ok);
    }
}

TEST_CASE("with parallelism outputs come from other lanes", "[lanes]") {
    LanesMachine machine;
    const RunReport report = machine.run(
        "a/1: [{fn: cmd.read, cmd: [echo, a]}]\nb/1: [{fn: cmd.read, cmd: [echo, b]}]\n"
        "c/1: {requires: [a/1, b/1], parts: [{fn: file.managed, path: $/f, content: !out b/1.stdout}]}\n");
    CHECK(report.end == RunReport::End::done);
    CHECK(machine.read("f") == "b");
}

TEST_CASE("P23 a cancellation ends every lane", "[lanes]") {
    LanesMachine machine;
    Meeting meeting(2);
    machine.add("test.meet", [&] {
        meeting.come();
        machine.cancellation.cancel("enough");
    });
    const RunReport report = machine.run(
        "a/1: [{fn: test.meet}]\na/2: [{fn: cmd.run, cmd: 'echo x > $/late'}]\nb/1: [{fn: test.meet}]\n"
        "b/2: [{fn: cmd.run, cmd: 'echo x > $/late'}]\n");
    CHECK(report.end == RunReport::End::cancelled);
    CHECK(report.invocations.size() == 4);
    CHECK(machine.read("late").empty());
}

TEST_CASE("with parallelism a failure skips what requires it, in whatever lane", "[lanes]") {
    LanesMachine machine;
    machine.add("test.fail", [] { throw Error(ErrorKind::failed, "no"); });
    const RunReport report = machine.run(
        "a/1: [{fn: test.fail}]\nb/1: [{fn: file.directory, path: $/b}]\n"
        "c/1: {requires: [a/1], parts: [{fn: file.directory, path: $/c}]}\n");
    CHECK(report.end == RunReport::End::failed);
    CHECK(last(report, "c/1").outcome == Outcome::skipped);
    CHECK(last(report, "b/1").outcome == Outcome::changed);
}
