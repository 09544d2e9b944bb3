// Strict settings: see settings.hpp.
#include "common/config/settings.hpp"

#include <algorithm>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/yaml/yaml.hpp"

namespace prove {

Settings::Settings(Value mapping) : mapping_(std::move(mapping)) {
    if (mapping_.is_null()) mapping_ = Value::object();
    if (!mapping_.is_mapping())
        throw Error(ErrorKind::invalid, mapping_.position(),
                    "settings are a mapping of names to values, not " + mapping_.described());
}

Settings Settings::from_text(std::string_view text, const std::string& name) {
    try {
        return Settings(read_yaml(text, std::make_shared<const std::string>(name)));
    } catch (const CatalogError& error) {
        // A settings file is no catalog; its first mistake is enough.
        throw Error(ErrorKind::invalid, error.position(), error.text());
    }
}

Settings load_settings(const std::string& path, TrustCheck check) {
    if (check == TrustCheck::owner && exists(path)) check_trusted_file(path);
    return Settings::from_text(read_whole_file(path, YamlLimits{}.bytes), path);
}

const Value* Settings::ask(std::string_view key) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
    const Value* found = mapping_.find(key);
    return found == nullptr || found->is_null() ? nullptr : found;
}

const Value& Settings::require(std::string_view key) {
    if (const Value* found = ask(key)) return *found;
    throw Error(ErrorKind::invalid, mapping_.position(), "the setting " + quoted(key) + " is missing");
}

Error Settings::wrong(std::string_view key, const std::string& what) const {
    const Mapping::Member* member = mapping_.mapping().member(key);
    SourcePosition position = mapping_.position();
    if (member != nullptr)
        position = member->value.position().known() ? member->value.position() : member->key_position;
    return Error(ErrorKind::invalid, position, std::string(key) + ": " + what);
}

bool Settings::has(std::string_view key) const {
    const Value* found = mapping_.find(key);
    return found != nullptr && !found->is_null();
}

std::string Settings::text(std::string_view key) {
    const Value& value = require(key);
    if (!value.is_text()) throw wrong(key, "expected a text, found " + value.described());
    return value.text();
}

std::string Settings::text(std::string_view key, std::string fallback) {
    return ask(key) == nullptr ? std::move(fallback) : text(key);
}

std::optional<std::string> Settings::optional_text(std::string_view key) {
    if (ask(key) == nullptr) return std::nullopt;
    return text(key);
}

bool Settings::boolean(std::string_view key, bool fallback) {
    const Value* value = ask(key);
    if (value == nullptr) return fallback;
    if (!value->is_boolean()) throw wrong(key, "expected true or false, found " + value->described());
    return value->boolean();
}

std::int64_t Settings::integer(std::string_view key, std::int64_t fallback, Range range) {
    const Value* value = ask(key);
    if (value == nullptr) return fallback;
    if (!value->is_integer()) throw wrong(key, "expected an integer, found " + value->described());
    const std::int64_t number = value->integer();
    if (number < range.least)
        throw wrong(key, std::to_string(number) + " is below the least, " + std::to_string(range.least));
    if (number > range.most)
        throw wrong(key, std::to_string(number) + " is above the most, " + std::to_string(range.most));
    return number;
}

std::chrono::milliseconds Settings::duration(std::string_view key, std::chrono::milliseconds fallback) {
    const Value* value = ask(key);
    if (value == nullptr) return fallback;
    std::optional<std::chrono::milliseconds> result;
    if (value->is_text()) result = parse_duration(value->text());
    if (value->is_integer()) result = parse_duration(std::to_string(value->integer()));
    if (value->kind() == Value::Kind::real && value->real() >= 0 && value->real() < 1e9)
        result = std::chrono::milliseconds(static_cast<std::int64_t>(value->real() * 1'000 + 0.5));
    if (!result) throw wrong(key, "expected " + std::string(duration_wanted()) + ", found " + value->described());
    return *result;
}

std::string Settings::choice(std::string_view key, std::string fallback, const std::vector<std::string>& choices) {
    const std::string found = text(key, std::move(fallback));
    if (std::find(choices.begin(), choices.end(), found) == choices.end())
        throw wrong(key, "expected " + join_words(choices, "or") + ", found " + quoted(found));
    return found;
}

std::vector<std::string> Settings::texts(std::string_view key) {
    const Value* value = ask(key);
    if (value == nullptr) return {};
    if (value->is_text()) return {value->text()};
    if (!value->is_list()) throw wrong(key, "expected a text or a list of texts, found " + value->described());
    std::vector<std::string> result;
    for (const Value& item : value->list()) {
        if (!item.is_text())
            throw Error(ErrorKind::invalid, item.position(),
                        std::string(key) + ": expected a text, found " + item.described());
        result.push_back(item.text());
    }
    return result;
}

Settings Settings::section_of(std::string_view key) {
    const Value* value = ask(key);
    if (value == nullptr) return Settings(Value::object());
    if (!value->is_mapping()) throw wrong(key, "expected a mapping, found " + value->described());
    return Settings(*value);
}

const Value* Settings::value(std::string_view key) {
    return ask(key);
}

void Settings::end() const {
    std::string text;
    SourcePosition position;
    for (const auto& member : mapping_.mapping()) {
        if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
        if (text.empty()) {
            position = member.key_position;
        } else {
            text += "; ";
        }
        text += "unknown setting " + quoted(member.key);
        if (const std::string near = nearest(member.key, known_); !near.empty())
            text += ", did you mean " + quoted(near) + "?";
    }
    if (!text.empty()) throw Error(ErrorKind::invalid, position, text);
}

}  // namespace prove
