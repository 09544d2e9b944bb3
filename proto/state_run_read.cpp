// A StateRun from its wire form. It comes signed from the master, but is checked like any input: what an index or a
// count promises is true afterwards, so that the engine need not look again.
#include "proto/state_run.hpp"

#include "proto/output_ref.hpp"
#include "proto/wire.hpp"

#include <algorithm>
#include <unordered_set>

namespace prove {

namespace {

constexpr std::size_t most_states = 10'000;  // security.md section 15
constexpr std::size_t most_probes = 3;       // catalog.md, "Running a state more than once"
constexpr std::uint64_t most_parallel = 64;
constexpr std::uint64_t most_number = std::numeric_limits<std::uint32_t>::max();

// Every output that is named is of another state of the run, and that state is required.
class OutputCheck {
  public:
    explicit OutputCheck(const std::vector<Node>& nodes) : nodes_(nodes) {}
    void check() {
        for (const Node& node : nodes_) {
            for (const Probe& probe : node.probes) check(probe.conditions, node);
            for (const Variant& variant : node.variants) {
                check(variant.onlyif, node);
                check(variant.unless, node);
                for (const StatePart& part : variant.parts) {
                    check(part.arguments, node);
                    check(part.onlyif, node);
                    check(part.unless, node);
                    check(part.that, node);
                }
            }
        }
    }

  private:
    void check(const std::vector<Condition>& conditions, const Node& node) {
        for (const Condition& condition : conditions) check(condition.value, node);
    }
    void check(const Value& value, const Node& node) {
        for_each_output(value, [&](const Value& reference) {
            const std::string giver = output_ref(reference).state.text();
            const bool required =
                std::any_of(node.requirements.begin(), node.requirements.end(),
                            [&](NodeIndex required_node) { return nodes_[required_node].id.text() == giver; });
            if (!required)
                throw Error(ErrorKind::invalid, "state '" + node.id.text() + "' names an output of '" + giver +
                                                    "', which it does not require");
        });
    }
    const std::vector<Node>& nodes_;
};

class Reader {
  public:
    StateRun read(const Value& value) {
        Fields fields(value, "state run");
        StateRun run;
        run.format = static_cast<int>(bounded(fields.required("format"), most_number / 2, "format"));
        if (run.format != StateRun::current_format)
            throw Error(ErrorKind::invalid, "a state run of format " + std::to_string(run.format) +
                                                ", where this build reads " + std::to_string(StateRun::current_format));
        run.target = TargetId(name_text(fields.required("target"), "target"));
        run.catalog = fields.text("catalog");
        run.options = options(fields);
        run.partial = fields.boolean("partial", false);
        for (const auto& source : fields.required("sources").list())
            sources_.push_back(std::make_shared<const std::string>(source.text()));
        const auto& nodes = fields.required("nodes").list();
        if (nodes.size() > most_states)
            throw Error(ErrorKind::invalid, "more than " + std::to_string(most_states) + " states in a run");
        node_count_ = nodes.size();
        run.nodes.reserve(nodes.size());
        for (const auto& node_value : nodes) run.nodes.push_back(node(node_value));
        check_ids(run.nodes);
        check_blocks(run.nodes);
        OutputCheck(run.nodes).check();
        if (const Value* const blobs = fields.optional("files")) run.files = files(blobs->list());
        if (const Value* const warnings = fields.optional("warnings"))
            for (const auto& warning : warnings->list()) run.warnings.push_back(diagnostic(warning));
        fields.end();
        return run;
    }

  private:
    static RunOptions options(Fields& fields) {
        RunOptions result;
        const std::string on_failure = fields.text("on_failure", "continue");
        if (on_failure != "continue" && on_failure != "stop")
            throw Error(ErrorKind::invalid, "unknown on_failure '" + on_failure + "'");
        if (on_failure == "stop") result.on_failure = RunOptions::OnFailure::stop;
        result.verify = fields.boolean("verify", true);
        result.max_invocations = static_cast<int>(count_field(fields, "max_invocations", 1'000'000, 8));
        if (result.max_invocations == 0) throw Error(ErrorKind::invalid, "max_invocations must be at least 1");
        result.parallelism = static_cast<int>(count_field(fields, "parallelism", most_parallel, 1));
        if (result.parallelism == 0) throw Error(ErrorKind::invalid, "parallelism must be at least 1");
        return result;
    }

