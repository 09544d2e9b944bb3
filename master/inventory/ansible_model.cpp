// See the header.
#include "master/inventory/ansible_model.hpp"

#include <algorithm>
#include <deque>
#include <numeric>

#include "common/text/text.hpp"
#include "master/inventory/ansible_connection.hpp"
#include "master/inventory/ansible_hosts.hpp"
#include "master/inventory/inventory_text.hpp"

namespace prove {

namespace {

constexpr std::size_t all = 0, ungrouped = 1;
constexpr std::size_t most_groups = 20'000, most_memberships = 4'000'000;

bool is_identifier(const std::string& name) {
    const auto is_right = [](char c) {
        return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), is_right) && (name[0] < '0' || name[0] > '9');
}

void sort_once(std::vector<std::size_t>& indices) {
    std::sort(indices.begin(), indices.end());
    indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
}

}  // namespace

AnsibleModel::AnsibleModel(Inventory& inventory, const FileName& file)
    : inventory_(inventory), problems_(inventory.problems), file_(file) {
    group("all", {});
    group("ungrouped", {});
}

AnsibleModel::Index AnsibleModel::group(const std::string& name, const SourcePosition& position) {
    const auto [found, is_new] = group_index_.emplace(name, groups_.size());
    if (is_new) {
        if (groups_.size() == most_groups)
            throw Error(ErrorKind::invalid, position, "there are more than " + std::to_string(most_groups) + " groups");
        Group group;
        group.name = name;
        groups_.push_back(std::move(group));
    }
    auto& group = groups_[found->second];
    if (!group.position.known()) group.position = position;
    return found->second;
}

std::vector<AnsibleModel::Index> AnsibleModel::hosts(const std::string& pattern, const SourcePosition& position,
                                                     Index group) {
    std::vector<Index> result;
    HostPattern expanded;
    try {
        expanded = expand_hosts(pattern, most_inventory_hosts);
    } catch (const Error& error) {
        problems_.error(position, "", error.text());
        return result;
    }
    for (const auto& written : expanded.hosts) {
        const auto name = target_name_of(written, position, problems_);
        if (!name) return result;
        const auto [found, is_new] = host_index_.emplace(*name, hosts_.size());
        if (is_new) {
            if (hosts_.size() == most_inventory_hosts)
                throw Error(ErrorKind::invalid, position,
                            "there are more than " + std::to_string(most_inventory_hosts) + " hosts");
            Host host;
            host.name = *name;
            host.written = written;
            host.position = position;
            hosts_.push_back(std::move(host));
        }
        auto& host = hosts_[found->second];
        if (host.written != written) {
            problems_.error(position, "",
                            "the host " + quoted(written) + " differs from " + quoted(host.written) + " at " +
                                host.position.text() + " by capital letters alone");
            return result;
        }
        host.grouped = host.grouped || (group != all && group != ungrouped);
        if (expanded.port) host.connection["ansible_port"] = placed(*expanded.port, position);
        groups_[group].hosts.push_back(found->second);
        result.push_back(found->second);
    }
    return result;
}

void AnsibleModel::child(Index parent, Index child, const SourcePosition& position) {
    groups_[parent].children.emplace_back(child, position);
    groups_[child].parents.push_back(parent);
}

void AnsibleModel::variable(Value& variables, std::map<std::string, Value>& connection, const std::string& where,
                            const std::string& name, const SourcePosition& position, Value value) {
    if (!is_identifier(name)) {
        problems_.error(position, where, "a variable's name has letters, digits and '_', found " + quoted(name));
        return;
    }
    refuse_templates(value, where, "Ansible", problems_);
    if (!is_ansible_own(name)) {
        // One mapping replaces another in Ansible, and in Prove they would be merged.
        const auto& other = value.is_mapping() ? name : name + "!";
        variables.mapping().erase(other);
        variables.mapping().set(value.is_mapping() ? name + "!" : name, position, std::move(value));
        return;
    }
    if (told_.insert(name).second) check_ansible_own(name, position, where, problems_);
    connection[name] = std::move(value);
}

void AnsibleModel::host_variable(Index host, const std::string& name, const SourcePosition& position, Value value) {
    variable(hosts_[host].variables, hosts_[host].connection, "host " + hosts_[host].written, name, position,
             std::move(value));
}

void AnsibleModel::group_variable(Index group, const std::string& name, const SourcePosition& position, Value value) {
    auto& into = groups_[group];
    if (name == "ansible_group_priority" && value.is_integer())
        into.priority = value.integer();
    else
        variable(into.variables, into.connection, "group " + into.name, name, position, std::move(value));
}

void AnsibleModel::finish() {
    put_under_all();
    const auto parents_first = settle_depths();
    if (parents_first.empty() || !take_hosts_of_children(parents_first)) return;
    auto order = parents_first;
    // As Ansible sorts them: the variables of the later ones win.
    std::sort(order.begin(), order.end(), [this](Index a, Index b) {
        const auto &left = groups_[a], &right = groups_[b];
        return std::tie(left.depth, left.priority, left.name) < std::tie(right.depth, right.priority, right.name);
    });
    write_targets(order);
    write_groups(order);
}

