// See outputs.hpp.
#include "agent/engine/outputs.hpp"

#include "common/text/text.hpp"

namespace prove {
namespace {

void note(const Value& value, std::set<StateId>& wanted) {
    for_each_output(value, [&](const Value& reference) { wanted.insert(output_ref(reference).state); });
}

void note(const std::vector<Condition>& conditions, std::set<StateId>& wanted) {
    for (const Condition& condition : conditions) note(condition.value, wanted);
}

// As it stands in a file.
std::string written(const Value& value) {
    return value.is_text() ? value.text() : write_json(value);
}

}  // namespace

// Contents that came to be in this run, beside those that the compiler named.
class Outputs::Contents final : public ContentSource {
  public:
    explicit Contents(ContentSource& others) : others_(others) {}
    Value add(std::string text) {
        const Hash hash = hash_of(text);
        Value content = Value::object();
        content.set("$blob", hash.hex());
        content.set("size", static_cast<std::int64_t>(text.size()));
        const std::lock_guard lock(mutex_);
        texts_.emplace(hash, std::move(text));
        return content;
    }
    std::string fetch(const Hash& hash) override {
        {
            const std::lock_guard lock(mutex_);
            const auto found = texts_.find(hash);
            if (found != texts_.end()) return found->second;
        }
        return others_.fetch(hash);
    }

  private:
    ContentSource& others_;
    std::mutex mutex_;
    std::map<Hash, std::string> texts_;
};

Outputs::Outputs(const StateRun& run, RunMode mode, ContentSource& content, const SecretTable& secrets)
    : mode_(mode), secrets_(secrets), contents_(std::make_unique<Contents>(content)) {
    for (const Node& node : run.nodes) {
        all_wanted_ = all_wanted_ || is_late(node);
        for (const Probe& probe : node.probes) note(probe.conditions, wanted_);
        for (const Variant& variant : node.variants) {
            note(variant.onlyif, wanted_);
            note(variant.unless, wanted_);
            for (const StatePart& part : variant.parts) {
                note(part.arguments, wanted_);
                note(part.onlyif, wanted_);
                note(part.unless, wanted_);
                note(part.that, wanted_);
            }
        }
    }
}

Outputs::~Outputs() = default;

void Outputs::begin(const StateId& state) {
    if (!wanted(state)) return;
    const std::lock_guard lock(mutex_);
    begun_.insert(state);
    given_.erase(state);
}

void Outputs::give(const StateId& state, const Value& outputs, bool secret) {
    if (!wanted(state) || outputs.is_null()) return;
    const std::lock_guard lock(mutex_);
    Given& given = given_[state];
    for (const Mapping::Member& output : outputs.mapping()) given.outputs.set(output.key, output.value);
    given.secret = given.secret || secret;
}

void Outputs::withhold(const StateId& state, const std::string& why) {
    if (!wanted(state)) return;
    const std::lock_guard lock(mutex_);
    given_[state].withheld = why;
}

Value Outputs::value_of(const OutputRef& ref) const {
    const std::string what = "the output " + quoted(ref.name) + " of " + quoted(ref.state.text());
    const std::lock_guard lock(mutex_);
    const auto found = given_.find(ref.state);
    if (found != given_.end()) {
        if (const Value* value = found->second.outputs.find(ref.name)) return *value;
        if (!found->second.withheld.empty())
            throw Error(ErrorKind::missing,
                        what + " is not there, since that state was skipped: " + found->second.withheld);
    }
    if (mode_ == RunMode::plan) throw Unknown(what);
    throw Error(ErrorKind::missing, what + " is not there, since " +
                                        (found == given_.end() ? "that state has given nothing in this run"
                                                               : "the part that gives it did not run"));
}

Value Outputs::results(const LateSpec& spec) const {
    Value result = Value::object();
    const std::lock_guard lock(mutex_);
    for (const auto& [state, names] : spec.results) {
        Value of_state = Value::object();
        const auto found = given_.find(state);
        for (const std::string& name : names) {
            const Value* value = found == given_.end() ? nullptr : found->second.outputs.find(name);
            if (value != nullptr && !found->second.secret)
                of_state.set(name, *value);
            else if (value == nullptr && mode_ == RunMode::plan && begun_.count(state) != 0 &&
                     (found == given_.end() || found->second.withheld.empty()))
                throw Unknown("the output " + quoted(name) + " of " + quoted(state.text()));
        }
        result.set(state.text(), std::move(of_state));
    }
    return result;
}

Value Outputs::value_of(const Value& known_later) const {
    if (is_secret(known_later)) return Value(with_secrets(secret_text(known_later), secrets_));
    return value_of(output_ref(known_later));
}

Value Outputs::resolved(const Value& value) const {
    if (is_known_later(value)) return value_of(value);
    Value result = value;
    if (result.is_list())
        for (Value& member : result.list()) member = resolved(member);
    if (result.is_mapping())
        for (Mapping::Member& member : result.mapping()) member.value = resolved(member.value);
    return result;
}

bool Outputs::has_secrets(const Value& value) const {
    bool secret = holds_secret(value);
    const std::lock_guard lock(mutex_);
    for_each_output(value, [&](const Value& reference) {
        const auto found = given_.find(output_ref(reference).state);
        secret = secret || (found != given_.end() && found->second.secret);
    });
    return secret;
}

// The bytes of a rendered file, with what its holes stand for. A value is text that nothing looks into again: holes are
// found in the file alone.
std::string Outputs::filled(const Value& content) const {
    const std::string text = contents_->fetch(*Hash::from_hex_text(content.at("$blob").text()));
    std::map<std::string, std::string> values;
    for (const Mapping::Member& hole : content.at("holes").mapping()) values[hole.key] = written(value_of(hole.value));
    std::string result;
    std::size_t at = 0;
    while (true) {
        std::size_t next = std::string::npos;
        const std::pair<const std::string, std::string>* first = nullptr;
        for (const auto& value : values)
            if (const std::size_t found = text.find(value.first, at); found < next) {
                next = found;
                first = &value;
            }
        result.append(text, at, next == std::string::npos ? next : next - at);
        if (first == nullptr) return result;
        result += first->second;
        at = next + first->first.size();
    }
}

Value Outputs::content_from(const Value& written) const {
    if (is_known_later(written)) return contents_->add(value_of(written).text());
    return written.find("holes") != nullptr ? contents_->add(filled(written)) : written;
}

Outputs::Resolved Outputs::arguments(const StatePart& part, const Function& function) const {
    const Argument* source = function.schema.argument("source");
    const bool has_content = source != nullptr && source->type == ArgumentType::source;
    Value values = Value::object();
    values.set_position(part.arguments.position());
    for (const Mapping::Member& member : part.arguments.mapping()) {
        const bool is_content = has_content && member.key == "content" && member.value.is_mapping();
        values.set(member.key, is_content ? content_from(member.value) : resolved(member.value));
    }
    Diagnostics diagnostics;
    check_call(function, values, part.position, "", diagnostics);
    if (diagnostics.has_errors()) throw Error(ErrorKind::invalid, diagnostics.all().front().text);
    Arguments arguments(function.schema, values, contents_.get());
    return {std::move(values), std::move(arguments)};
}

}  // namespace prove
