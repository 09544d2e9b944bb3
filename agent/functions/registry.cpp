// The registry itself: functions by name, and what a part is about in reports.
#include "agent/functions/registry.hpp"

namespace prove {

namespace {

constexpr std::size_t subject_characters = 80;

// At most `limit` characters of the first line; never cut inside a character.
std::string shortened(const std::string& text) {
    std::size_t characters = 0;
    std::size_t end = 0;
    while (end < text.size() && text[end] != '\n') {
        std::size_t next = end + 1;
        while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0) == 0x80) ++next;
        if (++characters >= subject_characters && next < text.size()) return text.substr(0, end) + "…";
        end = next;
    }
    return end == text.size() ? text : text.substr(0, end) + "…";
}

std::string joined(const Value::List& list, const char* separator) {
    std::string result;
    for (const Value& member : list) {
        if (!member.is_text()) continue;
        if (!result.empty()) result += separator;
        result += member.text();
    }
    return result;
}

}  // namespace

void FunctionRegistry::add(Function function) {
    std::string name = function.schema.name;
    if (!functions_.emplace(name, std::move(function)).second)
        throw Error(ErrorKind::internal, "two state functions are called '" + name + "'");
}

const Function* FunctionRegistry::find(const std::string& name) const {
    const auto found = functions_.find(name);
    return found == functions_.end() ? nullptr : &found->second;
}

std::vector<std::string> FunctionRegistry::names() const {
    std::vector<std::string> result;
    for (const auto& [name, function] : functions_) result.push_back(name);
    return result;
}

std::string FunctionRegistry::subject(const std::string& function, const Value& arguments) const {
    const Function* known = find(function);
    if (known == nullptr || !arguments.is_mapping()) return "";
    const Value* value = arguments.find(known->subject);
    if (value == nullptr) return "";
    if (value->is_text()) return shortened(value->text());
    if (!value->is_list()) return "";
    const Argument* argument = known->schema.argument(known->subject);
    const bool is_command = argument != nullptr && argument->type == ArgumentType::command;
    return shortened(joined(value->list(), is_command ? " " : ", "));
}

}  // namespace prove
