// Resolving references to outputs.
#include "master/compile/outputs.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "master/compile/common_keys.hpp"
#include "master/compile/references.hpp"
#include "proto/output_ref.hpp"

namespace prove {

namespace {

// Calls `visit` with every reference in a value, to be changed.
template <class Visit>
void each_output(Value& value, const Visit& visit) {
    if (is_output(value)) return visit(value);
    if (value.is_list())
        for (Value& member : value.list()) each_output(member, visit);
    if (value.is_mapping())
        for (Mapping::Member& member : value.mapping()) each_output(member.value, visit);
}

// Where a reference stands: an argument (or a member of its list or mapping), or anything that takes any type.
struct Place {
    NodeIndex node = 0;
    StatePart* part = nullptr;  // null: a condition of the state or of a probe
    const Function* function = nullptr;
    const Argument* argument = nullptr;
    bool member = false;
};

class OutputCheck {
  public:
    OutputCheck(const Catalog& catalog, const FunctionRegistry& functions, bool complete, BuiltGraph& built,
                Diagnostics& diagnostics)
        : functions_(functions),
          built_(built),
          diagnostics_(diagnostics),
          references_(catalog, built.graph, complete, diagnostics) {}

    void check() {
        for (NodeIndex index = 0; index < built_.nodes.size(); ++index) {
            Node& node = built_.nodes[index];
            for (Probe& probe : node.probes) look_through(probe.conditions, {index});
            for (Variant& variant : node.variants) {
                look_through(variant.onlyif, {index});
                look_through(variant.unless, {index});
                for (StatePart& part : variant.parts) look_through(part, index);
            }
        }
    }

  private:
    void wrong(const Place& place, const Value& reference, const std::string& text) {
        diagnostics_.error(reference.position(), built_.graph.id(place.node), text);
    }

    void look_through(std::vector<Condition>& conditions, const Place& place) {
        for (Condition& condition : conditions)
            each_output(condition.value, [&](Value& reference) { check(reference, place); });
    }

    void look_through(StatePart& part, NodeIndex node) {
        const Function* function = functions_.find(part.function);
        look_through(part.onlyif, {node, &part});
        look_through(part.unless, {node, &part});
        look_through(part.that, {node, &part});
        if (function == nullptr) return;
        for (Mapping::Member& member : part.arguments.mapping()) {
            const Argument* argument = function->schema.argument(member.key);
            if ((argument == nullptr && !function->schema.open) || !holds_output(member.value)) continue;
            const bool is_member = !is_output(member.value);
            each_output(member.value, [&](Value& reference) {
                check(reference, {node, &part, function, argument, is_member});
            });
            check_known_early(part, *function, member, node);
        }
    }

    // What the compiler itself must know.
    void check_known_early(const StatePart& part, const Function& function, const Mapping::Member& member,
                           NodeIndex node) {
        const Argument* source = function.schema.argument("source");
        if (source == nullptr || source->type != ArgumentType::source || !is_output(member.value)) return;
        if (member.key == "template" || (member.key == "content" && part.arguments.find("template") != nullptr))
            wrong(
                {node}, member.value,
                "a template is rendered before the run, so it cannot be the output of a state; its 'context' may have "
                "outputs");
    }

    void check(Value& reference, const Place& place) {
        try {
            OutputRef ref = output_ref(reference);
            const Reference name = name_of(ref.state.text(), reference.position());
            ref.state = StateId(name.text);
            check(ref, name, reference, place);
        } catch (const Error& error) {
            wrong(place, reference, error.text());
        }
    }

    // A name of a file that came by meta.include is its own state first; in the run it is that state's whole id.
    void check(const OutputRef& ref, const Reference& name, Value& reference, const Place& place) {
        const auto found = references_.resolve_id(name, place.node, "!out");
        if (!found) return;
        const NodeIndex giver = *found;
        reference.set("$out", built_.graph.id(giver) + "." + ref.name);
        const std::string shown = built_.graph.shown(giver);
        if (giver == place.node)
            return wrong(place, reference,
                         "a state cannot wait for an output of its own; let the part that gives " + quoted(ref.name) +
                             " be a state of its own");
        require(place.node, giver, reference.position());
        if (built_.graph.nodes[giver].draft->group)
            return wrong(place, reference, shown + " is a group, which has no outputs; name one of its members");
        if (built_.graph.nodes[giver].draft->late == DraftState::Late::waits)
            return wrong(place, reference,
                         shown +
                             " is late: what it gives is not known when this is compiled; a state that takes an "
                             "output of it must be late too");
        if (built_.nodes[giver].lazy && !built_.nodes[place.node].lazy)
            return wrong(place, reference,
                         shown + " is lazy: in a run in which nothing asks for it, its output " + quoted(ref.name) +
                             " is not there");
        if (const auto block = rescue_of(giver); block && rescue_of(place.node) != block)
            return wrong(place, reference,
                         shown + " stands in the rescue of " + quoted(built_.graph.id(*block)) +
                             ": in a run in which nothing fails there, its output " + quoted(ref.name) +
                             " is not there");
        for (Variant& variant : built_.nodes[giver].variants)
            if (!check_giver(ref, reference, place, giver, variant)) return;
    }