    Node node(const Value& value) {
        Fields fields(value, "node");
        Node result;
        result.id = StateId(name_text(fields.required("id"), "state id"));
        with_context([&] { return "in state '" + result.id.text() + "' of a state run"; },
                     [&] { read_rest(fields, result); });
        return result;
    }
    void read_rest(Fields& fields, Node& result) {
        result.position = position(fields);
        result.state_file = fields.text("file", "");
        result.lazy = fields.boolean("lazy", false);
        result.defer = fields.boolean("defer", false);
        result.requirements = indexes(fields, "requires");
        result.group = fields.boolean("group", false);
        result.members = indexes(fields, "members");
        result.block = fields.boolean("block", false);
        result.rescue = indexes(fields, "rescue");
        result.always = indexes(fields, "always");
        if (const Value* const probes = fields.optional("probes"))
            for (const auto& probe_value : probes->list()) result.probes.push_back(probe(probe_value));
        if (result.probes.size() > most_probes) throw Error(ErrorKind::invalid, "more than three probes");
        const auto& variants = fields.required("variants").list();
        const std::size_t expected = std::size_t{1} << result.probes.size();
        if (variants.size() != expected)
            throw Error(ErrorKind::invalid,
                        "expected " + std::to_string(expected) + " variants, found " + std::to_string(variants.size()));
        for (const auto& variant_value : variants) {
            result.variants.push_back(variant(variant_value));
            result.variants.back().mask = static_cast<std::uint32_t>(result.variants.size() - 1);
        }
        fields.end();
        check_group(result);
    }
    static void check_group(const Node& node) {
        if (!node.group && !node.members.empty()) throw Error(ErrorKind::invalid, "members without a group");
        if (node.block && !node.group) throw Error(ErrorKind::invalid, "a block is a group, too");
        if (!node.block && !(node.rescue.empty() && node.always.empty()))
            throw Error(ErrorKind::invalid, "rescue or always without a block");
        if (!node.group) return;
        if (!node.probes.empty()) throw Error(ErrorKind::invalid, "a group has no probes");
        if (!node.variants[0].parts.empty()) throw Error(ErrorKind::invalid, "a group has no parts of its own");
    }

    Variant variant(const Value& value) {
        Fields fields(value, "variant");
        Variant result;
        if (const Value* const parts = fields.optional("parts"))
            for (const auto& part_value : parts->list()) result.parts.push_back(part(part_value));
        result.notify = indexes(fields, "notify");
        result.notify_failure = indexes(fields, "notify_failure");
        result.onlyif = conditions(fields.optional("onlyif"));
        result.unless = conditions(fields.optional("unless"));
        result.description = fields.text("description", "");
        fields.end();
        return result;
    }
    StatePart part(const Value& value) {
        Fields fields(value, "part");
        StatePart result;
        result.function = name_text(fields.required("fn"), "function name");
        result.arguments = fields.required("args");
        if (!result.arguments.is_mapping()) throw Error(ErrorKind::invalid, "a part's arguments are not a mapping");
        result.position = position(fields);
        result.notify = indexes(fields, "notify");
        result.notify_failure = indexes(fields, "notify_failure");
        result.onlyif = conditions(fields.optional("onlyif"));
        result.unless = conditions(fields.optional("unless"));
        result.that = conditions(fields.optional("that"));
        if (const Value* const runs = fields.optional("runs")) result.runs = index(*runs, "runs");
        if (result.runs.has_value() != (result.function == "meta.run"))
            throw Error(ErrorKind::invalid, "meta.run, and only that, runs a state");
        if (result.that.empty() == (result.function == "meta.assert"))
            throw Error(ErrorKind::invalid, "meta.assert, and only that, has conditions that must hold");
        result.timeout = std::chrono::milliseconds(count_field(fields, "timeout_ms", most_number));
        if (const Value* const found = fields.optional("retry")) result.retry = retry(*found);
        result.verify = fields.boolean("verify", true);
        result.sensitive = fields.boolean("sensitive", false);
        result.description = fields.text("description", "");
        fields.end();
        return result;
    }
    static Retry retry(const Value& value) {
        Fields fields(value, "retry");
        Retry result;
        result.attempts = static_cast<int>(bounded(fields.required("attempts"), 1'000'000, "attempts"));
        result.delay = std::chrono::milliseconds(count_field(fields, "delay_ms", most_number));
        if (const Value* const backoff = fields.optional("backoff")) result.backoff = backoff->real();
        fields.end();
        if (result.attempts < 1) throw Error(ErrorKind::invalid, "attempts must be at least 1");
        if (!(result.backoff >= 1 && result.backoff <= 1000)) throw Error(ErrorKind::invalid, "backoff out of range");
        return result;
    }
    Probe probe(const Value& value) {
        Fields fields(value, "probe");
        Probe result{name_text(fields.required("name"), "probe name"), conditions(&fields.required("conditions"))};
        fields.end();
        return result;
    }
    std::vector<Condition> conditions(const Value* list) {
        std::vector<Condition> result;
        if (list == nullptr) return result;
        for (const auto& value : list->list()) {
            Fields fields(value, "condition");
            Condition condition;
            condition.kind = condition_kind(fields.text("kind"));
            condition.value = fields.required("value");
            condition.position = position(fields);
            fields.end();
            result.push_back(std::move(condition));
        }
        return result;
    }
    Diagnostic diagnostic(const Value& value) {
        Fields fields(value, "warning");
        Diagnostic result;
        const std::string severity = fields.text("severity", "warning");
        if (severity != "warning" && severity != "error")
            throw Error(ErrorKind::invalid, "unknown severity '" + severity + "'");
        result.severity = severity == "error" ? Diagnostic::Severity::error : Diagnostic::Severity::warning;
        result.position = position(fields);
        result.where = fields.text("where", "");
        result.text = fields.text("text");
        result.excerpt = fields.text("excerpt", "");
        result.contexts = fields.texts("contexts");
        fields.end();
        return result;
    }

