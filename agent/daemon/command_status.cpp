// prove-agent status: how the running agent stands. And drain, which has it restart as soon as it is idle.
#include <iostream>

#include "agent/daemon/command_line.hpp"
#include "agent/daemon/control.hpp"
#include "common/text/duration.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

Value request(const std::string& what) {
    Value value = Value::object();
    value.set("do", what);
    return value;
}

void line(const std::string& name, const std::string& text) {
    if (text.empty()) return;
    std::cout << name << std::string(name.size() < 16 ? 16 - name.size() : 1, ' ') << escape_control(text) << "\n";
}

std::string text_in(const Value& status, const char* key) {
    const Value* found = status.find(key);
    return found != nullptr && found->is_text() ? found->text() : "";
}

std::int64_t number_in(const Value& status, const char* key) {
    const Value* found = status.find(key);
    return found != nullptr && found->is_integer() ? found->integer() : 0;
}

}  // namespace

int run_status(const AgentSettings& settings, bool as_json) {
    const Value status = ask_agent(settings.status_socket(), request("status"));
    if (as_json) {
        std::cout << write_json(status) << "\n";
        return 0;
    }
    line("prove-agent", text_in(status, "version") + ", process " + std::to_string(number_in(status, "process")));
    line("fingerprint", text_in(status, "fingerprint"));
    line("enrolment", text_in(status, "enrolment"));
    if (!status.at("enrolled").boolean()) return 0;
    line("name", text_in(status, "name"));
    line("master", text_in(status, "master") + ", " + text_in(status, "connection") + " for " +
                       show_duration(std::chrono::seconds(number_in(status, "connection_since_s"))));
    line("trouble", text_in(status, "trouble"));
    line("jobs", std::to_string(number_in(status, "jobs_running")) + " running, " +
                     std::to_string(number_in(status, "results_waiting")) + " results not stored yet");
    if (const auto ahead = number_in(status, "clock_ahead_ms"); ahead > 300'000 || ahead < -300'000)
        line("clock", "differs from the master's by " + std::to_string(ahead / 1000) + " s");
    line("draining", text_in(status, "draining"));
    return 0;
}

int run_drain(const AgentSettings& settings) {
    ask_agent(settings.status_socket(), request("drain"));
    std::cout << "prove-agent ends as soon as its jobs have; its service manager starts it again\n";
    return 0;
}

}  // namespace prove
