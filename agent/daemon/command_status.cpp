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

std::string moment_in(const Value& value, const char* key) {
    const auto ms = number_in(value, key);
    return ms == 0 ? "" : show_moment(ms);
}

// What ran last, what runs next, and what is owed.
void show_schedule(const Value& entry) {
    const auto part = [&](const char* word, const char* when, const char* what) {
        const auto moment = moment_in(entry, when);
        const auto text = *what == '\0' ? "" : text_in(entry, what);
        if (!moment.empty()) line("", std::string(word) + " " + moment + (text.empty() ? "" : ": " + text));
    };
    line("schedule", text_in(entry, "name") + ": " + text_in(entry, "run"));
    part("last", "last_ms", "last");
    part("now, of", "now_ms", "now");
    part("next", "next_ms", "");
    if (const auto held = text_in(entry, "held"); !held.empty()) line("", "held: " + held);
}

// Of what the kept states need; those that lack something are held while there is no master.
void show_kept_contents(const Value& contents) {
    const auto lacking = number_in(contents, "needed") - number_in(contents, "here");
    const auto without_room = number_in(contents, "without_room");
    if (lacking > 0)
        line("", std::to_string(lacking) + " of their " + std::to_string(number_in(contents, "needed")) +
                     " contents are not in the cache here: where one is needed, its state is held");
    if (without_room > 0)
        line("", std::to_string(without_room) + " of their contents have no lasting place in the cache: see cache_mib in agent.yml");
}

void show_schedules(const Value& schedules) {
    line("schedules", text_in(schedules, "trouble"));
    const Value* entries = schedules.find("entries");
    if (entries == nullptr) return;
    for (const auto& entry : entries->list()) show_schedule(entry);
    const auto until = moment_in(schedules, "may_apply_until_ms");
    line("without master", until.empty() ? text_in(schedules, "kept_trouble") : "states may be applied until " + until);
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
        line("clock", show_clock_difference(ahead));
    if (const Value* schedules = status.find("schedules")) show_schedules(*schedules);
    if (const Value* contents = status.find("kept_contents")) show_kept_contents(*contents);
    line("draining", text_in(status, "draining"));
    return 0;
}

int run_drain(const AgentSettings& settings) {
    ask_agent(settings.status_socket(), request("drain"));
    std::cout << "prove-agent ends as soon as its jobs have; its service manager starts it again\n";
    return 0;
}

}  // namespace prove
