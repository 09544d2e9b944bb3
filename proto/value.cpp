// Values and mappings: access with messages that say what was expected and what was found.
#include "proto/value.hpp"

#include <algorithm>
#include <limits>

namespace prove {

namespace {

// Below this many members a look at each is faster than any index.
constexpr std::size_t large_mapping = 16;
constexpr std::size_t absent = std::numeric_limits<std::size_t>::max();
constexpr std::size_t shown_text = 60;

[[noreturn]] void wrong_kind(const Value& value, const char* expected) {
    throw Error(ErrorKind::invalid, value.position(),
                std::string("expected ") + expected + ", found " + value.described());
}

// The first characters of a text; cut between code points.
std::string shortened(const std::string& text) {
    if (text.size() <= shown_text) return text;
    std::size_t end = shown_text;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end) + "...";
}

}  // namespace

std::size_t Mapping::index_of(std::string_view key) const {
    if (!index_.empty()) {
        const auto found = index_.find(key);
        return found == index_.end() ? absent : found->second;
    }
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (members_[i].key == key) return i;
    return absent;
}

void Mapping::index_members() {
    index_.clear();
    if (members_.size() < large_mapping) return;
    for (std::size_t i = 0; i < members_.size(); ++i) index_.emplace(members_[i].key, i);
}

const Value* Mapping::find(std::string_view key) const {
    const auto index = index_of(key);
    return index == absent ? nullptr : &members_[index].value;
}

Value* Mapping::find(std::string_view key) {
    const auto index = index_of(key);
    return index == absent ? nullptr : &members_[index].value;
}

const Mapping::Member* Mapping::member(std::string_view key) const {
    const auto index = index_of(key);
    return index == absent ? nullptr : &members_[index];
}

Value& Mapping::set(std::string key, Value value) {
    return set(std::move(key), SourcePosition{}, std::move(value));
}

Value& Mapping::set(std::string key, SourcePosition key_position, Value value) {
    if (const auto index = index_of(key); index != absent) {
        auto& member = members_[index];
        if (key_position.known()) member.key_position = std::move(key_position);
        return member.value = std::move(value);
    }
    if (!index_.empty()) index_.emplace(key, members_.size());
    members_.push_back(Member{std::move(key), std::move(key_position), std::move(value)});
    if (members_.size() == large_mapping) index_members();
    return members_.back().value;
}

bool Mapping::erase(std::string_view key) {
    const auto index = index_of(key);
    if (index == absent) return false;
    members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(index));
    index_members();
    return true;
}

bool Mapping::operator==(const Mapping& other) const {
    if (members_.size() != other.members_.size()) return false;
    return std::all_of(members_.begin(), members_.end(), [&](const Member& member) {
        const Value* const found = other.find(member.key);
        return found != nullptr && *found == member.value;
    });
}

Value::Value(std::uint64_t v) : data_(static_cast<std::int64_t>(v)) {
    if (v > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        throw Error(ErrorKind::invalid, "the number " + std::to_string(v) + " is out of range");
}
Value::Value(List v) : data_(Box<List>(std::move(v))) {}
Value::Value(Mapping v) : data_(Box<Mapping>(std::move(v))) {}

bool Value::boolean() const {
    if (const auto* held = std::get_if<bool>(&data_)) return *held;
    wrong_kind(*this, "true or false");
}

std::int64_t Value::integer() const {
    if (const auto* held = std::get_if<std::int64_t>(&data_)) return *held;
    wrong_kind(*this, "an integer");
}

double Value::real() const {
    if (const auto* held = std::get_if<double>(&data_)) return *held;
    if (const auto* held = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*held);
    wrong_kind(*this, "a number");
}

const std::string& Value::text() const {
    if (const auto* held = std::get_if<std::string>(&data_)) return *held;
    wrong_kind(*this, "a text");
}

const Value::List& Value::list() const {
    if (const auto* box = std::get_if<Box<List>>(&data_)) return *box->held;
    wrong_kind(*this, "a list");
}

Value::List& Value::list() {
    if (auto* box = std::get_if<Box<List>>(&data_)) return *box->held;
    wrong_kind(*this, "a list");
}

const Mapping& Value::mapping() const {
    if (const auto* box = std::get_if<Box<Mapping>>(&data_)) return *box->held;
    wrong_kind(*this, "a mapping");
}

Mapping& Value::mapping() {
    if (auto* box = std::get_if<Box<Mapping>>(&data_)) return *box->held;
    wrong_kind(*this, "a mapping");
}

const Value& Value::at(std::string_view key) const {
    if (const Value* const found = find(key)) return *found;
    throw Error(ErrorKind::missing, position_, "'" + std::string(key) + "' is missing");
}

std::string Value::described() const {
    switch (kind()) {
        case Kind::null:
            return "nothing";
        case Kind::boolean:
            return boolean() ? "true" : "false";
        case Kind::integer:
            return "the integer " + std::to_string(integer());
        case Kind::real:
            return "the number " + write_json(*this);
        case Kind::text:
            return "the text '" + shortened(text()) + "'";
        case Kind::list:
            return "a list";
        case Kind::mapping:
            if (mapping().size() == 1 && mapping().has("$out")) return "an output (!out)";
            if (mapping().size() == 1 && mapping().has("$secret")) return "a secret (!secret)";
            return "a mapping";
    }
    return "nothing";
}

Fields::Fields(const Value& mapping, std::string what) : mapping_(mapping.mapping()), what_(std::move(what)) {}

const Value& Fields::required(std::string_view key) {
    asked_.emplace_back(key);
    if (const Value* const found = mapping_.find(key)) return *found;
    throw Error(ErrorKind::invalid, what_ + ": '" + std::string(key) + "' is missing");
}

const Value* Fields::optional(std::string_view key) {
    asked_.emplace_back(key);
    const Value* const found = mapping_.find(key);
    return found != nullptr && !found->is_null() ? found : nullptr;
}

std::string Fields::text(std::string_view key, std::string fallback) {
    const Value* const found = optional(key);
    return found != nullptr ? found->text() : std::move(fallback);
}

std::int64_t Fields::integer(std::string_view key, std::int64_t fallback) {
    const Value* const found = optional(key);
    return found != nullptr ? found->integer() : fallback;
}

bool Fields::boolean(std::string_view key, bool fallback) {
    const Value* const found = optional(key);
    return found != nullptr ? found->boolean() : fallback;
}

std::vector<std::string> Fields::texts(std::string_view key) {
    std::vector<std::string> result;
    const Value* const found = optional(key);
    if (found == nullptr) return result;
    for (const auto& item : found->list()) result.push_back(item.text());
    return result;
}

void Fields::end() const {
    for (const auto& member : mapping_) {
        if (std::find(asked_.begin(), asked_.end(), member.key) != asked_.end()) continue;
        std::string text = what_ + ": unknown field '" + member.key + "'";
        if (const auto near = nearest(member.key, asked_); !near.empty()) text += "; did you mean '" + near + "'?";
        throw Error(ErrorKind::invalid, member.key_position, std::move(text));
    }
}

}  // namespace prove
