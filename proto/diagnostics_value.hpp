// What is wrong with a catalog, as data: in the API's answers, in results of targets that did not compile, in JSON output.
// {severity, file?, line?, column?, where?, text, excerpt?, contexts?}
#pragma once

#include "proto/error.hpp"
#include "proto/value.hpp"

namespace prove {

Value to_value(const Diagnostic& diagnostic);
Value to_value(const Diagnostics& diagnostics);      // sorted, each once
Diagnostics diagnostics_from(const Value& value);    // throws Error(invalid)

}  // namespace prove
