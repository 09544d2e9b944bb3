// Reading master.yml.
#include "master/daemon/settings.hpp"

#include "common/config/settings.hpp"
#include "common/files/files.hpp"
#include "common/log/sinks.hpp"

namespace prove {

namespace {

int small(Settings& settings, const char* key, int fallback, int most) {
    return static_cast<int>(settings.integer(key, fallback, {1, most}));
}

ZeromqPorts read_ports(Settings& settings) {
    ZeromqPorts ports;
    const auto port = [&](const char* key, int fallback) {
        return static_cast<int>(settings.integer(key, fallback, {1, 65'535}));
    };
    ports.publish = port("publish", ports.publish);
    ports.main = port("main", ports.main);
    ports.enrol = port("enrol", ports.enrol);
    return ports;
}

Retention read_retention(Settings& settings) {
    constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
    Retention retention;
    retention.age_ms = settings.integer("days", retention.age_ms / day_ms, {1, 3650}) * day_ms;
    const auto default_mib = static_cast<std::int64_t>(retention.bytes >> 20);
    retention.bytes = static_cast<std::uint64_t>(settings.integer("megabytes", default_mib, {16, 1 << 20})) << 20;
    return retention;
}

MasterSettings read(Settings& settings) {
    MasterSettings result;
    result.address = settings.text("address", result.address);
    result.ports = settings.section("ports", read_ports);
    result.advertise = settings.text("advertise", "");
    result.catalog = settings.text("catalog", result.catalog);
    result.data = settings.text("data", result.data);
    result.runtime = settings.text("runtime", result.runtime);
    result.socket_group = settings.text("socket_group", "");
    if (settings.has("administrators")) result.administrators = settings.texts("administrators");
    result.render_workers = small(settings, "render_workers", result.render_workers, 64);
    result.compile_threads = small(settings, "compile_threads", result.compile_threads, 64);
    result.io_threads = small(settings, "io_threads", result.io_threads, 16);
    result.retention = settings.section("history", read_retention);
    result.log_level = log_level_from(settings.choice("log_level", "info", {"debug", "info", "warning", "error"}));
    result.log_file = settings.text("log_file", "");
    return result;
}

}  // namespace

MasterSettings load_master_settings(const std::string& path, bool must_exist) {
    if (!must_exist && !exists(path)) return {};
    return read_settings(path, TrustCheck::owner, read);
}

}  // namespace prove
