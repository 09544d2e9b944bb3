// What is allowed and yet hardly meant: warnings that travel with the run.
#pragma once

#include "master/catalog/catalog.hpp"
#include "master/compile/draft.hpp"
#include "proto/error.hpp"

namespace prove {

void lint_text(const SourceFile& source, Diagnostics& diagnostics);
void lint_states(const CompiledFile& file, Diagnostics& diagnostics);

}  // namespace prove
