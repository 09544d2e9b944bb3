// State runs and reports; what is taken must cross the wire unchanged.
#include "fuzz.hpp"
#include "proto/late.hpp"
#include "proto/outcome.hpp"
#include "proto/state_run.hpp"

using namespace prove;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    fuzz::decode([&] {
        const StateRun run = state_run_from(read_json(text, JsonLimits::state_run()));
        fuzz::expect(state_run_from(to_value(run)) == run, "a state run reads back");
        for (const Node& node : run.nodes)
            if (is_late(node)) (void)late_spec_of(node);
    });
    fuzz::decode([&] {
        const RunReport report = run_report_from(read_json(text, JsonLimits::state_run()));
        fuzz::expect(run_report_from(to_value(report)) == report, "a report reads back");
    });
    return 0;
}
