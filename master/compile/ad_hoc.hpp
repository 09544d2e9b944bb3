// One function called by hand (`prove-cli state web1 file.managed path=/x content=y`) as a state file with one state, so
// that everything after it is as for the catalog's. Its arguments are words of a command line: what each of them means
// is told by the function's schema.
#pragma once

#include <string>

#include "master/compile/compiler.hpp"

namespace prove {

struct GatheredFiles;

// What the state is called in reports.
inline constexpr const char* ad_hoc_id = "ad hoc";

// {function, arguments: {NAME: VALUE}, content: {hash, size}}, as jobs have it in their options. Throws Error(invalid).
AdHocState ad_hoc_from(const Value& value);
Value to_value(const AdHocState& state);

// What is wrong stands at "argument N", the word after the function's name.
GatheredFiles gather_ad_hoc(const AdHocState& state, const FunctionRegistry& functions, Diagnostics& diagnostics);
// All of that at once, as Error(usage): it is no matter of a target.
void check_ad_hoc(const AdHocState& state, const FunctionRegistry& functions);

}  // namespace prove
