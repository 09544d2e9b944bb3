// The keys that every state and part takes (docs/catalog.md): their names, and their values from what the user wrote.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "master/compile/draft.hpp"
#include "proto/error.hpp"

namespace prove {

struct StateKeys {
    std::vector<Reference> requirements, notify, notify_failure, listen, listen_failure;
    std::optional<bool> lazy, defer, late, verify, sensitive;
    std::vector<Condition> onlyif, unless;
    std::vector<Probe> probes;
    std::optional<std::chrono::milliseconds> timeout;
    std::optional<Retry> retry;
    std::vector<std::string> tags;
    std::string description;
};
// But for where they were written.
bool operator==(const StateKeys& left, const StateKeys& right);

bool is_state_key(std::string_view name);
const std::vector<std::string>& state_key_names();

// Reads `member` into `keys`; what is wrong goes to `diagnostics`. `where` is the state's id.
void read_state_key(const Mapping::Member& member, StateKeys& keys, const std::string& where, Diagnostics& diagnostics);

// One name or a list of names: for requires, notify, a group's states, _include. Wrong ones are left out.
std::vector<Reference> read_references(const Value& value, const std::string& key, const std::string& where,
                                       Diagnostics& diagnostics);
// A shell command, a mapping such as {exists: PATH}, a boolean, or a list of those.
std::vector<Condition> read_conditions(const Value& value, const std::string& key, const std::string& where,
                                       Diagnostics& diagnostics);

}  // namespace prove
