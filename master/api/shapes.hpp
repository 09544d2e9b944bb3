// How the master's rows look in the API: the JSON that docs/openapi.yml describes.
#pragma once

#include "master/commands/master.hpp"
#include "proto/error.hpp"
#include "proto/value.hpp"

namespace prove {

Value to_value(const Diagnostic& diagnostic);
Value to_value(const Diagnostics& diagnostics);
Diagnostics diagnostics_from(const Value& value);

Value shape_of(const JobRow& row);
Value shape_of(const JobTargetRow& row);
Value shape_of(const JobView& view, bool with_targets);
Value shape_of(const EventRow& row);
Value shape_of(const KeyRow& row);
Value shape_of(const TokenRow& row);
Value shape_of(const TargetRow& row);
Value shape_of(const CatalogStatus& status);

}  // namespace prove
