// Talking to systemd. See the header.
#include "agent/host/systemd.hpp"

#include <algorithm>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr const char* unit_interface = "org.freedesktop.systemd1.Unit";
constexpr const char* service_interface = "org.freedesktop.systemd1.Service";
constexpr std::chrono::milliseconds longest_job{600'000};
constexpr std::chrono::milliseconds settle_time{1'000};
constexpr std::chrono::milliseconds look_again{200};  // how long one wait may keep us from seeing a cancellation

std::string said(const BusError& error) {
    const std::string& text = error.text();
    return lower(text.substr(0, 1)) + text.substr(std::min<std::size_t>(1, text.size()));
}

std::string meaning_of(const std::string& result) {
    if (result == "timeout") return "it took longer than its unit allows";
    if (result == "dependency") return "a unit that it needs failed";
    if (result == "canceled") return "another request for the unit came meanwhile";
    if (result == "assert" || result == "unsupported" || result == "skipped") return "systemd says '" + result + "'";
    return "";
}

}  // namespace

Bus& Systemd::bus() {
    if (bus_ && bus_->is_open()) return *bus_;
    bus_ = connect_to_systemd();
    if (!bus_)
        throw Error(ErrorKind::unavailable, "there is no systemd to talk to on this host, so its services are unknown");
    bus_->listen("JobRemoved", [this](const DbusMessage& signal) {
        if (signal.signature != "uoss") return;
        DbusReader reader = signal.read();
        (void)reader.number();
        const std::string job = reader.text();
        (void)reader.text();
        ended_jobs_[job] = reader.text();
    });
    return *bus_;
}

std::string Systemd::load(const std::string& name) {
    try {
        return bus().call_manager("LoadUnit", "s", DbusWriter().text(name)).read().text();
    } catch (const BusError& error) {
        if (error.name() == "org.freedesktop.systemd1.NoSuchUnit") return "";
        throw Error(ErrorKind::unavailable, "systemd did not say how the unit " + quoted(name) + " is: " + said(error));
    }
}

UnitInfo Systemd::unit(const std::string& name) {
    const auto known = units_.find(name);
    if (known != units_.end()) return known->second;
    UnitInfo info;
    const std::string object = load(name);
    if (!object.empty()) {
        Bus& systemd = bus();
        const std::string load_state = systemd.text_property(object, unit_interface, "LoadState");
        info.exists = load_state != "not-found" && !load_state.empty();
        info.active_state = systemd.text_property(object, unit_interface, "ActiveState");
        info.unit_file_state =
            load_state == "masked" ? "masked" : systemd.text_property(object, unit_interface, "UnitFileState");
        info.needs_daemon_reload = systemd.number_property(object, unit_interface, "NeedDaemonReload") != 0;
    }
    units_[name] = info;
    return info;
}

void Systemd::reload_units() {
    try {
        (void)bus().call_manager("Reload", "", DbusWriter());
    } catch (const BusError& error) {
        throw Error(ErrorKind::failed, "systemd did not read its units again: " + said(error));
    }
    unit_files_changed_ = false;
    forget();
}

void Systemd::refresh(const std::string& name) {
    forget();
    if (unit_files_changed_ || unit(name).needs_daemon_reload) reload_units();
}

// The job's object path.
std::string Systemd::queue_job(const char* method, const std::string& name, const char* what) {
    try {
        return bus().call_manager(method, "ss", DbusWriter().text(name).text("replace")).read().text();
    } catch (const BusError& error) {
        if (error.name() == "org.freedesktop.systemd1.JobTypeNotApplicable")
            throw Error(ErrorKind::refused, "the unit " + quoted(name) + " has no way to " + what +
                                                (std::string_view(what) == "reload" ? "; use service.restarted" : ""));
        throw Error(ErrorKind::failed, "the unit " + quoted(name) + " did not " + what + ": " + said(error));
    }
}

void Systemd::job(const char* method, const std::string& name, const char* what) {
    forget();
    ended_jobs_.clear();
    const std::string path = queue_job(method, name, what);
    const auto begun = commands_.clock().boot_ms();
    while (ended_jobs_.count(path) == 0) {
        commands_.check_time();
        if (commands_.clock().boot_ms() - begun > longest_job.count())
            throw Error(ErrorKind::timeout, "the unit " + quoted(name) + " did not " + what + " in time");
        bus_->wait(look_again);
    }
    const std::string result = ended_jobs_[path];
    if (result != "done") fail(name, what, result);
}

// Why it failed, from the unit itself, and its last words from the journal into the part's output.
void Systemd::fail(const std::string& name, const char* what, const std::string& result) {
    forget();
    std::string why = meaning_of(result);
    const std::string object = load(name);
    const std::string unit_result = object.empty() ? "" : bus().text_property(object, service_interface, "Result");
    if (why.empty() && !unit_result.empty() && unit_result != "success") {
        const auto status = static_cast<int>(bus().number_property(object, service_interface, "ExecMainStatus"));
        why = unit_result + (unit_result == "exit-code" ? " " + std::to_string(status) : "");
    }
    Command journal;
    journal.argv = {"journalctl", "--no-pager", "-q", "-n", "10", "-o", "cat", "-u", name};
    try {
        (void)commands_.run(journal, Commands::Show::output);
    } catch (const Error&) {
        // No journal: the failure itself is what counts, and it is reported below.
    }
    throw Error(ErrorKind::failed, "the unit " + quoted(name) + " did not " + what + (why.empty() ? "" : ": " + why) +
                                       "; its last log lines are in the output");
}

void Systemd::settle(const std::string& name) {
    const std::string object = load(name);
    const std::string type = bus().text_property(object, service_interface, "Type");
    // Others tell systemd themselves when they are up.
    if (type != "simple" && type != "exec" && type != "idle") return;
    const auto begun = commands_.clock().boot_ms();
    for (;;) {
        const std::string state = bus().text_property(object, unit_interface, "ActiveState");
        if (state == "failed" || state == "inactive" || state == "activating") fail(name, "start", "it ended at once");
        const auto left = settle_time.count() - (commands_.clock().boot_ms() - begun);
        if (left <= 0) break;
        commands_.check_time();
        // A message that we listen to wakes us early; then its state is looked at again.
        bus().wait(std::min(look_again, std::chrono::milliseconds(left)));
    }
    forget();
}

void Systemd::enable(const std::string& name) {
    change_unit_file("EnableUnitFiles", "asbb", DbusWriter().texts({name}).boolean(false).boolean(false), name,
                     "enabled");
}

void Systemd::disable(const std::string& name) {
    change_unit_file("DisableUnitFiles", "asb", DbusWriter().texts({name}).boolean(false), name, "disabled");
}

void Systemd::change_unit_file(const char* method, const char* signature, const DbusWriter& arguments,
                               const std::string& name, const char* done) {
    try {
        (void)bus().call_manager(method, signature, arguments);
    } catch (const BusError& error) {
        throw Error(ErrorKind::failed, "the unit " + quoted(name) + " could not be " + done + ": " + said(error));
    }
    reload_units();
}

}  // namespace prove
