// Fields of a state, by name.
#include "master/looking/shown_state.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "proto/late.hpp"
#include "proto/secret_text.hpp"

namespace prove {

namespace {

Value conditions_value(const std::vector<Condition>& conditions) {
    Value list = Value::array();
    for (const Condition& condition : conditions) {
        if (condition.kind == Condition::Kind::command) {
            list.push(condition.value);
            continue;
        }
        Value one = Value::object();
        one.set(name_of(condition.kind), condition.value);
        list.push(std::move(one));
    }
    return list.list().size() == 1 ? Value(list.list().front()) : list;
}

class FieldList {
  public:
    FieldList(const Compiled& compiled, const FunctionRegistry& functions)
        : compiled_(compiled), run_(*compiled.run), functions_(functions) {}

    std::vector<ShownField> of(const Node& node) {
        flag("lazy", node.lazy);
        flag("defer", node.defer);
        ids("requires", node.requirements);
        ids("states", node.members);
        ids("rescue", node.rescue);
        ids("always", node.always);
        for (const Probe& probe : node.probes) conditions("probe " + probe.name, probe.conditions, false);
        for (const Variant& variant : node.variants) {
            prefix_ = node.probes.empty() ? "" : "when " + answers(node, variant.mask) + ": ";
            add(variant);
        }
        return std::move(fields_);
    }

  private:
    static std::string answers(const Node& node, std::uint32_t mask) {
        std::vector<std::string> words;
        for (std::size_t i = 0; i < node.probes.size(); ++i)
            words.push_back((((mask >> i) & 1) != 0 ? "" : "not ") + node.probes[i].name);
        return join(words, " and ");
    }

    void add(const Variant& variant) {
        ids(prefix_ + "notify", variant.notify);
        ids(prefix_ + "notify_failure", variant.notify_failure);
        bool secret = false;
        for (const StatePart& part : variant.parts) secret = secret || part.sensitive;
        conditions(prefix_ + "onlyif", variant.onlyif, secret);
        conditions(prefix_ + "unless", variant.unless, secret);
        text(prefix_ + "description", variant.description, secret);
        const std::string before = prefix_;
        for (std::size_t i = 0; i < variant.parts.size(); ++i) {
            prefix_ = before + (variant.parts.size() == 1 ? "" : "part " + std::to_string(i + 1) + ", ");
            add(variant.parts[i]);
        }
        prefix_ = before;
    }

    void add(const StatePart& part) {
        field(prefix_ + "fn", part.function, false);
        const std::string own = prefix_ + part.function + ": ";
        const Function* function = functions_.find(part.function);
        for (const Mapping::Member& member : part.arguments.mapping()) {
            if (part.function == late_function && member.key == "basis") continue;  // of the catalog as a whole
            const Argument* argument = function == nullptr ? nullptr : function->schema.argument(member.key);
            const bool hidden = part.sensitive || (argument != nullptr && argument->sensitive);
            field(own + member.key, member.value, hidden);
            if (member.key == "content" && member.value.is_mapping()) fields_.back().content = blob(member.value);
        }
        ids(own + "notify", part.notify);
        ids(own + "notify_failure", part.notify_failure);
        conditions(own + "onlyif", part.onlyif, part.sensitive);
        conditions(own + "unless", part.unless, part.sensitive);
        conditions(own + "that", part.that, part.sensitive);
        if (part.timeout.count() != 0) field(own + "timeout", std::to_string(part.timeout.count()) + "ms", false);
        if (part.retry != Retry()) field(own + "retry", retry(part.retry), false);
        if (!part.verify) field(own + "verify", false, false);
        flag(own + "sensitive", part.sensitive);
        text(own + "description", part.description, part.sensitive);
    }

    static Value retry(const Retry& retry) {
        Value value = Value::object();
        value.set("attempts", retry.attempts);
        value.set("delay", std::to_string(retry.delay.count()) + "ms");
        value.set("backoff", retry.backoff);
        return value;
    }

    Blob blob(const Value& content) const {
        const Value* name = content.find("$blob");
        const auto hash = name == nullptr ? std::nullopt : Hash::from_hex_text(name->text());
        const auto found = hash ? compiled_.blobs.find(*hash) : compiled_.blobs.end();
        return found == compiled_.blobs.end() ? nullptr : found->second;
    }

    void field(std::string name, Value value, bool hidden) {
        fields_.push_back({std::move(name), std::move(value), nullptr, hidden});
    }
    void flag(const std::string& name, bool is) {
        if (is) field(name, true, false);
    }
    void text(const std::string& name, const std::string& value, bool hidden) {
        if (!value.empty()) field(name, value, hidden);
    }
    void ids(const std::string& name, const std::vector<NodeIndex>& nodes) {
        if (nodes.empty()) return;
        Value list = Value::array();
        for (const NodeIndex node : nodes) list.push(run_.nodes[node].id.text());
        field(name, std::move(list), false);
    }
    void conditions(const std::string& name, const std::vector<Condition>& list, bool hidden) {
        const bool secret =
            std::any_of(list.begin(), list.end(), [](const Condition& one) { return holds_secret(one.value); });
        if (!list.empty()) field(name, conditions_value(list), hidden || secret);
    }

    const Compiled& compiled_;
    const StateRun& run_;
    const FunctionRegistry& functions_;
    std::string prefix_;
    std::vector<ShownField> fields_;
};

}  // namespace

std::vector<ShownField> shown_fields(const Node& node, const Compiled& compiled, const FunctionRegistry& functions) {
    return FieldList(compiled, functions).of(node);
}

std::string shown_summary(const Node& node, const FunctionRegistry& functions) {
    if (node.group) return node.block ? "block" : "group";
    std::vector<std::string> words;
    for (const StatePart& part : node.variants.front().parts) {
        std::string word = part.function;
        const std::string subject = part.sensitive ? "" : functions.subject(part.function, part.arguments);
        if (!subject.empty()) word += " " + subject;
        words.push_back(std::move(word));
    }
    return join(words, ", ");
}

}  // namespace prove
