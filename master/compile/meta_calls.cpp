// See meta_calls.hpp.
#include "master/compile/meta_calls.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "master/compile/secret_values.hpp"

namespace prove {

namespace {

bool has_control_characters(const std::string& text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// A text that must be there: the name of a file or a state.
Reference required_name(const MetaPart& part, const char* argument, const char* what) {
    const Value* value = part.arguments.find(argument);
    if (value == nullptr) {
        part.wrong(part.position, part.function + " needs the argument " + quoted(argument) + ": " + what);
        return {};
    }
    if (value->is_text() && !value->text().empty()) return {value->text(), value->position()};
    part.wrong(value->position(),
               quoted(argument) + " of " + part.function + ": expected " + what + ", found " + value->described());
    return {};
}

Value parameters(const MetaPart& part) {
    const Value* with = part.arguments.find("with");
    if (with == nullptr) return Value();
    if (is_mapping_of_keys(*with)) return *with;
    part.wrong(with->position(), "'with' of " + part.function +
                                     ": expected a mapping from parameters to values, found " + with->described());
    return Value();
}

}  // namespace

void MetaPart::check_names(const std::vector<std::string>& known) const {
    for (const Mapping::Member& member : arguments.mapping()) {
        if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
        const std::string near = nearest(member.key, known);
        wrong(member.key_position,
              "unknown argument " + quoted(member.key) + " of " + function +
                  (near.empty() ? "; it takes " + join_words(known) : "; did you mean " + quoted(near) + "?"));
    }
}

DraftCall read_include(const MetaPart& part) {
    part.check_names({"file", "as", "with"});
    DraftCall call{required_name(part, "file", "the name of a state file"), parameters(part), part.where};
    const Value* as = part.arguments.find("as");
    if (as == nullptr) return call;
    const bool right = as->is_text() && !as->text().empty() && !has_control_characters(as->text()) &&
                       as->text().rfind("file:", 0) != 0;
    if (right)
        call.as = as->text();
    else
        part.wrong(as->position(),
                   "'as' of meta.include: expected a text that ids can begin with, found " + as->described());
    return call;
}

DraftCall read_run(const MetaPart& part) {
    DraftCall call;
    const Value* state = part.arguments.find("state");
    if (state != nullptr && state->is_text()) call.name = {state->text(), state->position()};
    if (state != nullptr && is_known_later(*state))
        part.wrong(state->position(), "'state' of meta.run: expected the id of a state, found " + state->described());
    const Value* with = part.arguments.find("with");
    if (with != nullptr && is_mapping_of_keys(*with)) call.with = *with;
    part.arguments.mapping().erase("with");
    return call;
}

Mapping* block_states(const MetaPart& part, const char* argument) {
    Value* value = part.arguments.is_mapping() ? part.arguments.mapping().find(argument) : nullptr;
    if (value == nullptr) return nullptr;
    if (!is_mapping_of_keys(*value))
        part.wrong(
            value->position(),
            quoted(argument) + " of meta.block: expected a mapping from ids to states, found " + value->described());
    else if (value->mapping().empty())
        part.wrong(value->position(), quoted(argument) + " of meta.block has no states");
    else
        return &value->mapping();
    return nullptr;
}

const std::vector<std::string>& shaping_functions() {
    static const std::vector<std::string> names = {"meta.group", "meta.block", "meta.include"};
    return names;
}

}  // namespace prove
