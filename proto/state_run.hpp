// A StateRun: what one target is to be, compiled. A graph of Nodes in written order, with every template rendered and
// every file named by its hash. Values only; Schedule (agent/engine) gives it its order, Runner executes it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/ids.hpp"
#include "proto/position.hpp"
#include "proto/value.hpp"

namespace prove {

// An index into StateRun::nodes; nodes stand in the order in which they were written, included files first.
using NodeIndex = std::uint32_t;

struct Condition {
    enum class Kind {
        command,  // value: text (a shell line) or list (program and arguments); holds when its exit code is 0
        exists,   // value: a path; links are not followed
        missing,  // value: a path
        fact,     // value: an expression over facts, "os.family=debian" (also != < >= and globs)
        changed,  // value: a state's id; holds when that state has changed something in this run
        equals,   // value: a list of two
    };
    Kind kind = Kind::command;
    Value value;
    SourcePosition position;
    bool operator==(const Condition&) const = default;
};
Condition::Kind condition_kind(const std::string& name);  // throws Error(invalid)
const char* name_of(Condition::Kind kind);

struct Retry {
    int attempts = 1;
    std::chrono::milliseconds delay{0};
    double backoff = 1;
    bool operator==(const Retry&) const = default;
};

// One function call. Arguments are checked against the function's schema by the compiler. A file's content is not in
// them but named: {"content": {"$blob": "<hash, hex>", "size": 120}}.
struct StatePart {
    std::string function;
    Value arguments = Value::object();
    SourcePosition position;
    std::vector<NodeIndex> notify;
    std::vector<NodeIndex> notify_failure;
    std::vector<Condition> onlyif;
    std::vector<Condition> unless;
    std::vector<Condition> that;           // meta.assert: it fails where one of them does not hold
    std::optional<NodeIndex> runs;         // meta.run: the state that runs in this part's place
    std::chrono::milliseconds timeout{0};  // for each attempt; 0: the default (600 s)
    Retry retry;
    bool verify = true;
    bool sensitive = false;
    std::string description;
    bool operator==(const StatePart&) const = default;
};

// What a Node does for one combination of its probes' answers: bit i of `mask` is the answer of probes[i].
struct Variant {
    std::uint32_t mask = 0;
    std::vector<StatePart> parts;
    std::vector<NodeIndex> notify;  // fired once, after the last part
    std::vector<NodeIndex> notify_failure;
    std::vector<Condition> onlyif;
    std::vector<Condition> unless;
    std::string description;
    bool operator==(const Variant&) const = default;
};

struct Probe {
    std::string name;
    std::vector<Condition> conditions;  // true when all hold
    bool operator==(const Probe&) const = default;
};

// One State with one set of parameters. A Node with members is a meta.group: it has no parts of its own, succeeds when
// all members did, has changed when any has, and passes a notification on to its lazy members. A meta.block is a group
// whose members are its body: the first that fails skips those that have not run, wakes `rescue`, and after both comes
// `always`. All of them are Nodes of their own that stand before it: it is the end of its block.
struct Node {
    StateId id;
    SourcePosition position;
    std::string state_file;  // the name of the state file, "site" for states/site.yml
    bool lazy = false;
    bool defer = false;
    std::vector<NodeIndex> requirements;  // dependency Nodes
    std::vector<Probe> probes;
    std::vector<Variant> variants;  // 2^probes of them, by mask; exactly one for a group
    bool group = false;
    std::vector<NodeIndex> members;
    bool block = false;  // a group, too
    std::vector<NodeIndex> rescue, always;
    bool operator==(const Node&) const = default;
};

// A Node that runs without being asked.
struct RootNode {
    NodeIndex index = 0;
    bool operator==(const RootNode&) const = default;
};

struct BlobRef {
    Hash hash;
    std::uint64_t size = 0;
    auto operator<=>(const BlobRef&) const = default;
};

struct RunOptions {
    enum class OnFailure { continue_, stop };
    OnFailure on_failure = OnFailure::continue_;
    bool verify = true;
    int max_invocations = 8;
    int parallelism = 1;  // how many invocations run at once, at most
    bool operator==(const RunOptions&) const = default;
};

struct StateRun {
    static constexpr int current_format = 1;
    int format = current_format;
    TargetId target;
    std::string catalog;  // the catalog's content hash, hex
    RunOptions options;
    bool partial = false;  // only some states were asked for: debts of others stay as they are
    std::vector<Node> nodes;
    std::vector<BlobRef> files;  // every content that a part names, sorted by hash, each once
    std::vector<Diagnostic> warnings;

    std::vector<RootNode> root_nodes() const;
    std::optional<NodeIndex> find(const StateId& id) const;
    bool operator==(const StateRun&) const = default;
};

// The wire form. Positions are written as [file index, line, column] over a table of file names, nodes by index, and
// what has its default is left out. Reading checks everything: unknown fields, indexes in range, variants complete.
Value to_value(const StateRun& run);
StateRun state_run_from(const Value& value);

}  // namespace prove
