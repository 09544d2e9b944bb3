// The files of a catalog's directory, as a flat sorted list: what may be there, within limits, and nothing that leads
// out of it. Looks at names, sizes and times only; nothing is read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proto/error.hpp"

namespace prove {

struct TreeFile {
    std::string path;  // relative to the catalog: "states/site.yml"
    std::uint64_t size = 0;
    std::uint64_t inode = 0;  // an editor that writes aside and renames changes this, whatever the times say
    std::int64_t modified_ns = 0, changed_ns = 0;
    bool executable = false;
    bool operator==(const TreeFile&) const = default;
};

// Limits of an archive (security.md section 15): a catalog that was uploaded must also load from disk.
struct TreeLimits {
    std::size_t files = 20'000;
    std::uint64_t file_bytes = 64u << 20;
    std::uint64_t total_bytes = 256u << 20;
    int depth = 32;
    std::size_t path_bytes = 1024;
};

// What of a listing is a catalog's, and whether there is room for it; what must not be there goes to `diagnostics`.
class TreeFilter {
  public:
    TreeFilter(const TreeLimits& limits, Diagnostics& diagnostics) : limits_(limits), diagnostics_(diagnostics) {}
    // An entry whose folders were taken. Left out: names that begin with "." or end in "~", and README files, but not
    // below files/. Refused: names that are not printable UTF-8.
    bool takes(const std::string& path);
    bool has_room(const std::string& path, std::uint64_t size);
    bool is_full() const { return full_; }

  private:
    const TreeLimits limits_;
    Diagnostics& diagnostics_;
    std::uint64_t files_ = 0, bytes_ = 0;
    bool full_ = false;
};

// The real directory behind `directory`. Throws Error(missing) where there is none.
std::string real_directory(const std::string& directory);

// Sorted by path. Refused are also links that lead out of the catalog or to folders, devices and pipes.
std::vector<TreeFile> read_tree(const std::string& directory, const TreeLimits& limits, Diagnostics& diagnostics);

// Whether a path is below a files/ folder, where everything is served as it is.
bool is_served_path(const std::string& path);

// The position of a whole file.
SourcePosition position_of(const std::string& path);

}  // namespace prove
