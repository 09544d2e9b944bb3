// From a StateRun to its graph, and to data and back.
#include "master/looking/run_graph.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::array kinds = {RunGraph::Kind::requires_, RunGraph::Kind::notify, RunGraph::Kind::notify_failure,
                              RunGraph::Kind::member,    RunGraph::Kind::rescue, RunGraph::Kind::always,
                              RunGraph::Kind::runs};

class Builder {
  public:
    explicit Builder(const StateRun& run) : run_(run) {}

    RunGraph build() {
        for (NodeIndex index = 0; index < run_.nodes.size(); ++index) add(index);
        std::sort(graph_.edges.begin(), graph_.edges.end());
        graph_.edges.erase(std::unique(graph_.edges.begin(), graph_.edges.end()), graph_.edges.end());
        return std::move(graph_);
    }

  private:
    void add(NodeIndex index) {
        const Node& node = run_.nodes[index];
        RunGraph::State state;
        state.id = node.id.text();
        state.file = node.position.known() ? node.position.file_name() : node.state_file;
        state.position = node.position;
        state.lazy = node.lazy;
        state.deferred = node.defer;
        state.group = node.group;
        state.block = node.block;
        for (const Probe& probe : node.probes) state.probes.push_back(probe.name);
        join(index, node.requirements, RunGraph::Kind::requires_);
        join(index, node.members, RunGraph::Kind::member);
        join(index, node.rescue, RunGraph::Kind::rescue);
        join(index, node.always, RunGraph::Kind::always);
        for (const Variant& variant : node.variants) {
            join(index, variant.notify, RunGraph::Kind::notify);
            join(index, variant.notify_failure, RunGraph::Kind::notify_failure);
            for (const StatePart& part : variant.parts) {
                join(index, part.notify, RunGraph::Kind::notify);
                join(index, part.notify_failure, RunGraph::Kind::notify_failure);
                if (part.runs) graph_.edges.push_back({index, *part.runs, RunGraph::Kind::runs});
                auto& names = state.functions;
                if (std::find(names.begin(), names.end(), part.function) == names.end()) names.push_back(part.function);
            }
        }
        graph_.states.push_back(std::move(state));
    }

    void join(NodeIndex from, const std::vector<NodeIndex>& to, RunGraph::Kind kind) {
        for (const NodeIndex one : to) graph_.edges.push_back({from, one, kind});
    }

    const StateRun& run_;
    RunGraph graph_;
};

Value texts(const std::vector<std::string>& list) {
    return Value(Value::List(list.begin(), list.end()));
}

}  // namespace

const char* name_of(RunGraph::Kind kind) {
    switch (kind) {
        case RunGraph::Kind::requires_: return "requires";
        case RunGraph::Kind::notify: return "notify";
        case RunGraph::Kind::notify_failure: return "notify_failure";
        case RunGraph::Kind::member: return "member";
        case RunGraph::Kind::rescue: return "rescue";
        case RunGraph::Kind::always: return "always";
        case RunGraph::Kind::runs: return "runs";
    }
    return "";
}

RunGraph graph_of(const StateRun& run) {
    return Builder(run).build();
}

Value to_value(const RunGraph& graph) {
    Value states = Value::array(), edges = Value::array();
    for (const RunGraph::State& state : graph.states) {
        Value one = Value::object();
        one.set("id", state.id);
        one.set("file", state.file);
        one.set("line", static_cast<std::int64_t>(state.position.line));
        one.set("functions", texts(state.functions));
        if (!state.probes.empty()) one.set("probes", texts(state.probes));
        for (const auto& [name, is] : {std::pair{"lazy", state.lazy}, std::pair{"defer", state.deferred},
                                       std::pair{"group", state.group}, std::pair{"block", state.block}})
            if (is) one.set(name, true);
        states.push(std::move(one));
    }
    for (const RunGraph::Edge& edge : graph.edges) {
        Value one = Value::object();
        one.set("from", graph.states[edge.from].id);
        one.set("to", graph.states[edge.to].id);
        one.set("kind", name_of(edge.kind));
        edges.push(std::move(one));
    }
    Value result = Value::object();
    result.set("states", std::move(states));
    result.set("edges", std::move(edges));
    return result;
}

RunGraph run_graph_from(const Value& value) {
    RunGraph graph;
    std::map<std::string, NodeIndex> index;
    Fields fields(value, "a graph");
    for (const Value& one : fields.required("states").list()) {
        Fields own(one, "a state of a graph");
        RunGraph::State state;
        state.id = own.text("id");
        state.file = own.text("file");
        state.position.file = std::make_shared<const std::string>(state.file);
        state.position.line = static_cast<std::uint32_t>(own.integer("line"));
        state.functions = own.texts("functions");
        state.probes = own.texts("probes");
        state.lazy = own.boolean("lazy", false);
        state.deferred = own.boolean("defer", false);
        state.group = own.boolean("group", false);
        state.block = own.boolean("block", false);
        own.end();
        index.emplace(state.id, static_cast<NodeIndex>(graph.states.size()));
        graph.states.push_back(std::move(state));
    }
    const auto find = [&](const std::string& id) {
        const auto found = index.find(id);
        if (found == index.end()) throw Error(ErrorKind::invalid, "a graph joins a state that it has not");
        return found->second;
    };
    for (const Value& one : fields.required("edges").list()) {
        Fields own(one, "an edge of a graph");
        const std::string name = own.text("kind");
        const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](RunGraph::Kind k) { return name_of(k) == name; });
        if (kind == kinds.end()) throw Error(ErrorKind::invalid, "a graph has an edge of an unknown kind");
        graph.edges.push_back({find(own.text("from")), find(own.text("to")), *kind});
        own.end();
    }
    fields.end();
    return graph;
}

}  // namespace prove
