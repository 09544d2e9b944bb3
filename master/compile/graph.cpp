// Building the graph from drafts.
#include "master/compile/graph.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "master/compile/common_keys.hpp"
#include "master/compile/gather_files.hpp"
#include "master/compile/references.hpp"

namespace prove {

namespace {

void add_once(std::vector<NodeIndex>& nodes, NodeIndex node) {
    if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
}

void add_edge(std::vector<Edge>& edges, NodeIndex to, const SourcePosition& position) {
    const bool there = std::any_of(edges.begin(), edges.end(), [&](const Edge& edge) { return edge.to == to; });
    if (!there) edges.push_back({to, position});
}

class Builder {
  public:
    Builder(const Catalog& catalog, const GatheredFiles& gathered, Diagnostics& diagnostics)
        : gathered_(gathered),
          diagnostics_(diagnostics),
          references_(catalog, built_.graph, gathered.complete, diagnostics) {
        built_.graph.files = &gathered.files;
    }

    BuiltGraph build() {
        place();
        for (NodeIndex node = 0; node < graph().nodes.size(); ++node) find_stand(node);
        for (NodeIndex node = 0; node < graph().nodes.size(); ++node) {
            resolve_node(node);
            resolve_variants(node);
        }
        for (NodeIndex node = 0; node < graph().nodes.size(); ++node) resolve_listens(node);
        return std::move(built_);
    }

  private:
    Graph& graph() { return built_.graph; }

    void place() {
        std::size_t count = 0;
        for (const CompiledFile& file : *graph().files) count += file.draft->states.size();
        graph().nodes.reserve(count);  // ids are looked up by views into them
        graph().by_id.reserve(count);
        for (const std::size_t file : gathered_.order) place(gathered_.files[file]);
    }

    // What a state calls stands before it.
    void place(const CompiledFile& file) {
        for (const DraftState& state : file.draft->states) {
            place_called(file, &state);
            for (const DraftVariant& variant : state.variants)
                for (const DraftPart& part : variant.parts) place_called(file, &part);
            const auto index = static_cast<NodeIndex>(graph().nodes.size());
            GraphNode& node = graph().nodes.emplace_back();
            node.id = file.prefix() + state.id.text();
            node.file = &file;
            node.draft = &state;
            const auto [other, fresh] = graph().by_id.emplace(node.id, index);
            if (fresh) continue;
            diagnostics_.error(
                state.position, node.id,
                "there is another state of this id: " + graph().shown(other->second) + "; ids are unique in a run");
            graph().nodes.pop_back();
        }
    }

    void place_called(const CompiledFile& file, const void* caller) {
        const auto called = file.calls.find(caller);
        if (called != file.calls.end() && called->second != CompiledFile::no_file)
            place(gathered_.files[called->second]);
    }

    // In which block this state stands: one of its own file, or one around the meta.include that brought it.
    void find_stand(NodeIndex index) {
        const GraphNode* at = &graph().nodes[index];
        const bool is_top = !at->draft->stand;
        if (is_top && at->file->caller == CompiledFile::Caller::include)
            if (const auto end = graph().by_id.find(at->file->calling.text()); end != graph().by_id.end())
                graph().nodes[end->second].members.push_back({index, at->draft->position});
        while (!at->draft->stand) {
            if (at->file->caller != CompiledFile::Caller::include) return;
            const auto end = graph().by_id.find(at->file->calling.text());
            if (end == graph().by_id.end()) return;
            at = &graph().nodes[end->second];
        }
        const auto block = graph().by_id.find(at->file->prefix() + at->draft->stand->block.text());
        if (block == graph().by_id.end() || block->second <= index) return;  // ids that are there twice
        GraphNode& end = graph().nodes[block->second];
        const BlockRole role = at->draft->stand->role;
        auto& list = role == BlockRole::body ? end.members : role == BlockRole::rescue ? end.rescue : end.always;
        list.push_back({index, graph().nodes[index].draft->position});
        graph().nodes[index].stand = GraphStand{block->second, role};
    }

    std::vector<NodeIndex> resolve(const std::vector<Reference>& references, NodeIndex from, const char* key,
                                   std::vector<Edge>& edges) {
        std::vector<NodeIndex> result;
        for (const Reference& reference : references)
            for (const NodeIndex to : references_.resolve(reference, from, key)) {
                if (references.size() == 1)
                    result.push_back(to);
                else
                    add_once(result, to);
                add_edge(edges, to, reference.position);
            }
        return result;
    }

    // Names the whole ids of the states that conditions speak of.
    void resolve_conditions(std::vector<Condition>& conditions, NodeIndex from) {
        for (Condition& condition : conditions) {
            if (condition.kind != Condition::Kind::changed) continue;
            const Reference reference = name_of(condition.value.text(), condition.value.position());
            const auto node = references_.resolve_id(reference, from, "changed");
            if (!node || graph().id(*node) == condition.value.text()) continue;
            condition.value = Value(graph().id(*node));
            condition.value.set_position(reference.position);
        }
    }

    void resolve_node(NodeIndex index) {
        GraphNode& from = graph().nodes[index];
        const DraftState& draft = *from.draft;
        Node node;
        node.id = StateId(from.id);
        node.position = draft.position;
        node.state_file = from.file->name;
        node.lazy = draft.lazy;
        node.defer = draft.defer;
        node.group = draft.group;
        if (draft.late != DraftState::Late::waits) node.probes = draft.probes;
        node.requirements = resolve(draft.requirements, index, "requires", from.requirements);
        node.block = draft.block;
        if (draft.block || draft.include) {
            for (const Edge& edge : from.members) node.members.push_back(edge.to);
            for (const Edge& edge : from.rescue) node.rescue.push_back(edge.to);
            for (const Edge& edge : from.always) node.always.push_back(edge.to);
        } else {
            node.members = resolve(draft.members, index, "states", from.members);
        }
        for (Probe& probe : node.probes) resolve_conditions(probe.conditions, index);
        built_.nodes.push_back(std::move(node));
    }

