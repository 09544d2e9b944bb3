// See secret_values.hpp.
#include "master/compile/secret_values.hpp"

#include <algorithm>
#include <map>

#include "common/text/text.hpp"
#include "master/catalog/secret_token.hpp"
#include "master/compile/data_file.hpp"
#include "proto/output_ref.hpp"

namespace prove {

namespace {

constexpr const char* only_printed =
    "a secret was passed through a filter; a template can print a secret as it is, and nothing else";

bool is_ciphertext(const Value& value) {
    return is_secret(value) && marks_in(secret_text(value)).empty();
}

void lift(Value& value, bool may_be_ciphertext, Diagnostics& diagnostics) {
    if (is_secret(value)) {
        if (is_ciphertext(value) && !may_be_ciphertext)
            diagnostics.error(value.position(), "",
                              "'!secret' stands among variables; let it stand there, and write ${vars.NAME} here");
    } else if (value.is_text()) {
        if (marks_in(value.text()).empty()) return;
        const SourcePosition position = value.position();
        Value text(value.text());
        text.set_position(position);
        value = Value::object();
        value.set("$secret", std::move(text));
        value.set_position(position);
    } else if (value.is_list()) {
        for (Value& member : value.list()) lift(member, may_be_ciphertext, diagnostics);
    } else if (value.is_mapping()) {
        for (Mapping::Member& member : value.mapping()) {
            if (!marks_in(member.key).empty())
                diagnostics.error(member.key_position, "", "a secret cannot be a key or an id, which are shown");
            lift(member.value, may_be_ciphertext, diagnostics);
        }
    }
}

// A word of its own: `facts` in "facts.os" and "ctx.facts", not in "artifacts".
bool has_word(const std::string& text, std::string_view word) {
    const auto is_part = [&](std::size_t at) {
        return at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_');
    };
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        if (!(at > 0 && is_part(at - 1)) && !is_part(at + word.size())) return true;
    return false;
}

// The text that the catalog's author wrote where this value stands.
const std::string& text_behind(const Value& value, const Catalog& catalog, const SourceFile& source) {
    const std::string& path = value.position().file_name();
    if (path == *source.path) return source.text;
    const SourceFile* included = catalog.source_file(path);
    return included != nullptr ? included->text : source.text;
}

void check_ciphertexts(const Value& value, const Catalog& catalog, const SourceFile& source, SecretRule rule,
                       Diagnostics& diagnostics) {
    if (is_ciphertext(value)) {
        const std::string& text = text_behind(value, catalog, source);
        const auto asks = [](const std::string& one) { return has_word(one, "facts") || has_word(one, "targets"); };
        const bool is_open = rule == SecretRule::allowed && needs_rendering(source);
        if (is_open && (asks(source.text) || asks(text)))
            rule = SecretRule::reads_facts;
        else if (is_open && text.find(secret_text(value)) == std::string::npos)
            diagnostics.error(value.position(), "",
                              "this '!secret' is not written in the file, but comes out of a value; nothing but the "
                              "catalog's own text may say which secrets a target gets");
        if (rule != SecretRule::allowed) check_secrets(value, "", rule, diagnostics);
        return;
    }
    if (value.is_list())
        for (const Value& member : value.list()) check_ciphertexts(member, catalog, source, rule, diagnostics);
    if (value.is_mapping())
        for (const Mapping::Member& member : value.mapping())
            check_ciphertexts(member.value, catalog, source, rule, diagnostics);
}

template <class Visit>
void each_text_with_marks(const Value& value, const Visit& visit) {
    if (is_secret(value)) return visit(value);
    if (value.is_list())
        for (const Value& member : value.list()) each_text_with_marks(member, visit);
    if (value.is_mapping())
        for (const Mapping::Member& member : value.mapping()) each_text_with_marks(member.value, visit);
}

template <class Visit>
void each_condition(const Node& node, const Visit& visit) {
    for (const Probe& probe : node.probes)
        for (const Condition& condition : probe.conditions) visit(condition.value);
    for (const Variant& variant : node.variants) {
        for (const auto* conditions : {&variant.onlyif, &variant.unless})
            for (const Condition& condition : *conditions) visit(condition.value);
        for (const StatePart& part : variant.parts)
            for (const auto* conditions : {&part.onlyif, &part.unless, &part.that})
                for (const Condition& condition : *conditions) visit(condition.value);
    }
}

bool has_secret(const StatePart& part) {
    const auto holds = [](const std::vector<Condition>& conditions) {
        return std::any_of(conditions.begin(), conditions.end(),
                           [](const Condition& condition) { return holds_secret(condition.value); });
    };
    return holds_secret(part.arguments) || holds(part.onlyif) || holds(part.unless) || holds(part.that);
}

// Who takes what: the states whose outputs a part names.
class Spread {
  public:
    Spread(const FunctionRegistry& functions, std::vector<Node>& nodes) : functions_(functions), nodes_(nodes) {
        for (NodeIndex index = 0; index < nodes.size(); ++index) by_id_.emplace(nodes[index].id, index);
    }

    void run() {
        each_part([](StatePart& part) { return has_secret(part); });
        while (each_part([this](StatePart& part) { return takes_secret(part); })) {
        }
    }

  private:
    template <class Is>
    bool each_part(Is is) {
        bool any = false;
        for (Node& node : nodes_)
            for (Variant& variant : node.variants)
                for (StatePart& part : variant.parts)
                    if (!part.sensitive && is(part)) any = part.sensitive = true;
        return any;
    }

