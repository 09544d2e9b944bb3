// Where a file state really acts: the way to a path without links, the folders that are missing, and the places that
// are not safe to write to (S85). Over a HostReader, so that a plan refuses what an apply would.
#pragma once

#include <string>

#include "agent/host/host.hpp"
#include "agent/host/plan_files.hpp"

namespace prove {

// The path with every link on the way followed, where `follow` allows that, and otherwise the path itself, refused when
// one of its folders is a link. The final part is followed only with `follow`.
Path settle(const HostReader& host, const Path& path, bool follow, bool can_follow = false);

// The folders above `path` that do not exist, outermost first; throws where there are some and `make_dirs` is false, or
// where the lowest that exists is no directory or may be changed by anybody.
Folders missing_folders(const HostReader& host, const Path& path, bool make_dirs);
std::vector<Change> folder_changes(const Folders& folders);

std::string file_resource(const Path& path);
// Throws where something is mounted at or below the path.
void refuse_mounts(const HostReader& host, const Path& path);

}  // namespace prove
