// A file in the place of another, at once and not durably: who reads it sees the old one or the new one, but a power loss
// may leave either, or none. For what is made anew soon anyway.
#pragma once

#include <string>
#include <string_view>

namespace prove {

void replace_file(const std::string& path, std::string_view content, unsigned mode = 0600);

}  // namespace prove
