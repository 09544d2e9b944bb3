// Talking to systemd. See the header.
#include "agent/host/systemd.hpp"

#include <systemd/sd-bus.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr const char* unit_interface = "org.freedesktop.systemd1.Unit";
constexpr const char* service_interface = "org.freedesktop.systemd1.Service";
constexpr std::chrono::milliseconds longest_job{600'000};
constexpr std::chrono::milliseconds settle_time{1'000};
constexpr std::chrono::milliseconds look_again{200};  // how long one wait may keep us from seeing a cancellation

struct FreeText {
    void operator()(char* text) const { std::free(text); }
};
struct FreeMessage {
    void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Message = std::unique_ptr<sd_bus_message, FreeMessage>;

class BusError {
  public:
    ~BusError() { sd_bus_error_free(&error_); }
    sd_bus_error* get() { return &error_; }
    bool is(const char* name) const { return sd_bus_error_has_name(&error_, name) > 0; }
    std::string text(int code) const {
        if (error_.message != nullptr)
            return lower(std::string_view(error_.message).substr(0, 1)) + (error_.message + 1);
        return system_error("", -code).text().substr(2);
    }

  private:
    sd_bus_error error_ = SD_BUS_ERROR_NULL;
};

int on_job_removed(sd_bus_message* message, void* ended, sd_bus_error*) {
    std::uint32_t id = 0;
    const char* job = nullptr;
    const char* unit = nullptr;
    const char* result = nullptr;
    if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) >= 0)
        (*static_cast<std::map<std::string, std::string>*>(ended))[job] = result;
    return 0;
}

std::string meaning_of(const std::string& result) {
    if (result == "timeout") return "it took longer than its unit allows";
    if (result == "dependency") return "a unit that it needs failed";
    if (result == "canceled") return "another request for the unit came meanwhile";
    if (result == "assert" || result == "unsupported" || result == "skipped") return "systemd says '" + result + "'";
    return "";
}

}  // namespace

sd_bus* Systemd::bus() {
    if (bus_ && sd_bus_is_open(bus_.get()) > 0) return bus_.get();
    bus_ = connect_to_systemd();
    if (!bus_)
        throw Error(ErrorKind::unavailable, "there is no systemd to talk to on this host, so its services are unknown");
    (void)sd_bus_set_method_call_timeout(bus_.get(), 90'000'000);
    const int matched = sd_bus_match_signal(bus_.get(), nullptr, nullptr, systemd_path, systemd_manager, "JobRemoved",
                                            on_job_removed, &ended_jobs_);
    if (matched < 0) throw system_error("cannot listen to systemd", -matched);
    // Without it systemd sends no signals.
    BusError error;
    (void)sd_bus_call_method(bus_.get(), systemd_name, systemd_path, systemd_manager, "Subscribe", error.get(), nullptr,
                             "");
    return bus_.get();
}

std::string Systemd::load(const std::string& name) {
    sd_bus_message* raw = nullptr;
    BusError error;
    const int code = sd_bus_call_method(bus(), systemd_name, systemd_path, systemd_manager, "LoadUnit", error.get(),
                                        &raw, "s", name.c_str());
    const Message reply(raw);
    const char* object = nullptr;
    if (code < 0 || sd_bus_message_read(reply.get(), "o", &object) < 0) {
        if (error.is("org.freedesktop.systemd1.NoSuchUnit")) return "";
        throw Error(ErrorKind::unavailable,
                    "systemd did not say how the unit " + quoted(name) + " is: " + error.text(code));
    }
    return object;
}

std::string Systemd::property(const std::string& object, const char* interface, const char* member) {
    char* raw = nullptr;
    BusError error;
    const int code =
        sd_bus_get_property_string(bus(), systemd_name, object.c_str(), interface, member, error.get(), &raw);
    const std::unique_ptr<char, FreeText> text(raw);
    return code < 0 || raw == nullptr ? "" : raw;
}

UnitInfo Systemd::unit(const std::string& name) {
    const auto known = units_.find(name);
    if (known != units_.end()) return known->second;
    UnitInfo info;
    const std::string object = load(name);
    if (!object.empty()) {
        const std::string load_state = property(object, unit_interface, "LoadState");
        info.exists = load_state != "not-found" && !load_state.empty();
        info.active_state = property(object, unit_interface, "ActiveState");
        info.unit_file_state = load_state == "masked" ? "masked" : property(object, unit_interface, "UnitFileState");
        int stale = 0;
        BusError error;
        (void)sd_bus_get_property_trivial(bus(), systemd_name, object.c_str(), unit_interface, "NeedDaemonReload",
                                          error.get(), 'b', &stale);
        info.needs_daemon_reload = stale != 0;
    }
    units_[name] = info;
    return info;
}

