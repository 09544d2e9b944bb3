// Claims: every function declares what it decides, and two states must not decide one thing differently. With an order
// between them the later one wins, in every run anew: that is only worth a warning.
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "agent/functions/registry.hpp"
#include "common/text/text.hpp"
#include "master/compile/graph.hpp"

namespace prove {

namespace {

constexpr std::size_t most_conflicts = 50;

// What a path is for who claims this aspect of it.
const std::map<std::string, std::string> path_kinds = {
    {"content", "a file"}, {"directory", "a directory"}, {"existence", "not to be there"}};

struct Claimant {
    NodeIndex node = 0;
    const StatePart* part = nullptr;
    const Claim* claim = nullptr;
};

std::vector<std::string> texts_of(const Value* value) {
    std::vector<std::string> result;
    if (value == nullptr) return result;
    if (value->is_text()) result.push_back(value->text());
    if (value->is_list())
        for (const Value& member : value->list())
            if (member.is_text()) result.push_back(member.text());
    return result;
}

// Both say something about an argument, and not the same. An argument that one leaves out it does not decide.
bool agree(const Claimant& left, const Claimant& right) {
    if (left.claim->wants != right.claim->wants) return false;
    const Value& a = left.part->arguments;
    const Value& b = right.part->arguments;
    if (left.claim->compared.empty()) {
        if (left.part->function != right.part->function) return false;
        for (const Mapping::Member& member : a.mapping()) {
            const Value* other = b.find(member.key);
            if (member.key != left.claim->argument && other != nullptr && !(*other == member.value)) return false;
        }
        return true;
    }
    for (const std::string& name : left.claim->compared) {
        const Value* one = a.find(name);
        const Value* other = b.find(name);
        if (one != nullptr && other != nullptr && !(*one == *other)) return false;
    }
    return true;
}

class ClaimCheck {
  public:
    ClaimCheck(const Graph& graph, const std::vector<Node>& nodes, const FunctionRegistry& functions,
               Diagnostics& diagnostics)
        : graph_(graph), nodes_(nodes), functions_(functions), diagnostics_(diagnostics) {}

    void check() {
        for (NodeIndex node = 0; node < nodes_.size(); ++node)
            for (const Variant& variant : nodes_[node].variants)
                for (const StatePart& part : variant.parts)
                    if (const Function* function = functions_.find(part.function)) {
                        claim_all(node, part, *function);
                        if (is_certain(node, variant, part)) compare_kinds({node, &part}, *function);
                    }
    }

  private:
    void claim_all(NodeIndex node, const StatePart& part, const Function& function) {
        for (const Claim& claim : function.schema.claims) {
            const bool holds = claim.only_with.empty() || std::any_of(claim.only_with.begin(), claim.only_with.end(),
                                                                      [&](const std::string& name) {
                                                                          return part.arguments.find(name) != nullptr;
                                                                      });
            if (!holds) continue;
            std::string finer;
            if (!claim.also.empty())
                if (const Value* value = part.arguments.find(claim.also)) finer = write_json(*value);
            for (const std::string& resource : texts_of(part.arguments.find(claim.argument)))
                add({node, &part, &claim}, resource, finer);
        }
    }

    void add(const Claimant& claimant, const std::string& resource, const std::string& finer) {
        std::string key = claimant.claim->kind + '\n' + claimant.claim->aspect + '\n' + resource + '\n' + finer;
        auto& others = claimants_[std::move(key)];
        for (const Claimant& other : others)
            if (other.node != claimant.node && !agree(other, claimant) && !is_excused(other.node, claimant.node))
                conflict(other, claimant, resource);
        others.push_back(claimant);
    }

    void conflict(const Claimant& first, const Claimant& second, const std::string& resource) {
        if (!reported_.insert({first.node, second.node}).second || reported_.size() > most_conflicts) return;
        const std::string what = second.claim->kind + " " + quoted(resource) + " is decided differently by " +
                                 graph_.shown(first.node) + " with " + first.part->function +
                                 " (both claim: " + second.claim->aspect + ")";
        if (ordered(first.node, second.node))
            diagnostics_.warning(second.part->position, graph_.id(second.node),
                                 what + "; from the second run on they will undo each other");
        else
            diagnostics_.error(second.part->position, graph_.id(second.node),
                               what + "; make them agree, or keep one of them");
    }

