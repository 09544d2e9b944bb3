// Messages of D-Bus, byte by byte: the specification's own rules for alignment, and what a broken bus may send.
#include <catch2/catch.hpp>

#include "agent/host/dbus_message.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

DbusMessage hello() {
    DbusMessage message;
    message.serial = 1;
    message.destination = "org.freedesktop.DBus";
    message.path = "/org/freedesktop/DBus";
    message.interface = "org.freedesktop.DBus";
    message.member = "Hello";
    return message;
}

std::string error_of(const std::string& bytes) {
    try {
        (void)dbus_message_from(bytes);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::invalid);
        return error.text();
    }
    return "";
}

}  // namespace

TEST_CASE("a call has the bytes that every D-Bus client sends", "[dbus]") {
    const std::string bytes = to_bytes(hello());
    CHECK(bytes.substr(0, 16) == std::string("l\x01\0\x01\0\0\0\0\x01\0\0\0\x6d\0\0\0", 16));
    CHECK(bytes.substr(16, 8) == std::string("\x01\x01o\0\x15\0\0\0", 8));
    CHECK(bytes.size() == 128);
    CHECK(dbus_size(bytes) == 128);
}

TEST_CASE("a message comes out as it went in", "[dbus]") {
    DbusMessage message = hello();
    message.type = DbusType::error;
    message.reply_to = 7;
    message.error = "org.freedesktop.systemd1.NoSuchUnit";
    message.signature = "s";
    message.body = DbusWriter().text("Unit x.service not found.").bytes();
    const DbusMessage read = dbus_message_from(to_bytes(message));
    CHECK(read.type == DbusType::error);
    CHECK(read.reply_to == 7);
    CHECK(read.error == message.error);
    CHECK(read.member == "Hello");
    CHECK(read.read().text() == "Unit x.service not found.");
}

TEST_CASE("values stand where their types want them, and an array's length does not count its padding", "[dbus]") {
    DbusWriter writer;
    writer.byte(1).number(2);
    CHECK(writer.bytes() == std::string("\x01\0\0\0\x02\0\0\0", 8));
    const std::size_t structs = writer.begin_array(8);
    writer.align(8).text("a");
    writer.end_array(structs, 8);
    CHECK(writer.bytes().substr(8) == std::string("\x06\0\0\0\0\0\0\0\x01\0\0\0a\0", 14));
    CHECK(DbusWriter().texts({"ab", "c"}).bytes() == std::string("\x0e\0\0\0\x02\0\0\0ab\0\0\x01\0\0\0c\0", 18));
    CHECK(DbusWriter().texts({}).bytes() == std::string("\0\0\0\0", 4));
}

TEST_CASE("a message of a big-endian machine is understood", "[dbus]") {
    DbusReader reader(std::string_view("\0\0\0\x02hi\0", 7), true);
    CHECK(reader.text() == "hi");
}

TEST_CASE("a message that is cut short anywhere is refused", "[dbus]") {
    const std::string bytes = to_bytes(hello());
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(error_of(bytes.substr(0, size)).empty());
}

TEST_CASE("a message that lies about its lengths, its type or its version is refused", "[dbus]") {
    const std::string bytes = to_bytes(hello());
    const auto with = [&](std::size_t place, char value) {
        std::string changed = bytes;
        changed[place] = value;
        return error_of(changed);
    };
    CHECK(with(0, 'x') == "a malformed D-Bus message: its first byte");
    CHECK(with(1, 9) == "a malformed D-Bus message: its type");
    CHECK(with(3, 2) == "a malformed D-Bus message: its version");
    CHECK(with(7, '\x7f') == "a malformed D-Bus message: it is too large");
    CHECK(with(12, '\x60') == "a malformed D-Bus message: its length");
    CHECK(with(18, 'x') == "a malformed D-Bus message: a field of its header");
    CHECK(with(20, '\x7f') == "a malformed D-Bus message: it ends too early");
}

TEST_CASE("no change of a single byte makes reading a message go wrong in another way than being refused", "[dbus]") {
    const std::string bytes = to_bytes(hello());
    int refused = 0;
    for (std::size_t place = 0; place < bytes.size(); ++place)
        for (int value = 0; value < 256; value += 5) {
            std::string changed = bytes;
            changed[place] = static_cast<char>(value);
            try {
                (void)dbus_message_from(changed);
            } catch (const Error&) {
                ++refused;
            }
        }
    CHECK(refused > 100);
}