void AnsibleModel::put_under_all() {
    // What is written nowhere is as if its first line said so.
    for (const Index i : {all, ungrouped})
        if (!groups_[i].position.known()) groups_[i].position = {file_, 1, 1};
    groups_[ungrouped].hosts.clear();
    for (Index i = 0; i < hosts_.size(); ++i)
        if (!hosts_[i].grouped) groups_[ungrouped].hosts.push_back(i);
    for (Index i = 1; i < groups_.size(); ++i)
        if (groups_[i].parents.empty()) child(all, i, groups_[i].position);
}

std::vector<AnsibleModel::Index> AnsibleModel::settle_depths() {
    std::vector<std::size_t> waiting(groups_.size());
    for (Index i = 0; i < groups_.size(); ++i) waiting[i] = groups_[i].parents.size();
    std::vector<Index> order;
    for (Index i = 0; i < groups_.size(); ++i)
        if (waiting[i] == 0) order.push_back(i);
    for (std::size_t at = 0; at < order.size(); ++at)
        for (const auto& [child, position] : groups_[order[at]].children) {
            groups_[child].depth = std::max(groups_[child].depth, groups_[order[at]].depth + 1);
            if (--waiting[child] == 0) order.push_back(child);
        }
    if (order.size() == groups_.size()) return order;
    report_cycle(waiting);
    return {};
}

// Whoever still waits for a parent is in a circle or below one: going up from there ends in going round.
void AnsibleModel::report_cycle(const std::vector<std::size_t>& waiting) {
    const auto first = std::find_if(waiting.begin(), waiting.end(), [](std::size_t count) { return count != 0; });
    std::vector<Index> way{static_cast<Index>(first - waiting.begin())};
    for (;;) {
        const auto& parents = groups_[way.back()].parents;
        const Index up =
            *std::find_if(parents.begin(), parents.end(), [&](Index parent) { return waiting[parent] != 0; });
        const bool is_round = std::find(way.begin(), way.end(), up) != way.end();
        way.push_back(up);
        if (!is_round) continue;
        way.erase(way.begin(), std::find(way.begin(), way.end(), up));
        break;
    }
    std::reverse(way.begin(), way.end());
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(way.size(), 10); ++i)
        names += (i == 0 ? "" : " > ") + quoted(groups_[way[i]].name);
    if (way.size() > 10) names += " > ...";
    const auto& children = groups_[way[0]].children;
    const auto place =
        std::find_if(children.begin(), children.end(), [&](const auto& child) { return child.first == way[1]; });
    problems_.error(place->second, "group " + groups_[way[0]].name,
                    "groups are children of each other in a circle: " + names);
}

bool AnsibleModel::take_hosts_of_children(const std::vector<Index>& parents_first) {
    std::size_t memberships = 0;
    for (auto at = parents_first.rbegin(); at != parents_first.rend(); ++at) {
        auto& group = groups_[*at];
        for (const auto& [child, position] : group.children)
            group.hosts.insert(group.hosts.end(), groups_[child].hosts.begin(), groups_[child].hosts.end());
        sort_once(group.hosts);
        memberships += group.hosts.size();
        if (memberships <= most_memberships) continue;
        problems_.error(
            group.position, "",
            "its groups have more than " + std::to_string(most_memberships) + " hosts together, counted in each");
        return false;
    }
    return true;
}

void AnsibleModel::write_groups(const std::vector<Index>& order) {
    for (const Index index : order) {
        auto& group = groups_[index];
        if (group.hosts.empty() && group.variables.mapping().empty() && index <= ungrouped) continue;
        auto names = Value::array();
        for (const Index host : group.hosts) names.push(placed(hosts_[host].name, hosts_[host].position));
        auto value = placed(Value::object(), group.position);
        set_placed(value, "name", group.name, group.position);
        set_placed(value, "list", std::move(names), group.position);
        set_placed(value, "variables", std::move(group.variables), group.position);
        inventory_.groups.push(std::move(value));
    }
}

void AnsibleModel::write_targets(const std::vector<Index>& order) {
    std::vector<std::map<std::string, Value>> connections(hosts_.size());
    for (const Index index : order)
        for (const auto& [name, value] : groups_[index].connection)
            for (const Index host : groups_[index].hosts) connections[host].insert_or_assign(name, value);
    for (Index i = 0; i < hosts_.size(); ++i) {
        auto& host = hosts_[i];
        for (auto& [name, value] : host.connection) connections[i].insert_or_assign(name, std::move(value));
        auto target = ssh_target_value(host.name, host.written, host.position);
        apply_connection(target, connections[i], "host " + host.written, problems_);
        if (!host.variables.mapping().empty())
            set_placed(target, "variables", std::move(host.variables), host.position);
        inventory_.targets.push(std::move(target));
    }
}

}  // namespace prove
