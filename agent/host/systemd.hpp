// Units of systemd over D-Bus: their properties, and jobs that are awaited. No systemctl, no fork.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "agent/host/bus.hpp"
#include "agent/host/commands.hpp"
#include "agent/host/host.hpp"

namespace prove {

class Systemd {
  public:
    explicit Systemd(const Commands& commands) : commands_(commands) {}
    Systemd(const Systemd&) = delete;
    Systemd& operator=(const Systemd&) = delete;

    // Remembered until forget(). Throws Error(unavailable) where there is no systemd.
    UnitInfo unit(const std::string& name);
    void forget() { units_.clear(); }

    // Has systemd read its units again where this one changed on disk (or any, after unit files were written).
    void refresh(const std::string& name);
    void unit_files_changed() { unit_files_changed_ = true; }

    // "StartUnit", "StopUnit", "ReloadUnit", "RestartUnit"; waits for the job's end, throws Error(failed) where it is
    // not "done". `what` is for the message: "start".
    void job(const char* method, const std::string& name, const char* what);
    // A service that is started and ends within a second did not start.
    void settle(const std::string& name);
    void enable(const std::string& name);
    void disable(const std::string& name);

  private:
    Bus& bus();
    std::string load(const std::string& name);  // its object path; "" where that fails
    [[noreturn]] void fail(const std::string& name, const char* what, const std::string& result);
    void reload_units();
    std::string queue_job(const char* method, const std::string& name, const char* what);
    void change_unit_file(const char* method, const char* signature, const DbusWriter& arguments,
                          const std::string& name, const char* done);

    const Commands& commands_;
    std::unique_ptr<Bus> bus_;
    std::map<std::string, std::string> ended_jobs_;  // job's object path to its result
    std::map<std::string, UnitInfo> units_;
    bool unit_files_changed_ = false;
};

}  // namespace prove
