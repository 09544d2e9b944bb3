// See late_states.hpp.
#include "master/compile/late_states.hpp"

#include <algorithm>
#include <set>

#include "common/text/text.hpp"
#include "master/compile/outputs.hpp"

namespace prove {

namespace {

using Late = DraftState::Late;

Late late_of(const Graph& graph, NodeIndex node) {
    return graph.nodes[node].draft->late;
}

// The states whose results a late one has: what it requires, and what is in groups and blocks among that.
std::vector<NodeIndex> givers_of(const Graph& graph, NodeIndex late) {
    std::vector<NodeIndex> givers;
    for (const Edge& edge : graph.nodes[late].requirements)
        for (const NodeIndex node : graph.expanded(edge.to))
            if (!graph.nodes[node].draft->group && std::find(givers.begin(), givers.end(), node) == givers.end())
                givers.push_back(node);
    return givers;
}

// By name; those that are there whatever the host was like before. Secrets are not among them: results go to the
// master.
std::map<std::string, const Output*> outputs_of(const Node& node, const FunctionRegistry& functions) {
    std::map<std::string, const Output*> result;
    std::set<std::string> refused;
    for (const Variant& variant : node.variants)
        for (const StatePart& part : variant.parts) {
            const Function* function = functions.find(part.function);
            if (function == nullptr) continue;
            for (const Output& output : function->schema.outputs) {
                result[output.name] = &output;
                if (part.sensitive || output.sensitive || !guard_of(output, part, *function, variant).empty())
                    refused.insert(output.name);
            }
        }
    for (const std::string& name : refused) result.erase(name);
    return result;
}

bool is_of_type(const Value& value, ArgumentType type) {
    if (type == ArgumentType::integer) return value.is_integer();
    if (type == ArgumentType::boolean) return value.is_boolean();
    if (type == ArgumentType::text_list || type == ArgumentType::integer_list) return value.is_list();
    if (type == ArgumentType::text_map || type == ArgumentType::mapping) return value.is_mapping();
    return value.is_text() || (type == ArgumentType::duration && value.is_integer());
}

// What a name of a file means among these states: told by the innermost scope that has it.
bool names_one(const CompiledFile& file, const std::string& name, const std::vector<std::string>& ids) {
    return std::any_of(file.scopes.begin(), file.scopes.end(), [&](const std::string& scope) {
        return std::find(ids.begin(), ids.end(), scope + name) != ids.end();
    });
}

SourcePosition place_of(const Catalog& catalog, const CompiledFile& file, const std::string& word) {
    const SourceFile* source = catalog.state_file(file.name);
    if (source == nullptr) return {file.path, 1, 1};
    const auto lines = split_lines(source->text);
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (const std::size_t at = lines[i].find(word); at != std::string::npos)
            return {file.path, static_cast<std::uint32_t>(i + 1), static_cast<std::uint32_t>(at + 1)};
    return {file.path, 1, 1};
}

void check_names(const Catalog& catalog, const CompiledFile& file, const Graph& graph, Diagnostics& diagnostics) {
    std::vector<std::string> given;
    bool any = false;
    for (NodeIndex node = 0; node < graph.nodes.size(); ++node) {
        if (graph.nodes[node].file != &file || late_of(graph, node) == Late::no) continue;
        any = true;
        for (const NodeIndex giver : givers_of(graph, node)) given.push_back(graph.id(giver));
    }
    for (const std::string& name : file.results_read) {
        if (names_one(file, name, given)) continue;
        std::string text = "no late state of this file requires " + quoted(name) + ", so there are no results of it";
        if (!any) text = "'results' are there for a state that says 'late: true', and this file has none";
        if (const std::string near = nearest(name, given); !near.empty())
            text += "; did you mean " + quoted(near) + "?";
        diagnostics.error(place_of(catalog, file, "results." + name), "", text);
    }
}

class PieceMaker {
  public:
    PieceMaker(NodeIndex late, const BuiltGraph& built, const std::optional<ChosenStates>& part,
               Diagnostics& diagnostics)
        : late_(late),
          graph_(built.graph),
          nodes_(built.nodes),
          part_(part),
          diagnostics_(diagnostics),
          own_(nodes_.size()) {}

