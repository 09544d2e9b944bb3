// Reading master.yml.
#include "master/daemon/settings.hpp"

#include <grp.h>

#include "common/config/settings.hpp"
#include "common/files/files.hpp"
#include "common/text/ssh_rules.hpp"
#include "common/text/text.hpp"

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

LogSettings read_log(Settings& settings) {
    LogSettings log;
    log.level = log_level_from(settings.choice("level", "info", {"debug", "info", "warning", "error"}));
    log.file = settings.path("file", "");
    return log;
}

// A group that is not there would let nobody in, without a word.
void check_group(const std::string& name) {
    if (::getgrnam(name.c_str()) == nullptr)
        throw Error(ErrorKind::invalid, "this machine has no group " + quoted(name) + "; addgroup makes one");
}

struct SshSettings {
    std::string folder;
    int sessions = 0;
};

SshSettings read_ssh(Settings& settings) {
    const MasterSettings fallback;
    SshSettings ssh;
    ssh.folder = settings.path("folder", fallback.ssh_folder);
    // It stands in the configuration that ssh is given (S87).
    if (!is_ssh_key_path(ssh.folder))
        settings.wrong("folder", quoted(ssh.folder) + " is no folder that ssh may be given");
    ssh.sessions = small(settings, "sessions", fallback.ssh_sessions, 100);
    return ssh;
}

MasterSettings read(Settings& settings) {
    MasterSettings result;
    result.address = settings.text("address", result.address);
    result.ports = settings.section("ports", read_ports);
    result.advertise = settings.text("advertise", "");
    result.catalog = settings.path("catalog", result.catalog);
    if (settings.has("catalog_from"))
        result.catalog_from = settings.choice("catalog_from", "commit", {"files", "commit"});
    result.secret_key = settings.path("secret_key", "");
    result.data = settings.path("data", result.data);
    result.runtime = settings.path("runtime", result.runtime);
    result.socket_group = settings.text("socket_group", "", check_group);
    if (settings.has("administrators")) result.administrators = settings.texts("administrators", check_group);
    result.render_workers = small(settings, "render_workers", result.render_workers, 64);
    result.compile_threads = small(settings, "compile_threads", result.compile_threads, 64);
    result.io_threads = small(settings, "io_threads", result.io_threads, 16);
    const SshSettings ssh = settings.section("ssh", read_ssh);
    result.ssh_folder = ssh.folder;
    result.ssh_sessions = ssh.sessions;
    result.retention = settings.section("history", read_retention);
    constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
    result.offline_ms = settings.integer("offline_days", result.offline_ms / day_ms, {0, 365}) * day_ms;
    result.log = settings.section("log", read_log);
    result.metrics_file = settings.path("metrics_file", "");
    return result;
}

}  // namespace

MasterSettings load_master_settings(const std::string& path, bool must_exist) {
    if (!must_exist && !exists(path)) return {};
    return read_settings(path, TrustCheck::owner, read);
}

MasterSettings master_settings_from_text(const std::string& text, const std::string& name) {
    return Settings::from_text(text, name).read_to_end(read);
}

}  // namespace prove
