// Values in Ansible's INI inventories are Python literals where they are any (8080, True, ['a', 'b']), and texts
// otherwise.
#pragma once

#include <optional>
#include <string_view>

#include "proto/value.hpp"

namespace prove {

// What ast.literal_eval() gives, of None, True, False, integers, floats, strings, lists, tuples and dicts whose keys
// are texts; nullopt where the text is no such literal.
std::optional<Value> read_python_literal(std::string_view text);

}  // namespace prove