    LatePiece make() {
        for (NodeIndex node = 0; node < nodes_.size(); ++node) own_[node] = belongs(node);
        for (NodeIndex node = 0; node < nodes_.size(); ++node)
            if (own_[node] ? node == late_ || is_chosen(node) : is_chosen(node) && !is_there(node))
                take(node);
            else if (!own_[node] && is_there(node))
                check_stranger(node);
        for (NodeIndex node = 0; node < nodes_.size(); ++node)
            if (!own_[node] && is_there(node) && waits_for_own(node)) take(node);
        return finish();
    }

  private:
    bool is_chosen(NodeIndex node) const { return !part_ || part_->chosen[node]; }
    bool is_there(NodeIndex node) const { return !part_ || part_->there.count(graph_.id(node)) != 0; }

    // Itself, what stands in it, and the files that it or they call.
    bool belongs(NodeIndex node) const {
        std::optional<NodeIndex> at = node;
        for (std::size_t depth = 0; at && depth <= nodes_.size(); ++depth) {
            if (*at == late_) return true;
            const GraphNode& here = graph_.nodes[*at];
            std::string around;
            if (here.draft->stand)
                around = here.file->prefix() + here.draft->stand->block.text();
            else if (here.file->caller != CompiledFile::Caller::none)
                around = here.file->calling.text();
            const auto found = graph_.by_id.find(around);
            at = found == graph_.by_id.end() ? std::nullopt : std::optional(found->second);
        }
        return false;
    }

    bool waits_for_own(NodeIndex node) const {
        if (!is_late(nodes_[node])) return false;
        const LateSpec spec = late_spec_of(nodes_[node]);
        return std::any_of(spec.results.begin(), spec.results.end(), [&](const auto& results) {
            const auto found = graph_.by_id.find(results.first.text());
            return found != graph_.by_id.end() && own_[found->second];
        });
    }

    // The states of the run are there already: they cannot begin to speak of what comes now.
    void check_stranger(NodeIndex node) {
        const GraphNode& stranger = graph_.nodes[node];
        const auto is_new = [&](const Edge& edge) { return own_[edge.to] && edge.to != late_; };
        for (const Edge& edge : stranger.notifies)
            if (is_new(edge))
                diagnostics_.error(edge.position, graph_.id(edge.to),
                                   "it comes with the late state " + quoted(graph_.id(late_)) +
                                       ", so it cannot listen to " + graph_.shown(node) +
                                       ", which is in the run before; let " + quoted(graph_.id(late_)) + " listen");
        for (const auto* edges : {&stranger.members, &stranger.rescue, &stranger.always})
            for (const Edge& edge : *edges)
                if (is_new(edge) && stranger.draft->block)
                    diagnostics_.error(edge.position, graph_.id(late_),
                                       "a late meta.include cannot stand in a block; let the block be late");
    }

    void take(NodeIndex node) {
        taken_.push_back(node);
        const Node& from = nodes_[node];
        for (const auto* nodes : {&from.requirements, &from.members, &from.rescue, &from.always}) note(*nodes);
        for (const Variant& variant : from.variants) {
            note(variant.notify);
            note(variant.notify_failure);
            for (const StatePart& part : variant.parts) {
                note(part.notify);
                note(part.notify_failure);
                if (part.runs) note({*part.runs});
            }
        }
    }
    void note(const std::vector<NodeIndex>& nodes) {
        for (const NodeIndex node : nodes) named_.insert(node);
    }

