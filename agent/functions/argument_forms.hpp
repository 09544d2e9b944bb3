// The forms that arguments are written in, for the schema check and for the typed reading after it.
#pragma once

#include <string>

#include "proto/schema.hpp"

namespace prove {

// What is wrong with a value as this argument, or "".
std::string argument_problem(const Argument& argument, const Value& value);
// "0644", "644", "4755".
bool is_octal_mode(const std::string& text);
// {"$blob": "<hash, hex>", "size": 120}: a content by its hash, as the compiler writes it.
bool is_blob(const Value& value);
// The same with "holes": texts in it that stand for outputs of other states, {"<text>": {"$out": "state.name"}}.
bool is_blob_with_holes(const Value& value);

}  // namespace prove
