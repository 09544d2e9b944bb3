// What is wrong with a YAML text, in words of who wrote it: yaml-cpp tells where its grammar ended, which is often a
// line after the slip.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "common/yaml/source.hpp"

namespace prove {

using TroubleAt = std::pair<SourcePosition, std::string>;

// What yaml-cpp says, and where. `open` is where the innermost list or mapping begins that was open then.
TroubleAt told(const std::string& message, const SourcePosition& position, const YamlSource& source,
               const SourcePosition& open);

// The first line that yaml-cpp would leave out silently, or take for text: a directive ('%'), or a mark of Git's.
std::optional<TroubleAt> foreign_line(const YamlSource& source);

}  // namespace prove
