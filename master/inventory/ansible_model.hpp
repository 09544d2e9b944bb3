// What an Ansible inventory says, whichever way it was written: hosts, groups in groups, variables. And what becomes of
// it in Prove: groups in the order in which Ansible lets their variables win, and targets that are reached as Ansible
// would.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "master/catalog/inventory.hpp"

namespace prove {

class AnsibleModel {
  public:
    AnsibleModel(Inventory& inventory, const FileName& file);

    using Index = std::size_t;
    // Makes it where it is new.
    Index group(const std::string& name, const SourcePosition& position);
    bool has_group(const std::string& name) const { return group_index_.count(name) != 0; }
    // The hosts of a pattern with ranges, each new or known, as members of a group.
    std::vector<Index> hosts(const std::string& pattern, const SourcePosition& position, Index group);
    void child(Index parent, Index child, const SourcePosition& position);
    void host_variable(Index host, const std::string& name, const SourcePosition& position, Value value);
    void group_variable(Index group, const std::string& name, const SourcePosition& position, Value value);

    // Fills the inventory's targets and groups; all that is wrong is with its problems then.
    void finish();

  private:
    struct Host {
        std::string name, written;
        SourcePosition position;
        Value variables = Value::object();
        std::map<std::string, Value> connection;  // ansible_..., the host's own
        bool grouped = false;
    };
    struct Group {
        std::string name;
        SourcePosition position;
        Value variables = Value::object();
        std::map<std::string, Value> connection;
        std::vector<Index> hosts;  // at last also those of its children; then sorted, each once
        std::vector<std::pair<Index, SourcePosition>> children;
        std::vector<Index> parents;
        std::int64_t priority = 1;
        std::size_t depth = 0;
    };
    void variable(Value& variables, std::map<std::string, Value>& connection, const std::string& where,
                  const std::string& name, const SourcePosition& position, Value value);
    void put_under_all();
    std::vector<Index> settle_depths();  // parents first; empty, with an error, where there is a cycle
    void report_cycle(const std::vector<std::size_t>& waiting);
    bool take_hosts_of_children(const std::vector<Index>& parents_first);
    void write_groups(const std::vector<Index>& order);
    void write_targets(const std::vector<Index>& order);

    Inventory& inventory_;
    Diagnostics& problems_;
    const FileName file_;
    std::vector<Host> hosts_;
    std::vector<Group> groups_;
    std::map<std::string, Index> host_index_, group_index_;
    std::set<std::string> told_;  // Ansible's own variables that were looked at
};

}  // namespace prove
