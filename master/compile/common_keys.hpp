// The keys of a meta.block or a meta.include: they count for every state inside.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "master/compile/state_keys.hpp"

namespace prove {

// Adds `more` to `keys`; where only one value can be, that of `keys` stays.
void merge_keys(StateKeys& keys, const StateKeys& more);

// Gives a state inside the keys that are common to all. What can have only one value (timeout, retry) stays as the
// state says it. `conditions`: onlyif and unless too; a rescue and an `always` do not take them, since they run only
// where something of the body ran. `outer` is added to how far out the names in `keys` were written.
void apply_keys(DraftState& state, const StateKeys& keys, bool conditions, std::uint32_t outer);

// The probes of a block or a meta.include: those of every state inside that runs something and has none of that name.
void add_probes(DraftState& state, const std::vector<Probe>& probes);

// What is within a condition names states too: {changed: ID} and outputs. As a state has it that stands `outer` files
// further in than the condition was written; `name_of` reads such a name.
std::vector<Condition> seen_within(std::vector<Condition> conditions, std::uint32_t outer);
std::vector<Probe> seen_within(std::vector<Probe> probes, std::uint32_t outer);
Reference name_of(const std::string& written, const SourcePosition& position);

}  // namespace prove
