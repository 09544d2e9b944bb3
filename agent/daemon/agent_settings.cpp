// Reading agent.yml.
#include "agent/daemon/agent_settings.hpp"

#include <unistd.h>

#include <charconv>

#include "common/config/settings.hpp"
#include "common/text/text.hpp"
#include "proto/ids.hpp"

namespace prove {

namespace {

LogSettings read_log(Settings& settings) {
    LogSettings log;
    log.level = log_level_from(settings.choice("level", "info", {"debug", "info", "warning", "error"}));
    log.file = settings.path("file", "");
    return log;
}

void check_name(const std::string& name) {
    if (!is_target_name(name))
        throw Error(ErrorKind::invalid, quoted(name) + " cannot be an agent's name; it takes small letters, digits "
                                                       "and . _ - within, at most 253 of them");
}

AgentSettings read(Settings& settings) {
    AgentSettings read;
    const std::string usual = read.data;
    read.data = settings.path("data", usual);
    read.ledger = settings.path("ledger", read.data == usual ? read.ledger : read.data + "/ledger");
    read.runtime = settings.path("runtime", read.runtime);
    read.facts = settings.path("facts", read.facts);
    read.machine_id = settings.path("machine_id", read.machine_id);
    read.master = settings.text("master", "", [](const std::string& text) { at_address({}, text); });
    read.pin = settings.text("pin", "", [](const std::string& text) { pin_from_text(text); });
    read.token = settings.text("token", "", [](const std::string& text) { token_from_text(text); });
    read.token_file = settings.path("token_file", "");
    read.name = settings.text("name", "", check_name);
    if (!read.token.empty() && !read.token_file.empty()) settings.wrong("token_file", "a token is given already");
    // A CURVE client needs the master's key before its first word, so there is nothing that could be trusted on first
    // use; what can be copied beforehand is the pin.
    if (settings.boolean("trust_on_first_use", false))
        settings.wrong("trust_on_first_use", "is not built yet; give the master's pin (`prove-master pin`) "
                                             "as `pin:`, or a join token");
    read.log = settings.section("log", read_log);
    read.metrics_file = settings.path("metrics_file", "");
    const std::int64_t mib = 1 << 20;
    read.cache_bytes = static_cast<std::uint64_t>(settings.integer("cache_mib", 512, {1, 1 << 20}) * mib);
    return read;
}

}  // namespace

AgentSettings load_agent_settings(const std::string& path, bool must_exist) {
    if (!must_exist && !exists(path)) return {};
    const auto check = ::geteuid() == 0 ? TrustCheck::owner : TrustCheck::none;
    return read_settings(path, check, [](Settings& settings) { return read(settings); });
}

AgentSettings agent_settings_from_text(const std::string& text, const std::string& name) {
    return Settings::from_text(text, name).read_to_end([](Settings& settings) { return read(settings); });
}

MasterPin at_address(MasterPin pin, const std::string& master) {
    if (master.empty()) return pin;
    const auto colon = master.rfind(':');
    const bool has_port = colon != std::string::npos && master.find(':') == colon;
    pin.host = has_port ? master.substr(0, colon) : master;
    if (!has_port) return pin;
    unsigned port = 0;
    const char* begin = master.data() + colon + 1;
    const char* end = master.data() + master.size();
    const auto [stop, error] = std::from_chars(begin, end, port);
    if (error != std::errc() || stop != end || port < 2 || port > 65'534 || pin.host.empty())
        throw Error(ErrorKind::invalid, "'" + master + "' is not an address; expected host or host:port");
    pin.router_port = static_cast<std::uint16_t>(port);
    pin.publish_port = static_cast<std::uint16_t>(port - 1);
    pin.enrol_port = static_cast<std::uint16_t>(port + 1);
    return pin;
}

}  // namespace prove
