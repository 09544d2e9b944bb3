// Walking to a folder without being led elsewhere by a link that somebody swapped in (S85). What comes back is the
// folder itself, open: later calls use its descriptor (openat, renameat), never the path again.
#pragma once

#include "common/files/fd.hpp"
#include "common/files/path.hpp"

namespace prove {

enum class Links {
    refuse,  // no part of the way may be a symbolic link
    follow,  // links are followed where only root and we could have made them
};

// Throws Error(refused) that names the part which is a link, Error(missing) where a part is not there.
Fd open_folder(const Path& folder, Links links = Links::refuse);
// The folder that `path` is in; `path` itself need not exist.
Fd open_parent(const Path& path, Links links = Links::refuse);

// The two ways to walk, apart for their tests: openat2 in one call, and part by part where the kernel (before 5.6)
// or a seccomp filter has no openat2.
Fd open_folder_at_once(const Path& folder, bool& supported);
Fd open_folder_by_parts(const Path& folder, Links links);

}  // namespace prove
