// Writing values down: see value_bytes.hpp.
#include "master/render/value_bytes.hpp"

#include <cstring>

namespace prove {

void add_number(std::uint64_t number, std::string& bytes) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof number);
    bytes.append(raw, sizeof number);
}

void add_text(std::string_view text, std::string& bytes) {
    add_number(text.size(), bytes);
    bytes += text;
}

void add_keys(const Value& value, std::string& bytes) {
    if (value.is_list()) return add_number(value.list().size(), bytes);
    if (!value.is_mapping()) return;
    add_number(value.mapping().size(), bytes);
    for (const Mapping::Member& member : value.mapping()) add_text(member.key, bytes);
}

void add_value(const Value& value, std::string& bytes) {
    bytes += static_cast<char>('0' + static_cast<int>(value.kind()));
    switch (value.kind()) {
        case Value::Kind::null:
            return;
        case Value::Kind::boolean:
            bytes += value.boolean() ? '1' : '0';
            return;
        case Value::Kind::integer:
            return add_number(static_cast<std::uint64_t>(value.integer()), bytes);
        case Value::Kind::real: {
            const double real = value.real();
            std::uint64_t bits = 0;
            std::memcpy(&bits, &real, sizeof bits);
            return add_number(bits, bytes);
        }
        case Value::Kind::text:
            return add_text(value.text(), bytes);
        case Value::Kind::list:
            add_keys(value, bytes);
            for (const Value& member : value.list()) add_value(member, bytes);
            return;
        case Value::Kind::mapping:
            add_keys(value, bytes);
            for (const Mapping::Member& member : value.mapping()) add_value(member.value, bytes);
            return;
    }
}

}  // namespace prove
