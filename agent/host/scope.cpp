// Scopes over D-Bus. See the header.
#include "agent/host/scope.hpp"

#include <cstdint>

#include "agent/host/bus.hpp"
#include "common/files/files.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

// A broken bus must not hold up the work for long.
constexpr Milliseconds patience{5'000};
constexpr int most_messages = 1'000;

// (sv): a property's name, its type and its value.
DbusWriter& property(DbusWriter& writer, const char* name, const char* type) {
    return writer.align(8).text(name).signature(type);
}

// The service that we run as, as systemd names it; empty where we are none.
std::string own_service() {
    const auto groups = find_whole_file("/proc/self/cgroup");
    if (!groups || groups->find("user@") != std::string::npos) return {};
    for (const auto& line : split_lines(*groups))
        if (line.ends_with(".service")) return line.substr(line.rfind('/') + 1);
    return {};
}

// At a shutdown systemd stops what is "before" us after us: we have ended what goes on in the scope ourselves by then, and
// written down that we did. Otherwise it would end it with a signal of its own, which looks like a command that failed.
DbusWriter transient_scope(const std::string& unit, int pid) {
    DbusWriter writer;
    writer.text(unit).text("fail");
    const std::size_t properties = writer.begin_array(8);
    property(writer, "PIDs", "au");
    const std::size_t pids = writer.begin_array(4);
    writer.number(static_cast<std::uint32_t>(pid)).end_array(pids, 4);
    property(writer, "Description", "s").text("Prove: work that outlives its agent");
    property(writer, "CollectMode", "s").text("inactive-or-failed");
    if (const std::string service = own_service(); !service.empty()) property(writer, "Before", "as").texts({service});
    writer.end_array(properties, 8);
    const std::size_t others = writer.begin_array(8);
    writer.end_array(others, 8);
    return writer;
}

}  // namespace

void enter_scope(const std::string& name, int pid) {
    const std::unique_ptr<Bus> bus = connect_to_systemd();
    if (!bus) return;
    const std::string unit = "prove-" + name + "-" + random_name(8) + ".scope";
    bool ended = false;
    try {
        bus->listen("JobRemoved", [&](const DbusMessage& signal) {
            if (signal.signature != "uoss") return;
            DbusReader reader = signal.read();
            (void)reader.number();
            (void)reader.text();
            ended = ended || reader.text() == unit;
        });
        (void)bus->call_manager("StartTransientUnit", "ssa(sv)a(sa(sv))", transient_scope(unit, pid), patience);
        // The process is moved when the job has ended; what it had started before would stay behind.
        const SystemClock clock;
        const std::int64_t until = clock.boot_ms() + patience.count();
        for (int i = 0; !ended && i < most_messages && clock.boot_ms() < until; ++i)
            bus->wait(Milliseconds(until - clock.boot_ms()));
    } catch (const Error&) {
        // Refused or lost: the process stays where it is.
    }
}

bool runs_as_unit() {
    return !own_service().empty();
}

}  // namespace prove
