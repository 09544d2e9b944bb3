// Strict reading of mappings. The words of all shape errors are here.
#include "master/catalog/shape.hpp"

#include <algorithm>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::size_t shown_candidates = 12;

// What people of YAML 1.1 write for booleans.
bool is_old_boolean(const Value& value) {
    if (!value.is_text()) return false;
    const auto text = lower(value.text());
    return text == "yes" || text == "no" || text == "on" || text == "off" || text == "true" || text == "false";
}

}  // namespace

std::string suggestion(const std::string& word, const std::vector<std::string>& candidates, const std::string& plural) {
    if (const auto near = nearest(word, candidates); !near.empty()) return "; did you mean " + quoted(near) + "?";
    if (candidates.empty()) return "; there are no " + plural;
    if (candidates.size() > shown_candidates) return "";
    return "; there are " + join_words(candidates);
}

Shape::Shape(const Value& value, std::string where, Diagnostics& diagnostics)
    : value_(value), where_(std::move(where)), diagnostics_(diagnostics) {
    if (value.is_mapping())
        mapping_ = &value.mapping();
    else if (!value.is_null())
        error(value.position(), "expected a mapping, found " + value.described());
}

void Shape::error(const SourcePosition& position, std::string text) {
    diagnostics_.error(position, where_, std::move(text));
}

SourcePosition Shape::position_of_key(const std::string& key) const {
    const auto* const member = mapping_ == nullptr ? nullptr : mapping_->member(key);
    return member == nullptr ? value_.position() : member->key_position;
}

void Shape::wrong_type(const std::string& key, const Value& value, const std::string& expected) {
    error(value.position(), "'" + key + "' is " + expected + ", found " + value.described());
}

const Value* Shape::find(const std::string& key) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
    return mapping_ == nullptr ? nullptr : mapping_->find(key);
}

std::optional<std::string> Shape::text(const std::string& key) {
    const auto* const value = find(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_text()) {
        wrong_type(key, *value, "a text");
        return std::nullopt;
    }
    if (value->text().empty()) {
        error(value->position(), "'" + key + "' is empty");
        return std::nullopt;
    }
    return value->text();
}

std::string Shape::required_text(const std::string& key) {
    if (find(key) == nullptr && mapping_ != nullptr) error(value_.position(), "'" + key + "' is missing");
    return text(key).value_or("");
}

std::optional<bool> Shape::boolean(const std::string& key) {
    const auto* const value = find(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_boolean()) return value->boolean();
    wrong_type(key, *value, is_old_boolean(*value) ? "true or false, written so and without quotes" : "true or false");
    return std::nullopt;
}

std::optional<std::int64_t> Shape::integer(const std::string& key, std::int64_t least, std::int64_t most) {
    const auto* const value = find(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_integer() && value->integer() >= least && value->integer() <= most) return value->integer();
    wrong_type(key, *value, "a number from " + std::to_string(least) + " to " + std::to_string(most));
    return std::nullopt;
}

std::optional<std::string> Shape::choice(const std::string& key, const std::vector<std::string>& choices) {
    const auto* const value = find(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_text() && std::find(choices.begin(), choices.end(), value->text()) != choices.end())
        return value->text();
    const auto near = value->is_text() ? nearest(value->text(), choices) : "";
    error(value->position(), "'" + key + "' is " + join_words(choices, "or") + ", found " + value->described() +
                                 (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
    return std::nullopt;
}

std::vector<NamedRef> Shape::names(const std::string& key) {
    std::vector<NamedRef> result;
    const auto* const value = find(key);
    if (value == nullptr || value->is_null()) return result;
    const auto take = [&](const Value& name) {
        if (!name.is_text())
            error(name.position(), "'" + key + "' holds names, found " + name.described());
        else if (name.text().empty())
            error(name.position(), "a name in '" + key + "' is empty");
        else
            result.push_back({name.text(), name.position()});
    };
    if (value->is_text()) {
        take(*value);
    } else if (value->is_list()) {
        for (const auto& name : value->list()) take(name);
    } else {
        wrong_type(key, *value, "a list of names");
    }
    return result;
}

Value Shape::mapping(const std::string& key) {
    const auto* const value = find(key);
    if (value != nullptr && value->is_mapping()) return *value;
    if (value != nullptr && !value->is_null()) wrong_type(key, *value, "a mapping");
    return Value::object();
}

void Shape::refuse(const std::string& key, const std::string& text) {
    if (mapping_ == nullptr || !mapping_->has(key)) return;
    find(key);
    error(position_of_key(key), text);
}

void Shape::end() {
    if (mapping_ == nullptr) return;
    for (const auto& member : *mapping_) {
        if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) continue;
        error(member.key_position, "unknown key " + quoted(member.key) + suggestion(member.key, known_, "keys"));
    }
}

}  // namespace prove