    // The innermost block in whose rescue this state stands.
    std::optional<NodeIndex> rescue_of(NodeIndex node) const {
        for (auto stand = built_.graph.nodes[node].stand; stand; stand = built_.graph.nodes[stand->block].stand)
            if (stand->role == BlockRole::rescue) return stand->block;
        return std::nullopt;
    }

    bool check_giver(const OutputRef& ref, const Value& reference, const Place& place, NodeIndex giver,
                     Variant& variant) {
        StatePart* part = nullptr;
        const Function* function = nullptr;
        std::vector<std::string> names;
        std::size_t givers = 0;
        for (StatePart& candidate : variant.parts) {
            const Function* its = functions_.find(candidate.function);
            if (its == nullptr) return false;  // it has been called wrong already
            for (const Output& output : its->schema.outputs) names.push_back(output.name);
            if (its->schema.output(ref.name) == nullptr) continue;
            ++givers;
            part = &candidate;
            function = its;
        }
        if (givers == 0) return unknown(ref, reference, place, giver, names);
        if (givers > 1) {
            wrong(place, reference,
                  "several parts of " + built_.graph.shown(giver) + " give " + quoted(ref.name) +
                      "; let the one that is meant be a state of its own");
            return false;
        }
        const Output& output = *function->schema.output(ref.name);
        return check_there(output, *part, *function, giver, variant, reference, place) &&
               check_type(output, ref, reference, place);
    }

    bool unknown(const OutputRef& ref, const Value& reference, const Place& place, NodeIndex giver,
                 const std::vector<std::string>& names) {
        const std::string near = nearest(ref.name, names);
        std::string rest = "; it gives none";
        if (!near.empty())
            rest = "; did you mean " + quoted(near) + "?";
        else if (!names.empty())
            rest = "; there are " + join_words(names);
        wrong(place, reference, built_.graph.shown(giver) + " has no output " + quoted(ref.name) + rest);
        return false;
    }

    // Whether a run of a host that is as it should be has this output.
    bool check_there(const Output& output, const StatePart& part, const Function& function, NodeIndex giver,
                     const Variant& variant, const Value& reference, const Place& place) {
        const std::string guard = guard_of(output, part, function, variant);
        if (guard.empty()) return true;
        wrong(place, reference,
              "the output " + quoted(output.name) + " of " + built_.graph.shown(giver) + " is there only where its " +
                  function.schema.name + " runs, and with " + quoted(guard) +
                  " it does not run on a host that is as it should be; read it with "
                  "cmd.read");
        return false;
    }

    bool check_type(const Output& output, const OutputRef& ref, const Value& reference, const Place& place) {
        if (place.argument == nullptr || output_fits(output.type, place.argument->type, place.member)) return true;
        wrong(place, reference,
              "argument " + quoted(place.argument->name) + " of " + place.function->schema.name + " takes " +
                  name_of(place.argument->type) + ", and " + quoted(ref.text()) + " is " + name_of(output.type));
        return false;
    }

    void require(NodeIndex node, NodeIndex giver, const SourcePosition& position) {
        auto& edges = built_.graph.nodes[node].requirements;
        if (std::any_of(edges.begin(), edges.end(), [&](const Edge& edge) { return edge.to == giver; })) return;
        edges.push_back({giver, position});
        built_.nodes[node].requirements.push_back(giver);
    }

    const FunctionRegistry& functions_;
    BuiltGraph& built_;
    Diagnostics& diagnostics_;
    References references_;
};

}  // namespace

std::string guard_of(const Output& output, const StatePart& part, const Function& function, const Variant& variant) {
    const bool is_event = function.schema.nature == FunctionSchema::Nature::event;
    if (!output.unless_argument.empty() && part.arguments.find(output.unless_argument) != nullptr)
        return output.unless_argument;
    if (is_event && (!part.onlyif.empty() || !variant.onlyif.empty())) return "onlyif";
    if (is_event && (!part.unless.empty() || !variant.unless.empty())) return "unless";
    return "";
}

void resolve_outputs(const Catalog& catalog, const FunctionRegistry& functions, bool complete, BuiltGraph& built,
                     Diagnostics& diagnostics) {
    OutputCheck(catalog, functions, complete, built, diagnostics).check();
}

}  // namespace prove
