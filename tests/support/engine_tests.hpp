// What tests of the engine share: a run from YAML, executed on a host, and a word for each invocation. Header only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/engine/engine.hpp"
#include "agent/engine/ledger.hpp"
#include "agent/host/linux_host.hpp"
#include "agent/host/null_reader.hpp"
#include "agent/host/overlay_host.hpp"
#include "common/files/files.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/state_run_yaml.hpp"

namespace prove::test {

// "vhost:changed reload:changed certificate:failed", in the order in which they began.
inline std::string story(const RunReport& report) {
    std::string text;
    for (const auto& invocation : report.invocations)
        text += (text.empty() ? "" : " ") + invocation.state.text() + ":" + name_of(invocation.outcome);
    return text;
}

inline const StateInvocation& last(const RunReport& report, const std::string& id) {
    for (auto at = report.invocations.rbegin(); at != report.invocations.rend(); ++at)
        if (at->state.text() == id) return *at;
    throw std::logic_error("no '" + id + "' in " + story(report));
}

// A machine that has nothing but what runs made there: predictions over nothing.
class PaperMachine {
 public:
    RunReport run(const std::string& yaml, RunMode mode = RunMode::apply) {
        return run(RunYaml(yaml, contents).run(), mode);
    }
    RunReport run(const StateRun& wanted, RunMode mode = RunMode::apply) {
        EngineContext context{functions, *machine, contents, ledger, clock, Value::object()};
        context.cancellation = &cancellation;
        context.progress = progress;
        context.facts = facts;
        context.resident = resident;
        context.late = late;
        context.applied = applied;
        context.secrets = secrets;
        context.wait = [this](std::chrono::milliseconds time) {
            waits.push_back(time);
            clock.pass(time);
        };
        return execute(wanted, mode, context);
    }

    NullReader nothing;
    OverlayHost host{nothing};
    Host* machine = &host;                       // what runs go to: a test may put a host of its own before it
    FunctionRegistry functions = all_functions();
    prove::testing::MemoryContent contents;
    MemoryLedger ledger;
    FakeClock clock;
    Cancellation cancellation;
    Progress* progress = nullptr;
    SecretTable secrets;
    Value facts = Value::object();
    LateSource* late = nullptr;
    AppliedStates* applied = nullptr;
    bool resident = false;
    std::vector<std::chrono::milliseconds> waits;
};

// This machine, in a folder of the test's own. `$` in the YAML is that folder.
class RealMachine {
 public:
    RunReport run(const std::string& yaml, RunMode mode = RunMode::apply) {
        return run(RunYaml(replace_all(yaml, "$/", folder.path() + "/"), contents).run(), mode);
    }
    RunReport run(const StateRun& wanted, RunMode mode = RunMode::apply) {
        LinuxHost host(clock);
        EngineContext context{functions, host, contents, *ledger, clock, Value::object()};
        context.cancellation = &cancellation;
        context.progress = progress;
        context.late = late;
        context.applied = applied;
        context.make_host = [this] { return std::make_unique<LinuxHost>(clock); };
        context.secrets = secrets;
        return execute(wanted, mode, context);
    }
    std::string read(const std::string& name) const {
        return find_whole_file(folder.path() + "/" + name).value_or("");
    }
    void write(const std::string& name, const std::string& content) const {
        write_file_durably(folder.path() + "/" + name, content, 0644);
    }

    TemporaryFolder folder{"prove-engine"};
    FunctionRegistry functions = all_functions();
    prove::testing::MemoryContent contents;
    MemoryLedger memory;
    Ledger* ledger = &memory;
    SystemClock clock;
    Cancellation cancellation;
    Progress* progress = nullptr;
    LateSource* late = nullptr;
    AppliedStates* applied = nullptr;
    SecretTable secrets;
};

// A function of the test's own, without arguments.
inline Function own_function(const std::string& name, Function::Converge converge,
                             FunctionSchema::Nature nature = FunctionSchema::Nature::converges) {
    Function function;
    function.schema.name = name;
    function.schema.nature = nature;
    function.converge = std::move(converge);
    return function;
}

}  // namespace prove::test
