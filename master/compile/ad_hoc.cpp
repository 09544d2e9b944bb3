// From words to a draft.
#include "master/compile/ad_hoc.hpp"

#include <algorithm>
#include <charconv>

#include "common/text/text.hpp"
#include "common/yaml/yaml.hpp"
#include "master/compile/gather_files.hpp"
#include "master/compile/meta_calls.hpp"
#include "master/compile/secret_values.hpp"
#include "master/compile/state_keys.hpp"
#include "master/compile/state_reader.hpp"

namespace prove {

namespace {

// Keys of a state that mean something where there are no others.
const std::vector<std::string> keys_of_one = {"onlyif", "unless", "timeout", "retry", "verify", "sensitive", "description"};

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

// Whether it is written as a list or a mapping of YAML.
bool is_flow(const std::string& text) {
    if (text.size() < 2) return false;
    return (text.front() == '[' && text.back() == ']') || (text.front() == '{' && text.back() == '}');
}

// "[ -e /x -a ! -e /y ]" is a shell line: in there a blank follows the bracket. So is "{ rm /x; }".
bool is_shell_line(const std::string& text) {
    return !is_flow(text) || is_blank(text[1]);
}

std::optional<std::int64_t> whole_number(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

class WordReader {
  public:
    WordReader(const FunctionRegistry& functions, const AdHocState& state, Diagnostics& diagnostics)
        : function_(functions.find(state.function)), state_(state), diagnostics_(diagnostics) {}

    // The part, as a state file has it.
    Value part() {
        Value part = Value::object();
        part.set("fn", state_.function);
        std::size_t number = 0;
        for (const auto& member : state_.arguments.mapping()) {
            const SourcePosition place{std::make_shared<const std::string>("argument " + std::to_string(++number)), 0, 0};
            if (member.key == "fn") {
                diagnostics_.error(place, ad_hoc_id, "the function is named before its arguments");
                continue;
            }
            if (is_state_key(member.key) && !is_key_of_one(member.key)) {
                diagnostics_.error(place, ad_hoc_id, quoted(member.key) +
                                                         " is about other states, and here is only one; the keys that "
                                                         "it may have are " + join_words(keys_of_one));
                continue;
            }
            if (member.key == "content" && member.value.is_mapping()) {
                wrong_value(place, "a content by its hash stands beside the arguments, not among them");
                part.set(member.key, "");
                continue;
            }
            Value value = member.value.is_text() ? read(member.key, member.value.text(), place) : member.value;
            set_places(value, place);
            part.mapping().set(member.key, place, std::move(value));
        }
        if (state_.content) part.set("content", content());
        return part;
    }
    // Whether what is wrong there has been told.
    bool has_told(const SourcePosition& place) const {
        return std::find(told_.begin(), told_.end(), place) != told_.end();
    }

  private:
    void wrong_value(const SourcePosition& place, const std::string& text) {
        diagnostics_.error(place, ad_hoc_id, text);
        told_.push_back(place);
    }

    static bool is_key_of_one(const std::string& key) {
        return std::find(keys_of_one.begin(), keys_of_one.end(), key) != keys_of_one.end();
    }

    Value content() const {
        Value content = Value::object();
        content.set("$blob", state_.content->hash.hex());
        content.set("size", state_.content->size);
        return content;
    }

    Value read(const std::string& name, const std::string& word, const SourcePosition& place) {
        switch (type_of(name)) {
            case ArgumentType::boolean:
                if (word == "true" || word == "false") return Value(word == "true");
                break;
            case ArgumentType::integer:
            case ArgumentType::duration:
                if (const auto number = whole_number(word)) return Value(*number);
                break;
            case ArgumentType::integer_list:
                if (const auto number = whole_number(word)) return Value(*number);
                [[fallthrough]];
            case ArgumentType::text_list:
                if (is_flow(word)) return read_flow(name, word, place);
                break;
            case ArgumentType::command:
                if (!is_shell_line(word)) return read_flow(name, word, place);
                break;
            case ArgumentType::text_map:
            case ArgumentType::mapping:
            case ArgumentType::list:
            case ArgumentType::any: return read_flow(name, word, place);
            case ArgumentType::text:
            case ArgumentType::path:
            case ArgumentType::mode:
            case ArgumentType::choice:
            case ArgumentType::source: break;
        }
        return word;
    }

    ArgumentType type_of(const std::string& name) const {
        if (name == "verify" || name == "sensitive") return ArgumentType::boolean;
        if (name == "timeout") return ArgumentType::duration;
        if (name == "retry") return ArgumentType::any;
        if (name == "onlyif" || name == "unless") return ArgumentType::command;
        if (name == "description" || function_ == nullptr) return ArgumentType::text;
        const Argument* argument = function_->schema.argument(name);
        // What a function takes without declaring it may be anything.
        if (argument == nullptr) return function_->schema.open ? ArgumentType::any : ArgumentType::text;
        return argument->type;
    }

    // As YAML reads it.
    Value read_flow(const std::string& name, const std::string& word, const SourcePosition& place) {
        if (word.empty()) return word;
        Diagnostics wrong;
        auto value = read_yaml(word, place.file, wrong);
        if (value) {
            return std::move(*value);
        }
        for (const Diagnostic& one : wrong.sorted()) wrong_value(place, "argument " + quoted(name) + ": " + one.text);
        return word;
    }

    static void set_places(Value& value, const SourcePosition& place) {
        value.set_position(place);
        if (value.is_list())
            for (Value& member : value.list()) set_places(member, place);
        if (value.is_mapping())
            for (Mapping::Member& member : value.mapping()) {
                member.key_position = place;
                set_places(member.value, place);
            }
    }

    const Function* function_;
    const AdHocState& state_;
    Diagnostics& diagnostics_;
    std::vector<SourcePosition> told_;
};

bool is_meta(const std::string& name, const FunctionRegistry& functions) {
    const auto& shaping = shaping_functions();
    return (name.starts_with("meta.") && functions.find(name) != nullptr) ||
           std::find(shaping.begin(), shaping.end(), name) != shaping.end();
}

}  // namespace

AdHocState ad_hoc_from(const Value& value) {
    Fields fields(value, "a state");
    AdHocState state;
    state.function = fields.text("function");
    if (const Value* arguments = fields.optional("arguments")) {
        arguments->mapping();  // throws where it is something else
        state.arguments = *arguments;
    }
    if (const Value* content = fields.optional("content")) {
        Fields of_content(*content, "a content");
        const auto hash = Hash::from_hex_text(of_content.text("hash"));
        const std::int64_t size = of_content.integer("size");
        if (!hash || size < 0) throw Error(ErrorKind::invalid, "a content is {hash: 64 hexadecimal digits, size: its bytes}");
        state.content = BlobRef{*hash, static_cast<std::uint64_t>(size)};
        of_content.end();
    }
    fields.end();
    return state;
}

Value to_value(const AdHocState& state) {
    Value value = Value::object();
    value.set("function", state.function);
    value.set("arguments", state.arguments);
    if (!state.content) return value;
    Value content = Value::object();
    content.set("hash", state.content->hash.hex());
    content.set("size", state.content->size);
    value.set("content", std::move(content));
    return value;
}

GatheredFiles gather_ad_hoc(const AdHocState& state, const FunctionRegistry& functions, Diagnostics& diagnostics) {
    GatheredFiles gathered;
    if (is_meta(state.function, functions)) {
        diagnostics.error({}, ad_hoc_id, quoted(state.function) +
                                             " is for state files: alone it changes nothing; 'prove-cli functions' "
                                             "lists what does");
        return gathered;
    }
    if (state.content && state.function != "file.managed") {
        diagnostics.error({}, ad_hoc_id, "only file.managed takes a content, not " + quoted(state.function));
        return gathered;
    }
    SourceFile source;
    source.name = "command line";
    source.path = std::make_shared<const std::string>(source.name);
    Value document = Value::object();
    WordReader reader(functions, state, diagnostics);
    document.set(ad_hoc_id, reader.part());
    Diagnostics found;
    lift_secrets(document, found);
    std::vector<DraftFile> drafts;
    drafts.push_back(read_states(std::move(document), functions, {}, found));
    for (const Diagnostic& one : found.all())
        if (!reader.has_told(one.position)) diagnostics.add(one);
    CompiledFile file;
    file.name = source.name;
    file.path = source.path;
    file.draft = std::make_shared<const DraftFile>(join_renderings(std::move(drafts), {}, source, diagnostics));
    gathered.files.push_back(std::move(file));
    gathered.order.push_back(0);
    return gathered;
}

void check_ad_hoc(const AdHocState& state, const FunctionRegistry& functions) {
    Diagnostics found;
    (void)gather_ad_hoc(state, functions, found);
    std::vector<std::string> lines;
    for (const Diagnostic& diagnostic : found.sorted()) {
        if (diagnostic.severity != Diagnostic::Severity::error) continue;
        const std::string place = diagnostic.position.text();
        lines.push_back(place.empty() ? diagnostic.text : place + ": " + diagnostic.text);
    }
    if (!lines.empty()) throw Error(ErrorKind::usage, join(lines, "\n"));
}

}  // namespace prove
