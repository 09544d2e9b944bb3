// Reading a file below a folder that people of less trust write to, wherever its path leads by the time it is read:
// links may have been swapped in since anybody looked.
#pragma once

#include <optional>
#include <string>

namespace prove {

// The content of `path` below `folder`, whose own path has no links in it. nullopt where there is no such file. Links
// are followed to files below the folder; throws Error(refused) for what is elsewhere, and for what is no regular file,
// which is not opened; Error(full) above `limit` bytes.
std::optional<std::string> find_file_below(const std::string& folder, const std::string& path, std::size_t limit);

}  // namespace prove
