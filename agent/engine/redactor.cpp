// See redactor.hpp.
#include "agent/engine/redactor.hpp"

#include <algorithm>
#include <utility>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr std::size_t shortest = 4;
constexpr std::size_t shortest_line = 8;
constexpr std::string_view hidden = "***";

std::string in_json(const std::string& text) {
    const std::string quoted = write_json(Value(text));
    return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

Redactor::Redactor(const SecretTable& secrets) {
    for (const auto& [mark, secret] : secrets) {
        const std::string_view whole = trim(secret);
        if (whole.size() >= shortest) wanted_.emplace_back(whole);
        if (whole.find('\n') == std::string_view::npos) continue;
        for (const std::string& line : split_lines(std::string(whole)))
            if (trim(line).size() >= shortest_line) wanted_.emplace_back(trim(line));
    }
    for (std::size_t i = 0, count = wanted_.size(); i < count; ++i) wanted_.push_back(in_json(wanted_[i]));
    std::sort(wanted_.begin(), wanted_.end(), [](const std::string& a, const std::string& b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    wanted_.erase(std::unique(wanted_.begin(), wanted_.end()), wanted_.end());
}

std::string Redactor::text(std::string_view text) const {
    std::string result(text);
    for (const std::string& secret : wanted_)
        for (std::size_t at = result.find(secret); at != std::string::npos;
             at = result.find(secret, at + hidden.size()))
            result.replace(at, secret.size(), hidden);
    return result;
}

Value Redactor::value(const Value& value) const {
    if (wanted_.empty()) return value;
    if (value.is_text()) return Value(text(value.text()));
    Value result = value;
    if (result.is_list())
        for (Value& member : result.list()) member = this->value(member);
    if (!result.is_mapping()) return result;
    result = Value::object();
    for (const Mapping::Member& member : value.mapping()) result.set(text(member.key), this->value(member.value));
    return result;
}

void Redactor::redact(StatePartInvocation& part) const {
    for (std::string* one : {&part.subject, &part.description, &part.reason, &part.output}) *one = text(*one);
    for (Change& change : part.changes)
        for (std::string* one : {&change.resource, &change.aspect, &change.before, &change.after, &change.diff})
            *one = text(*one);
    part.outputs = value(part.outputs);
}

void Redactor::redact(StateInvocation& invocation) const {
    if (wanted_.empty()) return;
    invocation.reason = text(invocation.reason);
    for (StatePartInvocation& part : invocation.parts) redact(part);
}

void Redactor::redact(RunReport& report) const {
    if (wanted_.empty()) return;
    report.reason = text(report.reason);
    for (std::string& note : report.notes) note = text(note);
    for (StateInvocation& invocation : report.invocations) redact(invocation);
}

// How many bytes at its end may be the begin of a secret.
std::size_t Redactor::unfinished(std::string_view text) const {
    std::size_t most = 0;
    for (const std::string& secret : wanted_)
        for (std::size_t size = std::min(secret.size() - 1, text.size()); size > most; --size)
            if (secret.compare(0, size, text.substr(text.size() - size)) == 0) most = size;
    return most;
}

std::string Redactor::Stream::next(std::string_view bytes) {
    held_ = redactor_.text(held_.append(bytes));
    const std::size_t later = redactor_.unfinished(held_);
    std::string now = held_.substr(0, held_.size() - later);
    held_.erase(0, now.size());
    return now;
}

std::string Redactor::Stream::rest() {
    return std::exchange(held_, {});
}

}  // namespace prove
