// The keys of a meta.block or a meta.include: they count for every state inside.
#pragma once

#include <cstdint>

#include "master/compile/state_keys.hpp"

namespace prove {

// Adds `more` to `keys`; where only one value can be, that of `keys` stays.
void merge_keys(StateKeys& keys, const StateKeys& more);

// Gives a state inside the keys that are common to all. What can have only one value (timeout, retry) stays as the
// state says it. `conditions`: onlyif and unless too; a rescue and an `always` do not take them, since they run only
// where something of the body ran. `outer` is added to how far out the names in `keys` were written.
void apply_keys(DraftState& state, const StateKeys& keys, bool conditions, std::uint32_t outer);

}  // namespace prove