    LatePiece finish() {
        LatePiece piece;
        std::vector<NodeIndex> moved(nodes_.size());
        std::set<NodeIndex> here(taken_.begin(), taken_.end());
        for (const NodeIndex node : named_) {
            if (here.count(node) != 0 || !is_there(node)) continue;
            here.insert(node);
            moved[node] = static_cast<NodeIndex>(piece.outside++);
            Node& name = piece.run.nodes.emplace_back();
            name.id = nodes_[node].id;
            name.lazy = true;
            name.variants.emplace_back();
        }
        for (const NodeIndex node : taken_) {
            moved[node] = static_cast<NodeIndex>(piece.run.nodes.size());
            piece.run.nodes.push_back(nodes_[node]);
        }
        const auto renumber = [&](std::vector<NodeIndex>& nodes) {
            // Of a block only some states may have been chosen.
            std::erase_if(nodes, [&](NodeIndex node) { return here.count(node) == 0; });
            for (NodeIndex& node : nodes) node = moved[node];
        };
        for (std::size_t i = piece.outside; i < piece.run.nodes.size(); ++i) {
            Node& node = piece.run.nodes[i];
            for (auto* nodes : {&node.requirements, &node.members, &node.rescue, &node.always}) renumber(*nodes);
            for (Variant& variant : node.variants) {
                renumber(variant.notify);
                renumber(variant.notify_failure);
                for (StatePart& part : variant.parts) {
                    renumber(part.notify);
                    renumber(part.notify_failure);
                    if (part.runs) part.runs = moved[*part.runs];
                }
            }
        }
        return piece;
    }

    const NodeIndex late_;
    const Graph& graph_;
    const std::vector<Node>& nodes_;
    const std::optional<ChosenStates>& part_;
    Diagnostics& diagnostics_;
    std::vector<bool> own_;
    std::vector<NodeIndex> taken_;
    std::set<NodeIndex> named_;
};

}  // namespace

void describe_late(const Catalog& catalog, const FunctionRegistry& functions, const GatheredFiles& gathered,
                   const std::function<std::string()>& basis, BuiltGraph& built, Diagnostics& diagnostics) {
    for (NodeIndex late = 0; late < built.nodes.size(); ++late) {
        if (late_of(built.graph, late) != Late::waits) continue;
        LateSpec spec;
        spec.basis = basis();
        for (const NodeIndex giver : givers_of(built.graph, late)) {
            auto& names = spec.results[built.nodes[giver].id];
            for (const auto& [name, output] : outputs_of(built.nodes[giver], functions)) names.push_back(name);
        }
        built.nodes[late].variants.front().parts = {late_part(spec, built.nodes[late].position)};
    }
    if (!gathered.complete) return;
    for (const CompiledFile& file : gathered.files)
        if (!file.results_read.empty()) check_names(catalog, file, built.graph, diagnostics);
}

void check_asked(const LateRequest& request, const FunctionRegistry& functions, const BuiltGraph& built) {
    for (const LateRequest::Asked& asked : request.states) {
        const auto late = built.graph.by_id.find(asked.state.text());
        if (late == built.graph.by_id.end() || late_of(built.graph, late->second) != Late::compiled)
            throw Error(ErrorKind::refused, "this target has no late state " + quoted(asked.state.text()));
        const auto givers = givers_of(built.graph, late->second);
        for (const Mapping::Member& results : asked.results.mapping()) {
            const auto giver = std::find_if(givers.begin(), givers.end(),
                                            [&](NodeIndex node) { return built.graph.id(node) == results.key; });
            if (giver == givers.end())
                throw Error(ErrorKind::refused,
                            quoted(asked.state.text()) + " does not require " + quoted(results.key));
            const auto outputs = outputs_of(built.nodes[*giver], functions);
            for (const Mapping::Member& result : results.value.mapping()) {
                const auto output = outputs.find(result.key);
                if (output == outputs.end() || !is_of_type(result.value, output->second->type))
                    throw Error(ErrorKind::refused, "the result " + quoted(result.key) + " of " + quoted(results.key) +
                                                        " is not one that it gives");
            }
        }
    }
}

LatePiece piece_of(const LateRequest& request, const BuiltGraph& built, const std::optional<ChosenStates>& part,
                   Diagnostics& diagnostics) {
    return PieceMaker(built.graph.by_id.at(request.state().text()), built, part, diagnostics).make();
}

}  // namespace prove
