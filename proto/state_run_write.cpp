// StateRun to its wire form; state_run_read.cpp is the other half.
#include "proto/state_run.hpp"

#include "proto/wire.hpp"

#include <unordered_map>

namespace prove {

namespace {

class Writer {
  public:
    Value write(const StateRun& run) {
        Value result = Value::object();
        result.set("format", run.format);
        result.set("target", run.target.text());
        result.set("catalog", run.catalog);
        if (run.options.on_failure == RunOptions::OnFailure::stop) result.set("on_failure", "stop");
        if (!run.options.verify) result.set("verify", false);
        if (run.options.max_invocations != RunOptions{}.max_invocations)
            result.set("max_invocations", run.options.max_invocations);
        if (run.options.parallelism != 1) result.set("parallelism", run.options.parallelism);
        set_if(result, "partial", run.partial);
        Value nodes = Value::array();
        for (const auto& node : run.nodes) nodes.push(write(node));
        Value blobs = Value::array();
        for (const auto& blob : run.files) blobs.push(Value(Value::List{blob.hash.hex(), blob.size}));
        Value warnings = Value::array();
        for (const auto& warning : run.warnings) warnings.push(write(warning));
        // The table of names is complete only now, but readers need it before what refers to it.
        result.set("sources", list_of_texts(sources_));
        result.set("nodes", std::move(nodes));
        if (!run.files.empty()) result.set("files", std::move(blobs));
        if (!run.warnings.empty()) result.set("warnings", std::move(warnings));
        return result;
    }

  private:
    Value write(const Node& node) {
        Value result = Value::object();
        result.set("id", node.id.text());
        set_position(result, node.position);
        set_if(result, "file", node.state_file);
        set_if(result, "lazy", node.lazy);
        set_if(result, "defer", node.defer);
        set_indexes(result, "requires", node.requirements);
        if (!node.probes.empty()) {
            Value probes = Value::array();
            for (const auto& probe : node.probes) {
                Value written = Value::object();
                written.set("name", probe.name);
                written.set("conditions", write(probe.conditions));
                probes.push(std::move(written));
            }
            result.set("probes", std::move(probes));
        }
        Value variants = Value::array();
        for (std::size_t i = 0; i < node.variants.size(); ++i) {
            if (node.variants[i].mask != i)
                throw Error(ErrorKind::internal, "the variants of '" + node.id.text() + "' are not sorted by mask");
            variants.push(write(node.variants[i]));
        }
        result.set("variants", std::move(variants));
        set_if(result, "group", node.group);
        set_indexes(result, "members", node.members);
        set_if(result, "block", node.block);
        set_indexes(result, "rescue", node.rescue);
        set_indexes(result, "always", node.always);
        return result;
    }
    Value write(const Variant& variant) {
        Value result = Value::object();
        if (!variant.parts.empty()) {
            Value parts = Value::array();
            for (const auto& part : variant.parts) parts.push(write(part));
            result.set("parts", std::move(parts));
        }
        set_indexes(result, "notify", variant.notify);
        set_indexes(result, "notify_failure", variant.notify_failure);
        set_conditions(result, "onlyif", variant.onlyif);
        set_conditions(result, "unless", variant.unless);
        set_if(result, "description", variant.description);
        return result;
    }
    Value write(const StatePart& part) {
        Value result = Value::object();
        result.set("fn", part.function);
        result.set("args", part.arguments);
        set_position(result, part.position);
        set_indexes(result, "notify", part.notify);
        set_indexes(result, "notify_failure", part.notify_failure);
        set_conditions(result, "onlyif", part.onlyif);
        set_conditions(result, "unless", part.unless);
        set_conditions(result, "that", part.that);
        if (part.runs) result.set("runs", static_cast<std::int64_t>(*part.runs));
        if (part.timeout.count() != 0) result.set("timeout_ms", static_cast<std::int64_t>(part.timeout.count()));
        if (!(part.retry == Retry{})) {
            Value retry = Value::object();
            retry.set("attempts", part.retry.attempts);
            retry.set("delay_ms", static_cast<std::int64_t>(part.retry.delay.count()));
            retry.set("backoff", part.retry.backoff);
            result.set("retry", std::move(retry));
        }
        if (!part.verify) result.set("verify", false);
        set_if(result, "sensitive", part.sensitive);
        set_if(result, "description", part.description);
        return result;
    }
    Value write(const std::vector<Condition>& conditions) {
        Value result = Value::array();
        for (const auto& condition : conditions) {
            Value written = Value::object();
            written.set("kind", name_of(condition.kind));
            written.set("value", condition.value);
            set_position(written, condition.position);
            result.push(std::move(written));
        }
        return result;
    }
    Value write(const Diagnostic& diagnostic) {
        Value result = Value::object();
        if (diagnostic.severity == Diagnostic::Severity::error) result.set("severity", "error");
        set_position(result, diagnostic.position);
        set_if(result, "where", diagnostic.where);
        result.set("text", diagnostic.text);
        set_if(result, "excerpt", diagnostic.excerpt);
        if (!diagnostic.contexts.empty()) result.set("contexts", list_of_texts(diagnostic.contexts));
        return result;
    }

    void set_conditions(Value& target, const char* key, const std::vector<Condition>& conditions) {
        if (!conditions.empty()) target.set(key, write(conditions));
    }
    static void set_indexes(Value& target, const char* key, const std::vector<NodeIndex>& indexes) {
        if (indexes.empty()) return;
        Value list = Value::array();
        for (const auto index : indexes) list.push(static_cast<std::int64_t>(index));
        target.set(key, std::move(list));
    }
    void set_position(Value& target, const SourcePosition& position) {
        if (!position.known()) return;
        target.set("at", Value(Value::List{static_cast<std::int64_t>(source_index(position.file)),
                                           static_cast<std::int64_t>(position.line),
                                           static_cast<std::int64_t>(position.column)}));
    }
    std::size_t source_index(const FileName& file) {
        const auto [place, added] = indexes_.emplace(*file, sources_.size());
        if (added) sources_.push_back(*file);
        return place->second;
    }

    std::vector<std::string> sources_;
    std::unordered_map<std::string, std::size_t> indexes_;
};

}  // namespace

Value to_value(const StateRun& run) {
    return Writer().write(run);
}

}  // namespace prove