    bool takes_secret(const StatePart& part) const {
        bool secret = false;
        const auto look = [&](const Value& value) {
            for_each_output(value, [&](const Value& reference) {
                // A reference that is wrong has been told.
                const Value* name = reference.find("$out");
                if (name != nullptr && name->is_text()) secret = secret || gives_secret(name->text());
            });
        };
        look(part.arguments);
        for (const auto* conditions : {&part.onlyif, &part.unless, &part.that})
            for (const Condition& condition : *conditions) look(condition.value);
        return secret;
    }

    bool gives_secret(const std::string& reference) const {
        const std::size_t dot = reference.rfind('.');
        if (dot == std::string::npos) return false;
        const auto giver = by_id_.find(StateId(reference.substr(0, dot)));
        if (giver == by_id_.end()) return false;
        for (const Variant& variant : nodes_[giver->second].variants)
            for (const StatePart& part : variant.parts) {
                const Function* function = functions_.find(part.function);
                const Output* output =
                    function == nullptr ? nullptr : function->schema.output(reference.substr(dot + 1));
                if (output != nullptr && (output->sensitive || part.sensitive)) return true;
            }
        return false;
    }

    const FunctionRegistry& functions_;
    std::vector<Node>& nodes_;
    std::map<StateId, NodeIndex> by_id_;
};

void lint_secret(const StatePart& part, const Argument& argument, const Mapping::Member& member,
                 const std::string& where, Diagnostics& diagnostics) {
    if (argument.type == ArgumentType::command)
        diagnostics.warning(member.key_position.known() ? member.key_position : part.position, where,
                            "a secret in " + quoted(member.key) +
                                " can be read by every user of the host while it runs; give it by 'stdin' or 'env'");
}

}  // namespace

bool is_mapping_of_keys(const Value& value) {
    return value.is_mapping() && !is_secret(value);
}

void take_secrets(Value& variables, SecretTable& secrets) {
    if (is_ciphertext(variables)) {
        const std::string ciphertext = secret_text(variables);
        const std::string mark = secret_mark(ciphertext);
        secrets.emplace(mark, ciphertext);
        variables.set("$secret", mark);
    } else if (variables.is_list()) {
        for (Value& member : variables.list()) take_secrets(member, secrets);
    } else if (variables.is_mapping()) {
        for (Mapping::Member& member : variables.mapping()) take_secrets(member.value, secrets);
    }
}

void lift_secrets(Value& value, Diagnostics& diagnostics) {
    lift(value, false, diagnostics);
}

void lift_variable_secrets(Value& value, const Catalog& catalog, const SourceFile& source, SecretRule rule,
                           Diagnostics& diagnostics) {
    check_ciphertexts(value, catalog, source, rule, diagnostics);
    lift(value, true, diagnostics);
}

std::string filtered_secret(const std::string& text, const SecretTable& secrets) {
    return changed_mark(text, secrets).empty() ? "" : only_printed;
}

void spread_secrecy(const FunctionRegistry& functions, std::vector<Node>& nodes) {
    Spread(functions, nodes).run();
}

void lint_secrets(const FunctionRegistry& functions, const std::vector<Node>& nodes, Diagnostics& diagnostics) {
    for (const Node& node : nodes)
        for (const Variant& variant : node.variants)
            for (const StatePart& part : variant.parts)
                if (const Function* function = functions.find(part.function))
                    for (const Mapping::Member& member : part.arguments.mapping())
                        if (const Argument* argument = function->schema.argument(member.key);
                            argument != nullptr && holds_secret(member.value))
                            lint_secret(part, *argument, member, node.id.text(), diagnostics);
}

SecretTable named_secrets(const std::vector<Node>& nodes, const SecretTable& all, Diagnostics& diagnostics) {
    SecretTable named;
    for (const Node& node : nodes) {
        const auto look = [&](const Value& value) {
            each_text_with_marks(value, [&](const Value& secret) {
                for (const std::string& mark : marks_in(secret_text(secret)))
                    if (const auto found = all.find(mark); found != all.end())
                        named.insert(*found);
                    else
                        diagnostics.error(secret.position(), node.id.text(),
                                          "this text looks like one with a secret in it, and there is no such secret");
            });
        };
        each_condition(node, look);
        for (const Variant& variant : node.variants)
            for (const StatePart& part : variant.parts) look(part.arguments);
    }
    return named;
}

Value shown_run(const StateRun& run, const FunctionRegistry& functions) {
    StateRun for_eyes = run;
    for (Node& node : for_eyes.nodes)
        for (Variant& variant : node.variants)
            for (StatePart& part : variant.parts)
                if (const Function* function = functions.find(part.function))
                    for (Mapping::Member& member : part.arguments.mapping())
                        if (const Argument* argument = function->schema.argument(member.key);
                            argument != nullptr && argument->sensitive)
                            member.value = Value("***");
    return shown(to_value(for_eyes));
}

Diagnostic without_marks(Diagnostic diagnostic) {
    diagnostic.where = without_marks(diagnostic.where);
    diagnostic.text = without_marks(diagnostic.text);
    for (std::string& context : diagnostic.contexts) context = without_marks(context);
    diagnostic.excerpt = without_marks(diagnostic.excerpt);
    return diagnostic;
}

}  // namespace prove
