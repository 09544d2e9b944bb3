// A part's arguments, typed. Reading one that the schema does not declare is a fault of the function, not of its user.
#include "agent/functions/registry.hpp"
#include "agent/functions/argument_forms.hpp"
#include "proto/secret_text.hpp"

namespace prove {

namespace {

const Value& present(const std::map<std::string, Value>& values, const std::string& name) {
    const auto found = values.find(name);
    if (found == values.end())
        throw Error(ErrorKind::internal, "a function reads its argument '" + name + "', which is not there");
    return found->second;
}

}  // namespace

Arguments::Arguments(const FunctionSchema& schema, const Value& values, ContentSource* content) : content_(content) {
    Diagnostics diagnostics;
    check_arguments(schema, values, values.position(), "", diagnostics);
    if (diagnostics.has_errors()) {
        const Diagnostic& first = diagnostics.all().front();
        throw Error(ErrorKind::invalid, first.position, first.text);
    }
    if (holds_what_is_known_later(values))
        throw Error(ErrorKind::internal, "an argument is the output of another state or a secret, and not known yet");
    for (const auto& member : values.mapping()) values_.emplace(member.key, member.value);
    for (const Argument& argument : schema.arguments)
        if (!argument.fallback.is_null()) values_.emplace(argument.name, argument.fallback);
}

bool Arguments::has(const std::string& name) const {
    return values_.find(name) != values_.end();
}

const std::string& Arguments::text(const std::string& name) const {
    return present(values_, name).text();
}

std::optional<std::string> Arguments::optional_text(const std::string& name) const {
    return has(name) ? std::optional(text(name)) : std::nullopt;
}

Path Arguments::path(const std::string& name) const {
    return Path(text(name));
}

std::optional<Path> Arguments::optional_path(const std::string& name) const {
    return has(name) ? std::optional(path(name)) : std::nullopt;
}

bool Arguments::boolean(const std::string& name) const {
    return present(values_, name).boolean();
}

std::int64_t Arguments::integer(const std::string& name) const {
    return present(values_, name).integer();
}

std::optional<std::int64_t> Arguments::optional_integer(const std::string& name) const {
    return has(name) ? std::optional(integer(name)) : std::nullopt;
}

std::vector<std::string> Arguments::texts(const std::string& name) const {
    std::vector<std::string> result;
    if (!has(name)) return result;
    const Value& value = present(values_, name);
    if (value.is_text()) return {value.text()};
    for (const Value& member : value.list()) result.push_back(member.text());
    return result;
}

std::map<std::string, std::string> Arguments::text_map(const std::string& name) const {
    std::map<std::string, std::string> result;
    if (!has(name)) return result;
    for (const auto& member : present(values_, name).mapping()) result.emplace(member.key, member.value.text());
    return result;
}

std::vector<std::int64_t> Arguments::integers(const std::string& name) const {
    std::vector<std::int64_t> result;
    if (!has(name)) return result;
    const Value& value = present(values_, name);
    if (value.is_integer()) return {value.integer()};
    for (const Value& member : value.list()) result.push_back(member.integer());
    return result;
}

std::optional<unsigned> Arguments::mode(const std::string& name) const {
    if (!has(name)) return std::nullopt;
    unsigned result = 0;
    for (const char digit : text(name)) result = result * 8 + static_cast<unsigned>(digit - '0');
    return result;
}

Value Arguments::mapping(const std::string& name) const {
    return has(name) ? present(values_, name) : Value::object();
}

Command Arguments::command(const std::string& name) const {
    const Value& value = present(values_, name);
    if (value.is_text()) return Command::shell(value.text());
    Command command;
    command.argv = texts(name);
    return command;
}

std::optional<Content> Arguments::content(const std::string& name) const {
    if (!has(name)) return std::nullopt;
    const Value& value = present(values_, name);
    if (!is_blob(value))
        throw Error(ErrorKind::internal, "the argument '" + name + "' was not turned into a file by the compiler");
    Content content;
    content.hash = *Hash::from_hex_text(value.at("$blob").text());
    content.size = static_cast<std::uint64_t>(value.at("size").integer());
    content.source = content_;
    return content;
}

Attributes Arguments::attributes() const {
    return {optional_text("user"), optional_text("group"), mode("mode")};
}

}  // namespace prove
