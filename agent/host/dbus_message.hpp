// Messages of D-Bus as bytes: as much of the protocol as talking to systemd takes (strings, numbers, arrays, structs
// and variants of them). Own code, since libsystemd cannot be linked statically and libdbus brings glibc's name
// services along, which a static program cannot use. Pure: no socket.
// https://dbus.freedesktop.org/doc/dbus-specification.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prove {

// Values one after the other, each where its type wants it.
class DbusWriter {
  public:
    DbusWriter& byte(std::uint8_t value);
    DbusWriter& number(std::uint32_t value);
    DbusWriter& boolean(bool value) { return number(value ? 1 : 0); }
    DbusWriter& text(std::string_view value);  // also an object path
    DbusWriter& signature(std::string_view value);
    DbusWriter& texts(const std::vector<std::string>& values);
    // What begin gave is what end wants. `alignment` of the elements: 8 for structs, 4 for numbers and texts.
    std::size_t begin_array(std::size_t alignment);
    DbusWriter& end_array(std::size_t begun, std::size_t alignment);
    DbusWriter& align(std::size_t alignment);  // to 8 before each struct
    const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_;
};

// Reads values in the order of a signature. Throws Error(invalid) at the end of the bytes and for what makes no sense.
class DbusReader {
  public:
    DbusReader(std::string_view bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}
    std::uint8_t byte();
    std::uint32_t number();
    std::string text();
    std::string signature();
    void align(std::size_t alignment);
    std::size_t place() const { return place_; }

  private:
    std::string_view take(std::size_t size);

    std::string_view bytes_;
    bool big_endian_;
    std::size_t place_ = 0;
};

enum class DbusType : std::uint8_t { call = 1, reply = 2, error = 3, signal = 4 };

struct DbusMessage {
    DbusType type = DbusType::call;
    std::uint32_t serial = 0;
    std::uint32_t reply_to = 0;  // of replies and errors
    std::string destination, path, interface, member, error, signature;
    std::string body;
    bool big_endian = false;

    DbusReader read() const { return {body, big_endian}; }
};

std::string to_bytes(const DbusMessage& message);

inline constexpr std::size_t dbus_head = 16;  // so much says how long a message is
inline constexpr std::size_t dbus_limit = 4u << 20;
// The size of a message from its first 16 bytes. Throws Error(invalid) for what is no message, or above the limit.
std::size_t dbus_size(std::string_view head);
// A whole message. Throws Error(invalid).
DbusMessage dbus_message_from(std::string_view bytes);

}  // namespace prove
