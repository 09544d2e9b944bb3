// D-Bus messages, written and read. See the header.
#include "agent/host/dbus_message.hpp"

#include "proto/error.hpp"

namespace prove {

namespace {

enum Field : std::uint8_t {
    path = 1,
    interface = 2,
    member = 3,
    error_name = 4,
    reply_serial = 5,
    destination = 6,
    body_signature = 8
};

[[noreturn]] void malformed(const char* what) {
    throw Error(ErrorKind::invalid, std::string("a malformed D-Bus message: ") + what);
}

std::size_t aligned(std::size_t place, std::size_t alignment) {
    return (place + alignment - 1) / alignment * alignment;
}

void write_field(DbusWriter& writer, Field field, const char* type, const std::string& value) {
    if (value.empty()) return;
    writer.align(8).byte(field).signature(type);
    *type == 'g' ? writer.signature(value) : writer.text(value);
}

std::uint32_t number_in(std::string_view bytes, bool big_endian) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * (big_endian ? 3 - i : i));
    return value;
}

bool is_big_endian(std::string_view head) {
    if (head.size() < dbus_head || (head[0] != 'l' && head[0] != 'B')) malformed("its first byte");
    return head[0] == 'B';
}

void read_field(DbusReader& reader, DbusMessage& message) {
    const std::uint8_t field = reader.byte();
    const std::string type = reader.signature();
    std::string text;
    std::uint32_t number = 0;
    if (type == "s" || type == "o")
        text = reader.text();
    else if (type == "g")
        text = reader.signature();
    else if (type == "u")
        number = reader.number();
    else
        malformed("a field of its header");
    if (field == Field::path)
        message.path = std::move(text);
    else if (field == Field::interface)
        message.interface = std::move(text);
    else if (field == Field::member)
        message.member = std::move(text);
    else if (field == Field::error_name)
        message.error = std::move(text);
    else if (field == Field::destination)
        message.destination = std::move(text);
    else if (field == Field::body_signature)
        message.signature = std::move(text);
    else if (field == Field::reply_serial)
        message.reply_to = number;
}

}  // namespace

DbusWriter& DbusWriter::align(std::size_t alignment) {
    bytes_.resize(aligned(bytes_.size(), alignment), '\0');
    return *this;
}

DbusWriter& DbusWriter::byte(std::uint8_t value) {
    bytes_ += static_cast<char>(value);
    return *this;
}

DbusWriter& DbusWriter::number(std::uint32_t value) {
    align(4);
    for (int shift = 0; shift < 32; shift += 8) byte(static_cast<std::uint8_t>(value >> shift));
    return *this;
}

DbusWriter& DbusWriter::text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes_ += value;
    return byte(0);
}

DbusWriter& DbusWriter::signature(std::string_view value) {
    byte(static_cast<std::uint8_t>(value.size()));
    bytes_ += value;
    return byte(0);
}

DbusWriter& DbusWriter::texts(const std::vector<std::string>& values) {
    const std::size_t begun = begin_array(4);
    for (const std::string& value : values) text(value);
    return end_array(begun, 4);
}

std::size_t DbusWriter::begin_array(std::size_t alignment) {
    number(0);
    const std::size_t length_at = bytes_.size() - 4;
    align(alignment);
    return length_at;
}

// The length of an array does not count what aligns its first element.
DbusWriter& DbusWriter::end_array(std::size_t begun, std::size_t alignment) {
    const std::size_t length = bytes_.size() - aligned(begun + 4, alignment);
    for (std::size_t i = 0; i < 4; ++i) bytes_[begun + i] = static_cast<char>(length >> (8 * i));
    return *this;
}

std::string_view DbusReader::take(std::size_t size) {
    if (size > bytes_.size() - place_) malformed("it ends too early");
    const auto taken = bytes_.substr(place_, size);
    place_ += size;
    return taken;
}

void DbusReader::align(std::size_t alignment) {
    take(aligned(place_, alignment) - place_);
}

std::uint8_t DbusReader::byte() {
    return static_cast<std::uint8_t>(take(1).front());
}

std::uint32_t DbusReader::number() {
    align(4);
    return number_in(take(4), big_endian_);
}

std::string DbusReader::text() {
    const std::size_t size = number();
    std::string result(take(size));
    if (take(1).front() != '\0') malformed("a text without its end");
    return result;
}

std::string DbusReader::signature() {
    const std::size_t size = byte();
    std::string result(take(size));
    if (take(1).front() != '\0') malformed("a signature without its end");
    return result;
}

std::string to_bytes(const DbusMessage& message) {
    DbusWriter head;
    head.byte('l').byte(static_cast<std::uint8_t>(message.type)).byte(0).byte(1);
    head.number(static_cast<std::uint32_t>(message.body.size())).number(message.serial);
    const std::size_t fields = head.begin_array(8);
    write_field(head, Field::path, "o", message.path);
    write_field(head, Field::interface, "s", message.interface);
    write_field(head, Field::member, "s", message.member);
    write_field(head, Field::error_name, "s", message.error);
    if (message.reply_to != 0) head.align(8).byte(Field::reply_serial).signature("u").number(message.reply_to);
    write_field(head, Field::destination, "s", message.destination);
    write_field(head, Field::body_signature, "g", message.signature);
    head.end_array(fields, 8).align(8);
    return head.bytes() + message.body;
}

std::size_t dbus_size(std::string_view head) {
    const bool big_endian = is_big_endian(head);
    const std::size_t body = number_in(head.substr(4), big_endian);
    const std::size_t fields = number_in(head.substr(12), big_endian);
    if (body > dbus_limit || fields > dbus_limit) malformed("it is too large");
    return aligned(dbus_head + fields, 8) + body;
}

DbusMessage dbus_message_from(std::string_view bytes) {
    if (dbus_size(bytes) != bytes.size()) malformed("its length");
    DbusMessage message;
    message.big_endian = is_big_endian(bytes);
    DbusReader reader(bytes, message.big_endian);
    (void)reader.byte();
    const std::uint8_t type = reader.byte();
    if (type < 1 || type > 4) malformed("its type");
    message.type = static_cast<DbusType>(type);
    (void)reader.byte();
    if (reader.byte() != 1) malformed("its version");
    const std::size_t body = reader.number();
    message.serial = reader.number();
    const std::size_t end = reader.number() + dbus_head;
    while (reader.place() < end) {
        reader.align(8);
        read_field(reader, message);
    }
    if (reader.place() != end) malformed("the length of its header");
    message.body = bytes.substr(bytes.size() - body);
    return message;
}

}  // namespace prove
