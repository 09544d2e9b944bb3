// The two ways from YAML text to a Value. libyaml reads what is right, in a sixth of yaml-cpp's time; what it does not
// take, or what we would call wrong, is read by yaml-cpp, whose words and places our diagnostics are made of. So what
// is accepted, what is wrong and where is decided by the careful reader alone, and a slip costs a second reading.
#pragma once

#include <optional>

#include "common/yaml/source.hpp"
#include "proto/error.hpp"
#include "proto/value.hpp"

namespace prove {

// What read_carefully() gives, or nothing where that must look.
std::optional<Value> read_quickly(const YamlSource& source, std::size_t depth_limit);
// All that is wrong goes to `diagnostics`; nothing is returned then.
std::optional<Value> read_carefully(const YamlSource& source, std::size_t depth_limit, Diagnostics& diagnostics);

}  // namespace prove
