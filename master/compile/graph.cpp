// Building the graph from drafts.
#include "master/compile/graph.hpp"

#include <algorithm>

#include "common/text/text.hpp"
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
    Builder(const Catalog& catalog, const std::vector<CompiledFile>& files, bool complete, Diagnostics& diagnostics)
        : diagnostics_(diagnostics), references_(catalog, built_.graph, complete, diagnostics) {
        built_.graph.files = &files;
    }

    BuiltGraph build() {
        place();
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
        graph().nodes.reserve(count);
        graph().by_id.reserve(count);
        for (const CompiledFile& file : *graph().files)
            for (const DraftState& state : file.draft->states) {
                const auto [other, fresh] =
                    graph().by_id.emplace(state.id.text(), static_cast<NodeIndex>(graph().nodes.size()));
                if (fresh)
                    graph().nodes.push_back({&file, &state, {}, {}, {}});
                else
                    diagnostics_.error(state.position, state.id.text(),
                                       "there is another state of this id: " + graph().shown(other->second) +
                                           "; ids are unique in a run");
            }
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

    void check_conditions(const std::vector<Condition>& conditions, NodeIndex from) {
        for (const Condition& condition : conditions)
            if (condition.kind == Condition::Kind::changed)
                references_.check_id({condition.value.text(), condition.value.position()}, from, "changed");
    }

    void resolve_node(NodeIndex index) {
        GraphNode& from = graph().nodes[index];
        const DraftState& draft = *from.draft;
        Node node;
        node.id = draft.id;
        node.position = draft.position;
        node.state_file = from.file->name;
        node.lazy = draft.lazy;
        node.defer = draft.defer;
        node.group = draft.group;
        node.probes = draft.probes;
        node.requirements = resolve(draft.requirements, index, "requires", from.requirements);
        node.members = resolve(draft.members, index, "states", from.members);
        for (const Probe& probe : draft.probes) check_conditions(probe.conditions, index);
        built_.nodes.push_back(std::move(node));
    }

    void resolve_variants(NodeIndex index) {
        GraphNode& from = graph().nodes[index];
        Node& node = built_.nodes[index];
        node.variants.reserve(from.draft->variants.size());
        for (const DraftVariant& draft : from.draft->variants) {
            Variant variant;
            variant.mask = static_cast<std::uint32_t>(node.variants.size());
            variant.onlyif = draft.onlyif;
            variant.unless = draft.unless;
            variant.description = draft.description;
            variant.notify = resolve(draft.notify, index, "notify", from.notifies);
            variant.notify_failure = resolve(draft.notify_failure, index, "notify_failure", from.notifies);
            check_conditions(draft.onlyif, index);
            check_conditions(draft.unless, index);
            variant.parts.reserve(draft.parts.size());
            for (const DraftPart& written : draft.parts) {
                StatePart& part = variant.parts.emplace_back(written.part);
                part.notify = resolve(written.notify, index, "notify", from.notifies);
                part.notify_failure = resolve(written.notify_failure, index, "notify_failure", from.notifies);
                check_conditions(part.onlyif, index);
                check_conditions(part.unless, index);
            }
            node.variants.push_back(std::move(variant));
        }
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

    BuiltGraph built_;
    Diagnostics& diagnostics_;
    References references_;
};

}  // namespace

std::string Graph::shown(NodeIndex node) const {
    return quoted(id(node)) + " (" + nodes[node].draft->position.text() + ")";
}

std::vector<NodeIndex> Graph::expanded(NodeIndex node) const {
    std::vector<NodeIndex> result = {node};
    for (std::size_t at = 0; at < result.size(); ++at)
        for (const Edge& member : nodes[result[at]].members) add_once(result, member.to);
    return result;
}

BuiltGraph build_graph(const Catalog& catalog, const std::vector<CompiledFile>& files, bool complete,
                       Diagnostics& diagnostics) {
    return Builder(catalog, files, complete, diagnostics).build();
}

}  // namespace prove
