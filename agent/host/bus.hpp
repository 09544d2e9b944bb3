// A connection to systemd: over the system bus, or over its own socket where there is no bus (as systemctl does as
// root). Calls block, within a time; signals that come meanwhile are handed to who listens.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/host/dbus_message.hpp"
#include "common/files/fd.hpp"
#include "common/time/clock.hpp"
#include "proto/error.hpp"

namespace prove {

inline constexpr const char* systemd_name = "org.freedesktop.systemd1";
inline constexpr const char* systemd_path = "/org/freedesktop/systemd1";
inline constexpr const char* systemd_manager = "org.freedesktop.systemd1.Manager";

// What the other side answered instead of a result. `name` is D-Bus's: "org.freedesktop.systemd1.NoSuchUnit".
class BusError : public Error {
  public:
    BusError(std::string name, const std::string& text) : Error(ErrorKind::failed, text), name_(std::move(name)) {}
    const std::string& name() const { return name_; }

  private:
    std::string name_;
};

class Bus {
  public:
    // Throws Error(unavailable) where nothing answers there. `is_bus`: a bus with many behind it, which wants to be
    // greeted, and not somebody's own socket.
    Bus(const std::string& socket, bool is_bus);

    // Throws BusError, and Error(unavailable, timeout) where the connection is lost or nothing answers in time.
    DbusMessage call(DbusMessage message, Milliseconds timeout = Milliseconds(90'000));
    // The usual call of systemd's manager.
    DbusMessage call_manager(const char* member, const char* signature, const DbusWriter& arguments,
                             Milliseconds timeout = Milliseconds(90'000));
    // One property of an object of systemd's; its value stands in a reader.
    std::string text_property(const std::string& object, const char* interface, const char* member);
    std::uint32_t number_property(const std::string& object, const char* interface, const char* member);

    // Asks for signals of systemd's manager of this name, which `heard` then gets during calls and waits.
    void listen(const char* member, std::function<void(const DbusMessage&)> heard);
    // Takes what comes within this time, at least one message where there is one.
    void wait(Milliseconds at_most);
    bool is_open() const { return static_cast<bool>(socket_); }

  private:
    void authenticate();
    void subscribe_at_bus(const char* member);
    void send(const std::string& bytes, std::int64_t until);
    bool receive(std::int64_t until);  // false: nothing came in time
    void await(short events, std::int64_t until);
    std::optional<DbusMessage> take_message();
    DbusMessage property(const std::string& object, const char* interface, const char* member);
    void hear(const DbusMessage& message);
    [[noreturn]] void lost(const char* why);

    const SystemClock clock_;
    Fd socket_;
    bool is_bus_;
    std::string received_;
    std::uint32_t serial_ = 0;
    std::string listened_;
    std::function<void(const DbusMessage&)> heard_;
};

// Null where there is no systemd to talk to.
std::unique_ptr<Bus> connect_to_systemd();

}  // namespace prove
