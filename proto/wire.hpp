// Small pieces that the readers and writers of this room share: enums by name, checked integers, texts that are names.
#pragma once

#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "proto/value.hpp"

namespace prove {

// The enumerator called `name`; throws Error(invalid) with what it was to be.
template <class Enum>
Enum enum_named(const std::string& name, std::initializer_list<Enum> all, const char* what) {
    for (const Enum candidate : all)
        if (name == name_of(candidate)) return candidate;
    throw Error(ErrorKind::invalid, "unknown " + std::string(what) + " '" + name + "'");
}

// An integer of [0, most].
inline std::uint64_t bounded(const Value& value, std::uint64_t most, const char* what) {
    const std::int64_t number = value.integer();
    if (number < 0 || static_cast<std::uint64_t>(number) > most)
        throw Error(ErrorKind::invalid, std::string(what) + " out of range: " + std::to_string(number));
    return static_cast<std::uint64_t>(number);
}

constexpr std::uint64_t any_count = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

// A field that is a count; `fallback` where it is absent.
inline std::uint64_t count_field(Fields& fields, const char* key, std::uint64_t most = any_count,
                                 std::uint64_t fallback = 0) {
    const Value* const found = fields.optional(key);
    return found != nullptr ? bounded(*found, most, key) : fallback;
}

// A text that names something: not empty, not longer than 4 KiB, no NUL.
inline std::string name_text(const Value& value, const char* what) {
    const std::string& text = value.text();
    if (text.empty() || text.size() > 4096 || text.find('\0') != std::string::npos)
        throw Error(ErrorKind::invalid, std::string("malformed ") + what);
    return text;
}

inline Value list_of_texts(const std::vector<std::string>& texts) {
    return Value(Value::List(texts.begin(), texts.end()));
}

// Writers leave out what has its default.
inline void set_if(Value& target, const char* key, const std::string& text) {
    if (!text.empty()) target.set(key, text);
}
inline void set_if(Value& target, const char* key, bool flag) {
    if (flag) target.set(key, true);
}

}  // namespace prove
