// How the master's rows look in the API: the JSON that docs/openapi.yml describes.
#pragma once

#include "master/commands/master.hpp"
#include "proto/diagnostics_value.hpp"
#include "proto/value.hpp"

namespace prove {

Value shape_of(const JobRow& row);
Value shape_of(const JobTargetRow& row);
Value shape_of(const JobView& view, bool with_targets);
Value shape_of(const RunRow& row);
Value shape_of(const EventRow& row);
Value shape_of(const KeyRow& row);
Value shape_of(const TokenRow& row);
Value shape_of(const TargetRow& row);
Value shape_of(const PauseView& view);
Value shape_of(const CatalogStatus& status);
Value shape_of(const Overview& view);

}  // namespace prove