void Systemd::reload_units() {
    BusError error;
    const int code =
        sd_bus_call_method(bus(), systemd_name, systemd_path, systemd_manager, "Reload", error.get(), nullptr, "");
    if (code < 0) throw Error(ErrorKind::failed, "systemd did not read its units again: " + error.text(code));
    unit_files_changed_ = false;
    forget();
}

void Systemd::refresh(const std::string& name) {
    forget();
    if (unit_files_changed_ || unit(name).needs_daemon_reload) reload_units();
}

void Systemd::job(const char* method, const std::string& name, const char* what) {
    forget();
    ended_jobs_.clear();
    sd_bus_message* raw = nullptr;
    BusError error;
    const int code = sd_bus_call_method(bus(), systemd_name, systemd_path, systemd_manager, method, error.get(), &raw,
                                        "ss", name.c_str(), "replace");
    const Message reply(raw);
    const char* job_path = nullptr;
    if (error.is("org.freedesktop.systemd1.JobTypeNotApplicable"))
        throw Error(ErrorKind::refused, "the unit " + quoted(name) + " has no way to " + what +
                                            (std::string_view(what) == "reload" ? "; use service.restarted" : ""));
    if (code < 0 || sd_bus_message_read(reply.get(), "o", &job_path) < 0)
        throw Error(ErrorKind::failed, "the unit " + quoted(name) + " did not " + what + ": " + error.text(code));
    const std::string path = job_path;
    const auto begun = commands_.clock().boot_ms();
    while (ended_jobs_.count(path) == 0) {
        commands_.check_time();
        if (commands_.clock().boot_ms() - begun > longest_job.count())
            throw Error(ErrorKind::timeout, "the unit " + quoted(name) + " did not " + what + " in time");
        const int done = sd_bus_process(bus_.get(), nullptr);
        if (done < 0) throw system_error("lost the connection to systemd while waiting for " + quoted(name), -done);
        if (done == 0) (void)sd_bus_wait(bus_.get(), static_cast<std::uint64_t>(look_again.count()) * 1'000);
    }
    const std::string result = ended_jobs_[path];
    if (result != "done") fail(name, what, result);
}

// Why it failed, from the unit itself, and its last words from the journal into the part's output.
void Systemd::fail(const std::string& name, const char* what, const std::string& result) {
    forget();
    std::string why = meaning_of(result);
    const std::string object = load(name);
    const std::string unit_result = object.empty() ? "" : property(object, service_interface, "Result");
    if (why.empty() && !unit_result.empty() && unit_result != "success") {
        int status = 0;
        BusError error;
        (void)sd_bus_get_property_trivial(bus(), systemd_name, object.c_str(), service_interface, "ExecMainStatus",
                                          error.get(), 'i', &status);
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
    const std::string type = property(object, service_interface, "Type");
    // Others tell systemd themselves when they are up.
    if (type != "simple" && type != "exec" && type != "idle") return;
    const auto begun = commands_.clock().boot_ms();
    for (;;) {
        const std::string state = property(object, unit_interface, "ActiveState");
        if (state == "failed" || state == "inactive" || state == "activating") fail(name, "start", "it ended at once");
        const auto left = settle_time.count() - (commands_.clock().boot_ms() - begun);
        if (left <= 0) break;
        commands_.check_time();
        // A message that we listen to wakes us early; then its state is looked at again.
        if (sd_bus_process(bus(), nullptr) == 0)
            (void)sd_bus_wait(bus(),
                              static_cast<std::uint64_t>(std::min<std::int64_t>(left, look_again.count())) * 1'000);
    }
    forget();
}

void Systemd::enable(const std::string& name) {
    BusError error;
    const int code = sd_bus_call_method(bus(), systemd_name, systemd_path, systemd_manager, "EnableUnitFiles",
                                        error.get(), nullptr, "asbb", 1, name.c_str(), 0, 0);
    if (code < 0)
        throw Error(ErrorKind::failed, "the unit " + quoted(name) + " could not be enabled: " + error.text(code));
    reload_units();
}

void Systemd::disable(const std::string& name) {
    BusError error;
    const int code = sd_bus_call_method(bus(), systemd_name, systemd_path, systemd_manager, "DisableUnitFiles",
                                        error.get(), nullptr, "asb", 1, name.c_str(), 0);
    if (code < 0)
        throw Error(ErrorKind::failed, "the unit " + quoted(name) + " could not be disabled: " + error.text(code));
    reload_units();
}

}  // namespace prove
