// Scopes over D-Bus. See the header.
#include "agent/host/scope.hpp"

#include <systemd/sd-bus.h>

#include <cstdint>

#include "agent/host/bus.hpp"
#include "common/files/files.hpp"

namespace prove {

namespace {

// A broken bus must not hold up the work for long.
constexpr std::uint64_t patience_us = 5'000'000;
constexpr int most_messages = 1'000;

struct JobEnd {
    std::string unit;
    bool ended = false;
};

int on_job_removed(sd_bus_message* message, void* data, sd_bus_error*) {
    auto& wanted = *static_cast<JobEnd*>(data);
    const char* unit = nullptr;
    if (sd_bus_message_read(message, "uos", nullptr, nullptr, &unit) >= 0 && wanted.unit == unit) wanted.ended = true;
    return 0;
}

}  // namespace

void enter_scope(const std::string& name, int pid) {
    const BusConnection bus = connect_to_systemd();
    if (!bus) return;
    JobEnd job{"prove-" + name + "-" + random_name(8) + ".scope"};
    (void)sd_bus_set_method_call_timeout(bus.get(), patience_us);
    (void)sd_bus_match_signal(bus.get(), nullptr, nullptr, systemd_path, systemd_manager, "JobRemoved", on_job_removed,
                              &job);
    (void)sd_bus_call_method(bus.get(), systemd_name, systemd_path, systemd_manager, "Subscribe", nullptr, nullptr, "");
    const int asked = sd_bus_call_method(
        bus.get(), systemd_name, systemd_path, systemd_manager, "StartTransientUnit", nullptr, nullptr,
        "ssa(sv)a(sa(sv))", job.unit.c_str(), "fail", 3, "PIDs", "au", 1, static_cast<std::uint32_t>(pid),
        "Description", "s", "Prove: work that outlives its agent", "CollectMode", "s", "inactive-or-failed", 0);
    // The process is moved when the job has ended; what it had started before would stay behind.
    for (int i = 0; asked >= 0 && !job.ended && i < most_messages; ++i) {
        const int done = sd_bus_process(bus.get(), nullptr);
        if (done < 0 || (done == 0 && sd_bus_wait(bus.get(), patience_us) <= 0)) break;
    }
}

bool runs_as_unit() {
    const auto groups = find_whole_file("/proc/self/cgroup");
    return groups && groups->find(".service\n") != std::string::npos && groups->find("user@") == std::string::npos;
}

}  // namespace prove
