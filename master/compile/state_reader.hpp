// One state file's data, as YAML or JSON gave it, to drafts. Knows functions and keys; knows no other file.
#pragma once

#include "agent/functions/registry.hpp"
#include "master/compile/draft.hpp"
#include "master/compile/late_reader.hpp"
#include "proto/error.hpp"

namespace prove {

// `document` is taken apart. What is wrong goes to `diagnostics`; a state that is wrong is still there, so that
// references to it are not errors too.
DraftFile read_states(Value document, const FunctionRegistry& functions, const LateStates& late,
                      Diagnostics& diagnostics);

}  // namespace prove
