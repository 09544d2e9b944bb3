// Values written down for a hash, without ambiguity: kinds, lengths, members in order. Places do not count.
#pragma once

#include <string>
#include <string_view>

#include "proto/value.hpp"

namespace prove {

void add_number(std::uint64_t number, std::string& bytes);
void add_text(std::string_view text, std::string& bytes);
// How many members a list has; the names of a mapping's; nothing of others.
void add_keys(const Value& value, std::string& bytes);
void add_value(const Value& value, std::string& bytes);

}  // namespace prove
