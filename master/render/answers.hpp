// What a render worker's answer says. The file that it rendered may have written the answer itself, since it runs in
// the same process: so every number is checked, and what is no answer is an Error(invalid).
#pragma once

#include "master/render/renderer.hpp"

namespace prove {

// All of it but the hash. `path` is the file that was rendered.
Rendered rendered_from(const Value& answer, const FileName& path);
// What was wrong, each error at its place; at least one.
Diagnostics errors_from(const Value& answer, const FileName& path);

}  // namespace prove
