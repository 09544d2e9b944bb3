// Strict settings: see settings.hpp.
#include "common/config/settings.hpp"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "common/yaml/yaml.hpp"

namespace prove {

Settings::Settings(Value mapping) : Settings(std::move(mapping), std::make_shared<Problems>()) {}

Settings::Settings(Value mapping, std::shared_ptr<Problems> problems)
    : mapping_(std::move(mapping)), problems_(std::move(problems)) {
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

void Settings::note(const SourcePosition& position, std::string text) {
    problems_->emplace_back(ErrorKind::invalid, position, std::move(text));
}

void Settings::wrong(std::string_view key, const std::string& what) {
    const Mapping::Member* member = mapping_.mapping().member(key);
    SourcePosition position = mapping_.position();
    if (member != nullptr)
        position = member->value.position().known() ? member->value.position() : member->key_position;
    note(position, std::string(key) + ": " + what);
}

bool Settings::has(std::string_view key) const {
    const Value* found = mapping_.find(key);
    return found != nullptr && !found->is_null();
}

std::string Settings::text(std::string_view key, std::string fallback, const Check& check) {
    const Value* value = ask(key);
    if (value == nullptr) return fallback;
    if (!value->is_text()) {
        wrong(key, "expected a text, found " + value->described());
        return fallback;
    }
    try {
        if (check) check(value->text());
    } catch (const Error& error) {
        wrong(key, error.text());
        return fallback;
    }
    return value->text();
}

std::optional<std::string> Settings::optional_text(std::string_view key) {
    if (ask(key) == nullptr) return std::nullopt;
    return text(key, "");
}

std::string Settings::path(std::string_view key, std::string fallback) {
    const std::string written = text(key, "");
    if (written.empty()) return fallback;
    const std::filesystem::path folder = std::filesystem::path(mapping_.position().file_name()).parent_path();
    return std::filesystem::absolute(folder / written).lexically_normal();
}

bool Settings::boolean(std::string_view key, bool fallback) {
    const Value* value = ask(key);
    if (value == nullptr) return fallback;
    if (value->is_boolean()) return value->boolean();
    wrong(key, "expected true or false, found " + value->described());
    return fallback;
}

std::int64_t Settings::integer(std::string_view key, std::int64_t fallback, Range range) {
    const Value* value = ask(key);
    if (value == nullptr) return fallback;
    if (!value->is_integer()) {
        wrong(key, "expected an integer, found " + value->described());
        return fallback;
    }
    const std::int64_t number = value->integer();
    if (number >= range.least && number <= range.most) return number;
    wrong(key, number < range.least
                   ? std::to_string(number) + " is below the least, " + std::to_string(range.least)
                   : std::to_string(number) + " is above the most, " + std::to_string(range.most));
    return fallback;
}

std::chrono::milliseconds Settings::duration(std::string_view key, std::chrono::milliseconds fallback) {
    const Value* value = ask(key);
    if (value == nullptr) return fallback;
    std::optional<std::chrono::milliseconds> result;
    if (value->is_text()) result = parse_duration(value->text());
    if (value->is_integer()) result = parse_duration(std::to_string(value->integer()));
    if (value->kind() == Value::Kind::real && value->real() >= 0 && value->real() < 1e9)
        result = std::chrono::milliseconds(static_cast<std::int64_t>(value->real() * 1'000 + 0.5));
    if (!result) wrong(key, "expected " + std::string(duration_wanted()) + ", found " + value->described());
    return result.value_or(fallback);
}

std::string Settings::choice(std::string_view key, std::string fallback, const std::vector<std::string>& choices) {
    return text(key, std::move(fallback), [&](const std::string& found) {
        if (std::find(choices.begin(), choices.end(), found) == choices.end())
            throw Error(ErrorKind::invalid, "expected " + join_words(choices, "or") + ", found " + prove::quoted(found));
    });
}

std::vector<std::string> Settings::texts(std::string_view key, const Check& check) {
    const Value* value = ask(key);
    if (value == nullptr) return {};
    std::vector<std::string> result;
    const auto take = [&](const Value& item) {
        try {
            if (!item.is_text()) throw Error(ErrorKind::invalid, "expected a text, found " + item.described());
            if (check) check(item.text());
            result.push_back(item.text());
        } catch (const Error& error) {
            note(item.position(), std::string(key) + ": " + error.text());
        }
    };
    if (value->is_list())
        for (const Value& item : value->list()) take(item);
    else if (value->is_text())
        take(*value);
    else
        wrong(key, "expected a text or a list of texts, found " + value->described());
    return result;
}

Settings Settings::section_of(std::string_view key) {
    const Value* value = ask(key);
    if (value != nullptr && value->is_mapping()) return Settings(*value, problems_);
    if (value != nullptr) wrong(key, "expected a mapping, found " + value->described());
    return Settings(Value::object(), problems_);
}

const Value* Settings::value(std::string_view key) {
    return ask(key);
}

void Settings::note_unknown() {
    for (const auto& member : mapping_.mapping()) {
        if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
        const std::string near = nearest(member.key, known_);
        note(member.key_position,
             "unknown setting " + prove::quoted(member.key) + (near.empty() ? "" : ", did you mean " + prove::quoted(near) + "?"));
    }
}

void Settings::end() {
    note_unknown();
    if (problems_->empty()) return;
    std::stable_sort(problems_->begin(), problems_->end(), [](const Error& a, const Error& b) {
        return std::tie(a.position().line, a.position().column) < std::tie(b.position().line, b.position().column);
    });
    std::string text;
    for (const Error& problem : *problems_) text += text.empty() ? problem.text() : "\n" + problem.full_text();
    throw Error(ErrorKind::invalid, problems_->front().position(), text);
}

}  // namespace prove