    std::vector<NodeIndex> indexes(Fields& fields, const char* key) {
        std::vector<NodeIndex> result;
        const Value* const found = fields.optional(key);
        if (found == nullptr) return result;
        result.reserve(found->list().size());
        for (const auto& value : found->list()) result.push_back(index(value, key));
        return result;
    }
    NodeIndex index(const Value& value, const char* key) const {
        const auto number = bounded(value, most_number, "node index");
        if (number >= node_count_)
            throw Error(ErrorKind::invalid, "node " + std::to_string(number) + " in '" + key + "' does not exist");
        return static_cast<NodeIndex>(number);
    }
    SourcePosition position(Fields& fields) const {
        const Value* const found = fields.optional("at");
        if (found == nullptr) return {};
        const auto& numbers = found->list();
        if (numbers.size() != 3) throw Error(ErrorKind::invalid, "a position is a file, a line and a column");
        const auto file = bounded(numbers[0], most_number, "source");
        if (file >= sources_.size()) throw Error(ErrorKind::invalid, "a position names an unknown source");
        return SourcePosition{sources_[file], static_cast<std::uint32_t>(bounded(numbers[1], most_number, "line")),
                              static_cast<std::uint32_t>(bounded(numbers[2], most_number, "column"))};
    }
    static std::vector<BlobRef> files(const Value::List& list) {
        std::vector<BlobRef> result;
        for (const auto& value : list) {
            const auto& pair = value.list();
            if (pair.size() != 2) throw Error(ErrorKind::invalid, "a file is a hash and a size");
            const auto hash = Hash::from_hex_text(pair[0].text());
            if (!hash) throw Error(ErrorKind::invalid, "malformed hash of a file");
            if (!result.empty() && !(result.back().hash < *hash))
                throw Error(ErrorKind::invalid, "the files of a state run are not sorted, or one is listed twice");
            result.push_back(BlobRef{*hash, bounded(pair[1], any_count, "size")});
        }
        return result;
    }
    static void check_ids(const std::vector<Node>& nodes) {
        std::unordered_set<std::string> seen;
        for (const auto& node : nodes)
            if (!seen.insert(node.id.text()).second)
                throw Error(ErrorKind::invalid, "two states of a run are called '" + node.id.text() + "'");
    }

    // What stands in a block stands before its end and in no other block: so blocks are nested, and not in circles.
    static void check_blocks(const std::vector<Node>& nodes) {
        std::vector<bool> placed(nodes.size());
        for (NodeIndex block = 0; block < nodes.size(); ++block) {
            if (!nodes[block].block) continue;
            for (const auto* contents : {&nodes[block].members, &nodes[block].rescue, &nodes[block].always})
                for (const NodeIndex node : *contents) {
                    if (node >= block || placed[node])
                        throw Error(ErrorKind::invalid, "state '" + nodes[node].id.text() +
                                                            "' stands in two blocks, or after the end of its block");
                    placed[node] = true;
                }
        }
    }

    std::vector<FileName> sources_;
    std::size_t node_count_ = 0;
};

}  // namespace

StateRun state_run_from(const Value& value) {
    return Reader().read(value);
}

}  // namespace prove
