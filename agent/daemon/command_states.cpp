// prove-agent run [--plan]: asks the running agent for a run of its own states, and prints the report.
#include <iostream>

#include "agent/daemon/command_line.hpp"
#include "agent/daemon/control.hpp"
#include "common/text/text.hpp"
#include "proto/messages.hpp"

namespace prove {

namespace {

constexpr int exit_failed = 4;

// The report as `prove-cli states` shows it, without what is the same across targets: there is one.
void print(const RunReport& report) {
    for (const auto& invocation : report.invocations) {
        for (const auto& part : invocation.parts) {
            const bool quiet = part.outcome == Outcome::ok || part.outcome == Outcome::skipped;
            if (quiet && !part.changed) continue;
            const char* mark = part.outcome == Outcome::failed || part.outcome == Outcome::unproved ? "x"
                               : part.outcome == Outcome::unknown                                  ? "?"
                               : part.outcome == Outcome::held                                     ? "h"
                                                                                                   : "~";
            std::cout << "  " << mark << " " << escape_control(invocation.state.text()) << "  " << invocation.position.text()
                      << "  " << part.function << " " << escape_control(part.subject);
            if (!part.reason.empty()) std::cout << ": " << escape_control(part.reason);
            std::cout << "\n";
        }
        if (invocation.outcome == Outcome::skipped && !invocation.because_of.empty())
            std::cout << "    skipped: " << escape_control(invocation.state.text()) << ", "
                      << escape_control(invocation.reason) << "\n";
    }
    for (const auto& note : report.notes) std::cout << "  " << escape_control(note) << "\n";
    const auto counts = count(report);
    std::cout << counts.ok << " ok";
    const auto add = [](int number, const char* what) {
        if (number > 0) std::cout << ", " << number << " " << what;
    };
    add(counts.changed, "changed");
    add(counts.would_change, "would change");
    add(counts.rescued, "rescued");
    add(counts.unknown, "unknown");
    add(counts.failed, "failed");
    add(counts.unproved, "unproved");
    add(counts.held, "held");
    add(counts.skipped, "skipped");
    std::cout << "\n";
}

}  // namespace

int run_states(const AgentSettings& settings, bool plan, bool as_json) {
    Value request = Value::object();
    request.set("do", "run");
    request.set("plan", plan);
    const Value reply = ask_agent(settings.status_socket(), request);
    const auto result = job_result_from(reply);
    if (as_json)
        std::cout << write_json(reply) << "\n";
    else if (const Value* report = result.body.is_mapping() ? result.body.find("report") : nullptr)
        print(run_report_from(*report));
    if (result.end == JobResult::End::done) return 0;
    std::cerr << "prove-agent: " << name_of(result.end) << ": " << escape_control(result.reason) << "\n";
    return exit_failed;
}

}  // namespace prove
