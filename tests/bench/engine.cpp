// What the engine itself costs: 1,000 converged states that do nothing, 1,000 converged small files, and the same read
// from its wire form. Figures, not a test: milliseconds of wall time, the best of several.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>

#include "tests/support/engine_tests.hpp"

using namespace prove;

namespace {

// The clock of a benchmark is the system's own.
double best_ms(int times, const std::function<void()>& work) {
    double best = 1e9;
    for (int i = 0; i < times; ++i) {
        const auto began = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
        best = std::min(best, took.count());
    }
    return best;
}

StateRun run_of(int states, const std::function<StatePart(int)>& part) {
    StateRun run;
    run.target = TargetId("here");
    for (int i = 0; i < states; ++i) {
        Node node;
        node.id = StateId("state " + std::to_string(i));
        if (i > 0) node.requirements.push_back(static_cast<NodeIndex>(i - 1));
        Variant variant;
        variant.parts.push_back(part(i));
        node.variants.push_back(std::move(variant));
        run.nodes.push_back(std::move(node));
    }
    return run;
}

}  // namespace

int main() {
    test::RealMachine machine;
    machine.functions.add(test::own_function("bench.nothing", [](const Arguments&, Host&) {}));
    const auto execute_on = [&](const StateRun& run, RunMode mode) {
        LinuxHost host(machine.clock);
        const EngineContext context{machine.functions, host, machine.contents, machine.memory, machine.clock, {}};
        execute(run, mode, context);
    };
    const StateRun nothing = run_of(1'000, [](int) {
        StatePart part;
        part.function = "bench.nothing";
        return part;
    });
    const StateRun files = run_of(1'000, [&](int i) {
        StatePart part;
        part.function = "file.managed";
        part.arguments.set("path", machine.folder.path() + "/file" + std::to_string(i));
        part.arguments.set("content", prove::testing::blob(machine.contents.add(std::string(1'000, 'x'))));
        return part;
    });
    execute_on(files, RunMode::apply);
    const std::string wire = write_json(to_value(files));

    std::printf("1000 states that do nothing, apply: %.2f ms\n",
                best_ms(20, [&] { execute_on(nothing, RunMode::apply); }));
    std::printf("1000 converged files, apply: %.2f ms\n", best_ms(20, [&] { execute_on(files, RunMode::apply); }));
    std::printf("1000 converged files, plan: %.2f ms\n", best_ms(20, [&] { execute_on(files, RunMode::plan); }));
    std::printf("reading the StateRun (%zu KB): %.2f ms\n", wire.size() / 1'000,
                best_ms(20, [&] { state_run_from(read_json(wire, JsonLimits::state_run())); }));
}