    // Whether it is wanted in every run.
    bool is_certain(NodeIndex node, const Variant& variant, const StatePart& part) const {
        return !nodes_[node].lazy && nodes_[node].variants.size() == 1 && variant.onlyif.empty() &&
               variant.unless.empty() && part.onlyif.empty() && part.unless.empty();
    }

    // What is a file for one state cannot be a directory, or nothing, for another: aspects of one path that differ, but
    // that no run can make true both.
    void compare_kinds(const Claimant& claimant, const Function& function) {
        for (const Claim& claim : function.schema.claims) {
            const auto kind = path_kinds.find(claim.aspect);
            const Value* path = claimant.part->arguments.find(claim.argument);
            if (claim.kind != "path" || kind == path_kinds.end() || path == nullptr || !path->is_text()) continue;
            const auto [first, fresh] = kinds_.emplace(path->text(), std::pair(claimant, kind->second));
            const auto& [other, wanted] = first->second;
            if (fresh || wanted == kind->second || other.node == claimant.node || is_excused(other.node, claimant.node))
                continue;
            diagnostics_.warning(claimant.part->position, graph_.id(claimant.node),
                                 "path " + quoted(path->text()) + " is " + kind->second + " here and " + wanted +
                                     " in " + graph_.shown(other.node) +
                                     "; a run that makes both true one after the other fails as flapping");
        }
    }

    // Rescue and `always` are not held against their body, nor against each other.
    bool is_excused(NodeIndex one, NodeIndex other) const {
        const auto block = graph_.common_block(one, other);
        return block && block->first != block->second;
    }

    bool ordered(NodeIndex one, NodeIndex other) {
        if (graph_.common_block(one, other)) return true;
        if (followers_.empty()) find_followers();
        return reaches(one, other) || reaches(other, one) || included(one, other) || included(other, one);
    }

    // For every node those that run after it because of a requirement or a notification.
    void find_followers() {
        followers_.resize(graph_.nodes.size());
        for (NodeIndex node = 0; node < graph_.nodes.size(); ++node) {
            for (const Edge& edge : graph_.nodes[node].requirements) followers_[edge.to].push_back(node);
            const GraphNode& at = graph_.nodes[node];
            for (const auto* members : {&at.members, &at.rescue, &at.always})
                for (const Edge& edge : *members) followers_[edge.to].push_back(node);
            for (const Edge& edge : at.runs) followers_[node].push_back(edge.to);
            for (const Edge& edge : graph_.nodes[node].notifies)
                for (const NodeIndex to : graph_.expanded(edge.to)) followers_[node].push_back(to);
        }
    }

    bool reaches(NodeIndex from, NodeIndex to) const {
        std::vector<bool> seen(graph_.nodes.size());
        std::vector<NodeIndex> rest = {from};
        while (!rest.empty()) {
            const NodeIndex node = rest.back();
            rest.pop_back();
            for (const NodeIndex next : followers_[node]) {
                if (next == to) return true;
                if (!seen[next]) {
                    seen[next] = true;
                    rest.push_back(next);
                }
            }
        }
        return false;
    }

    // Whether the file of `later` includes the file of `earlier`, at any depth.
    bool included(NodeIndex earlier, NodeIndex later) const {
        const std::string& wanted = graph_.nodes[earlier].file->name;
        std::set<std::string> seen;
        std::vector<std::string> rest = {graph_.nodes[later].file->name};
        while (!rest.empty()) {
            const std::string name = rest.back();
            rest.pop_back();
            for (const CompiledFile& file : *graph_.files) {
                if (file.name != name) continue;
                for (const Reference& include : file.draft->includes) {
                    if (include.text == wanted) return wanted != graph_.nodes[later].file->name;
                    if (seen.insert(include.text).second) rest.push_back(include.text);
                }
            }
        }
        return false;
    }

    const Graph& graph_;
    const std::vector<Node>& nodes_;
    const FunctionRegistry& functions_;
    Diagnostics& diagnostics_;
    std::unordered_map<std::string, std::vector<Claimant>> claimants_;
    std::unordered_map<std::string, std::pair<Claimant, std::string>> kinds_;  // by path: who spoke of it first
    std::set<std::pair<NodeIndex, NodeIndex>> reported_;
    std::vector<std::vector<NodeIndex>> followers_;
};

}  // namespace

void check_claims(const Graph& graph, const std::vector<Node>& nodes, const FunctionRegistry& functions,
                  Diagnostics& diagnostics) {
    ClaimCheck(graph, nodes, functions, diagnostics).check();
}

}  // namespace prove