    void resolve_variants(NodeIndex index) {
        GraphNode& from = graph().nodes[index];
        Node& node = built_.nodes[index];
        const DraftState& draft_state = *from.draft;
        node.variants.reserve(draft_state.variants.size());
        for (const DraftVariant& draft : draft_state.variants) {
            Variant variant;
            variant.mask = static_cast<std::uint32_t>(node.variants.size());
            variant.onlyif = draft.onlyif;
            variant.unless = draft.unless;
            variant.description = draft.description;
            variant.notify = resolve(draft.notify, index, "notify", from.notifies);
            variant.notify_failure = resolve(draft.notify_failure, index, "notify_failure", from.notifies);
            resolve_conditions(variant.onlyif, index);
            resolve_conditions(variant.unless, index);
            variant.parts.reserve(draft.parts.size());
            for (const DraftPart& written : draft.parts) {
                StatePart& part = variant.parts.emplace_back(written.part);
                part.notify = resolve(written.notify, index, "notify", from.notifies);
                part.notify_failure = resolve(written.notify_failure, index, "notify_failure", from.notifies);
                for (auto* conditions : {&part.onlyif, &part.unless, &part.that})
                    resolve_conditions(*conditions, index);
                if (written.run) resolve_run(written, index, part);
            }
            node.variants.push_back(std::move(variant));
            if (draft_state.late == DraftState::Late::waits) return;  // what its probes decide is not known either
        }
    }

    void resolve_run(const DraftPart& written, NodeIndex index, StatePart& part) {
        const CompiledFile& file = *graph().nodes[index].file;
        const Reference& name = written.run->name;
        const auto called = file.calls.find(&written);
        if (called == file.calls.end()) {
            part.runs = references_.resolve_id(name, index, "state");
        } else if (called->second != CompiledFile::no_file) {
            const CompiledFile& own = gathered_.files[called->second];
            const auto found = graph().by_id.find(own.prefix() + own.draft->states.back().id.text());
            if (found != graph().by_id.end()) part.runs = found->second;
        }
        if (!part.runs) return;
        part.arguments.set("state", graph().id(*part.runs));
        add_edge(graph().nodes[index].runs, *part.runs, name.position);
    }

    // A listener is written at the other end: the one that it listens to notifies it, in each of its variants.
    void resolve_listens(NodeIndex index) {
        const DraftState& draft = *graph().nodes[index].draft;
        for (const bool failure : {false, true})
            for (const Reference& reference : failure ? draft.listen_failure : draft.listen)
                for (const NodeIndex to :
                     references_.resolve(reference, index, failure ? "listen_failure" : "listen")) {
                    for (Variant& variant : built_.nodes[to].variants)
                        add_once(failure ? variant.notify_failure : variant.notify, index);
                    add_edge(graph().nodes[to].notifies, index, reference.position);
                }
    }

    const GatheredFiles& gathered_;
    BuiltGraph built_;
    Diagnostics& diagnostics_;
    References references_;
};

// Whether there was anything to add.
bool wait_with_what_it_runs(BuiltGraph& built, NodeIndex index) {
    bool added = false;
    const std::vector<Edge> runs = built.graph.nodes[index].runs;
    for (const Edge& run : runs) {
        const std::vector<NodeIndex> inside = built.graph.expanded(run.to);
        for (const NodeIndex node : inside) {
            const std::vector<Edge> required = built.graph.nodes[node].requirements;
            for (const Edge& edge : required) {
                // Itself is a circle, which is reported as such; what stands inside is the affair of those inside.
                if (edge.to == index || std::find(inside.begin(), inside.end(), edge.to) != inside.end()) continue;
                std::vector<Edge>& own = built.graph.nodes[index].requirements;
                const std::size_t before = own.size();
                add_edge(own, edge.to, edge.position);
                if (own.size() == before) continue;
                add_once(built.nodes[index].requirements, edge.to);
                added = true;
            }
        }
    }
    return added;
}

}  // namespace

std::string Graph::shown(NodeIndex node) const {
    return quoted(id(node)) + " (" + nodes[node].draft->position.text() + ")";
}

std::vector<NodeIndex> Graph::expanded(NodeIndex node) const {
    std::vector<NodeIndex> result = {node};
    for (std::size_t at = 0; at < result.size(); ++at)
        for (const auto* members : {&nodes[result[at]].members, &nodes[result[at]].rescue, &nodes[result[at]].always})
            for (const Edge& member : *members) add_once(result, member.to);
    return result;
}

std::optional<Graph::Common> Graph::common_block(NodeIndex first, NodeIndex second) const {
    for (auto one = nodes[first].stand; one; one = nodes[one->block].stand)
        for (auto other = nodes[second].stand; other; other = nodes[other->block].stand)
            if (one->block == other->block) return Common{one->role, other->role};
    return std::nullopt;
}

BuiltGraph build_graph(const Catalog& catalog, const GatheredFiles& gathered, Diagnostics& diagnostics) {
    return Builder(catalog, gathered, diagnostics).build();
}

void wait_with_what_they_run(BuiltGraph& built) {
    for (bool again = true; again;) {  // who is run may run others
        again = false;
        for (NodeIndex index = 0; index < built.graph.nodes.size(); ++index)
            again = wait_with_what_it_runs(built, index) || again;
    }
}

}  // namespace prove
