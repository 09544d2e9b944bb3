// What the writers of JSON and YAML share inside this room.
#pragma once

#include <string>
#include <string_view>

namespace prove {

// A text as a JSON string, quotes and all. Invalid UTF-8 becomes U+FFFD; control characters, and the line separators
// that YAML and terminals obey, are escaped, so that the result is also a double-quoted YAML scalar.
void append_json_text(std::string& result, std::string_view text);
// A number so that it reads back as the same real, and as a real.
void append_json_real(std::string& result, double number);

}  // namespace prove
