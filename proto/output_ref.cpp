// Finding and reading references to outputs.
#include "proto/output_ref.hpp"

#include <algorithm>

namespace prove {

namespace {

constexpr const char* key = "$out";

}  // namespace

bool is_output(const Value& value) {
    return value.is_mapping() && value.mapping().has(key);
}

OutputRef output_ref(const Value& value) {
    const auto wrong = [&](const std::string& text) { return Error(ErrorKind::invalid, value.position(), text); };
    if (value.mapping().size() != 1) throw wrong("an output stands alone: {\"$out\": \"state.name\"}");
    const Value& written = value.at(key);
    if (!written.is_text())
        throw wrong("'!out' expects a text such as certificate.not_after, found " + written.described());
    const std::string& text = written.text();
    const std::size_t dot = text.rfind('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == text.size())
        throw wrong("'!out' expects a state and the name of its output, such as certificate.not_after, found '" + text +
                    "'");
    return {StateId(text.substr(0, dot)), text.substr(dot + 1)};
}

void for_each_output(const Value& value, const std::function<void(const Value& reference)>& visit) {
    if (is_output(value)) return visit(value);
    if (value.is_list())
        for (const Value& member : value.list()) for_each_output(member, visit);
    if (value.is_mapping())
        for (const Mapping::Member& member : value.mapping()) for_each_output(member.value, visit);
}

bool holds_output(const Value& value) {
    if (is_output(value)) return true;
    if (value.is_list()) return std::any_of(value.list().begin(), value.list().end(), holds_output);
    return value.is_mapping() && std::any_of(value.mapping().begin(), value.mapping().end(),
                                             [](const Mapping::Member& member) { return holds_output(member.value); });
}

}  // namespace prove
