// What may be given to ssh (S87): words that can be no option of it, no command of a shell, and no two words.
#pragma once

#include <string_view>

namespace prove {

// A host or a user: letters, digits, '.', '_', ':' and '-', and no '-' first.
bool is_ssh_name(std::string_view name);
// The path of a key: absolute or below "~/", without control characters, '%' (ssh expands it) and quotes.
bool is_ssh_key_path(std::string_view path);

}  // namespace prove
