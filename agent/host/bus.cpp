// Talking D-Bus over a socket. See the header.
#include "agent/host/bus.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr Milliseconds greeting_time{5'000};
constexpr const char* properties = "org.freedesktop.DBus.Properties";

bool is_booted_by_systemd() {
    struct stat status {};
    return ::lstat("/run/systemd/system", &status) == 0 && S_ISDIR(status.st_mode);
}

Fd connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return Fd();
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return Fd();
    return fd;
}

std::string in_hex(const std::string& text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (const char c : text) {
        result += digits[static_cast<std::uint8_t>(c) >> 4];
        result += digits[static_cast<std::uint8_t>(c) & 15];
    }
    return result;
}

}  // namespace

Bus::Bus(const std::string& socket, bool is_bus) : socket_(connect_to(socket)), is_bus_(is_bus) {
    if (!socket_) throw system_error("cannot connect to " + quoted(socket), errno);
    authenticate();
    if (!is_bus) return;
    DbusMessage hello;
    hello.destination = "org.freedesktop.DBus";
    hello.path = "/org/freedesktop/DBus";
    hello.interface = "org.freedesktop.DBus";
    hello.member = "Hello";
    (void)call(std::move(hello), greeting_time);
}

// We are who the kernel says we are.
void Bus::authenticate() {
    const std::int64_t until = clock_.boot_ms() + greeting_time.count();
    send(std::string(1, '\0') + "AUTH EXTERNAL " + in_hex(std::to_string(::geteuid())) + "\r\n", until);
    while (received_.find("\r\n") == std::string::npos)
        if (!receive(until) || received_.size() > 4'096) lost("it did not greet");
    if (!received_.starts_with("OK ")) lost("it does not know us");
    received_.erase(0, received_.find("\r\n") + 2);
    send("BEGIN\r\n", until);
}

void Bus::lost(const char* why) {
    socket_.close();
    throw Error(ErrorKind::unavailable, std::string("the connection to systemd was lost: ") + why);
}

void Bus::await(short events, std::int64_t until) {
    pollfd waiting = {socket_.get(), events, 0};
    const std::int64_t left = std::max<std::int64_t>(0, until - clock_.boot_ms());
    ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, 3'600'000)));
}

void Bus::send(const std::string& bytes, std::int64_t until) {
    std::string_view rest = bytes;
    while (!rest.empty()) {
        const ssize_t sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        if (errno != EAGAIN && errno != EINTR) lost("it takes nothing more");
        if (clock_.boot_ms() >= until) lost("it takes nothing");
        await(POLLOUT, until);
    }
}

bool Bus::receive(std::int64_t until) {
    for (;;) {
        std::array<char, 16'384> buffer;
        const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (size > 0) {
            received_.append(buffer.data(), static_cast<std::size_t>(size));
            return true;
        }
        if (size == 0) lost("it was closed");
        if (errno != EAGAIN && errno != EINTR) lost("it cannot be read");
        if (clock_.boot_ms() >= until) return false;
        await(POLLIN, until);
    }
}

std::optional<DbusMessage> Bus::take_message() {
    if (received_.size() < dbus_head) return std::nullopt;
    const std::size_t size = dbus_size(received_);
    if (received_.size() < size) return std::nullopt;
    DbusMessage message = dbus_message_from(std::string_view(received_).substr(0, size));
    received_.erase(0, size);
    return message;
}

void Bus::hear(const DbusMessage& message) {
    if (message.type == DbusType::signal && heard_ && message.member == listened_) heard_(message);
}

DbusMessage Bus::call(DbusMessage message, Milliseconds timeout) {
    if (!socket_) lost("it was closed");
    message.type = DbusType::call;
    message.serial = ++serial_;
    const std::int64_t until = clock_.boot_ms() + timeout.count();
    send(to_bytes(message), until);
    for (;;) {
        auto answer = take_message();
        if (!answer) {
            if (!receive(until)) throw Error(ErrorKind::timeout, "systemd did not answer in time");
            continue;
        }
        const bool is_answer = answer->type == DbusType::reply || answer->type == DbusType::error;
        if (!is_answer || answer->reply_to != serial_) {
            hear(*answer);
            continue;
        }
        if (answer->type == DbusType::reply) return std::move(*answer);
        throw BusError(answer->error, answer->signature.starts_with("s") ? answer->read().text() : answer->error);
    }
}

DbusMessage Bus::call_manager(const char* member, const char* signature, const DbusWriter& arguments,
                              Milliseconds timeout) {
    DbusMessage message;
    message.destination = systemd_name;
    message.path = systemd_path;
    message.interface = systemd_manager;
    message.member = member;
    message.signature = signature;
    message.body = arguments.bytes();
    return call(std::move(message), timeout);
}

DbusMessage Bus::property(const std::string& object, const char* interface, const char* member) {
    DbusMessage message;
    message.destination = systemd_name;
    message.path = object;
    message.interface = properties;
    message.member = "Get";
    message.signature = "ss";
    message.body = DbusWriter().text(interface).text(member).bytes();
    return call(std::move(message));
}

std::string Bus::text_property(const std::string& object, const char* interface, const char* member) {
    const DbusMessage reply = property(object, interface, member);
    DbusReader reader = reply.read();
    return reader.signature() == "s" ? reader.text() : "";
}

std::uint32_t Bus::number_property(const std::string& object, const char* interface, const char* member) {
    const DbusMessage reply = property(object, interface, member);
    DbusReader reader = reply.read();
    const std::string type = reader.signature();
    return type == "b" || type == "i" || type == "u" ? reader.number() : 0;
}

void Bus::listen(const char* member, std::function<void(const DbusMessage&)> heard) {
    listened_ = member;
    heard_ = std::move(heard);
    if (is_bus_) subscribe_at_bus(member);
    // Without it systemd sends none.
    try {
        (void)call_manager("Subscribe", "", DbusWriter());
    } catch (const BusError&) {
        // It was asked before on this connection.
    }
}

// Somebody's own socket is no bus: what it sends, it sends to all.
void Bus::subscribe_at_bus(const char* member) {
    DbusMessage match;
    match.destination = "org.freedesktop.DBus";
    match.path = "/org/freedesktop/DBus";
    match.interface = "org.freedesktop.DBus";
    match.member = "AddMatch";
    match.signature = "s";
    match.body = DbusWriter()
                     .text(std::string("type='signal',path='") + systemd_path + "',interface='" + systemd_manager +
                           "',member='" + member + "'")
                     .bytes();
    (void)call(std::move(match));
}

void Bus::wait(Milliseconds at_most) {
    const std::int64_t until = clock_.boot_ms() + at_most.count();
    for (;;) {
        if (const auto message = take_message()) return hear(*message);
        if (!receive(until)) return;
    }
}

std::unique_ptr<Bus> connect_to_systemd() {
    if (!is_booted_by_systemd()) return nullptr;
    try {
        return std::make_unique<Bus>("/run/dbus/system_bus_socket", true);
    } catch (const Error&) {
        // No bus, or none that knows us: root may ask systemd itself.
    }
    if (::geteuid() != 0) return nullptr;
    try {
        return std::make_unique<Bus>("/run/systemd/private", false);
    } catch (const Error&) {
        return nullptr;
    }
}

}  // namespace prove
