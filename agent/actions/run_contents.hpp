// The contents that a run names, found in its wire form: before it is run, and without knowing its functions.
#pragma once

#include <vector>

#include "proto/state_run.hpp"
#include "proto/value.hpp"

namespace prove {

// In the order of its parts, each once.
std::vector<BlobRef> contents_in_order(const Value& run);
// The same without those whose file is in its place on this machine already, with just that content.
std::vector<BlobRef> contents_lacking(const Value& run);

}  // namespace prove
