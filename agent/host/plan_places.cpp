// The places of file states. See the header.
#include "agent/host/plan_places.hpp"

#include <unistd.h>

#include "common/text/text.hpp"

namespace prove {

namespace {

constexpr int most_links = 40;  // as the kernel has it

// Nobody but root and ourselves could have put a link into this folder.
bool only_ours(const FileInfo& folder) {
    const bool owner = folder.uid == 0 || folder.uid == geteuid();
    const bool group = (folder.mode & 020) == 0 || folder.gid == 0;
    return owner && group && (folder.mode & 002) == 0;
}

// Where a link leads, as an absolute path. `link` has no link before it, so a leading ".." is its folder's parent; one
// after a name might lead anywhere, since that name may be a link, too.
Path target_of(const Path& link, const std::string& target) {
    Path at = !target.empty() && target.front() == '/' ? Path() : link.parent();
    bool named = false;
    for (const std::string& part : split(target, '/')) {
        if (part.empty() || part == ".") continue;
        if (part == ".." && named)
            throw Error(ErrorKind::refused,
                        quoted(link.text()) + " points to " + quoted(target) + ", which is not followed");
        named = part != "..";
        at = part == ".." ? at.parent() : at / part;
    }
    return at;
}

Path with_rest(const Path& base, const Path& link, const Path& whole) {
    if (link == whole) return base;
    const std::string rest = whole.text().substr(link.text().size() + 1);
    return base / rest;
}

}  // namespace

std::string file_resource(const Path& path) {
    return "file " + path.text();
}

Path settle(const HostReader& host, const Path& path, bool follow, bool can_follow) {
    Path at = path;
    for (int links = 0; links < most_links; ++links) {
        std::optional<Path> link = host.first_link(at.parent());
        if (!link && follow) {
            const auto info = host.stat(at);
            if (info && info->type == FileInfo::Type::symlink) link = at;
        }
        if (!link) return at;
        const Path target = target_of(*link, host.read_link(*link));
        const Path next = with_rest(target, *link, at);
        if (!follow)
            throw Error(ErrorKind::refused, "the folder " + quoted(link->text()) + " is a symbolic link; write " +
                                                quoted(next.text()) +
                                                (can_follow ? ", or say symlink: follow" : " instead"));
        const auto holder = host.stat(link->parent());
        if (!holder || !only_ours(*holder))
            throw Error(
                ErrorKind::refused,
                quoted(link->text()) + " is a symbolic link in a folder that others can write; it is not followed");
        at = next;
    }
    throw Error(ErrorKind::refused, quoted(path.text()) + " leads through too many symbolic links");
}

Folders missing_folders(const HostReader& host, const Path& path, bool make_dirs) {
    Folders missing;
    for (Path folder = path.parent();; folder = folder.parent()) {
        const auto info = host.stat(folder);
        if (!info && !folder.is_root()) {
            missing.insert(missing.begin(), folder);
            continue;
        }
        if (info && info->type != FileInfo::Type::directory)
            throw Error(ErrorKind::refused, quoted(folder.text()) + " is not a directory, so nothing can be below it");
        if (info && (info->mode & 002) != 0 && (info->mode & 01000) == 0)
            throw Error(ErrorKind::refused, "anybody can write to the folder " + quoted(folder.text()) +
                                                " and replace what is in it; nothing is written there");
        break;
    }
    if (!missing.empty() && !make_dirs)
        throw Error(ErrorKind::missing,
                    "the folder " + quoted(path.parent().text()) +
                        " does not exist; make it first with file.directory, or say make_dirs: true");
    return missing;
}

std::vector<Change> folder_changes(const Folders& folders) {
    std::vector<Change> changes;
    for (const Path& folder : folders) {
        Change change;
        change.resource = file_resource(folder);
        change.aspect = "existence";
        change.before = "absent";
        change.after = "directory";
        changes.push_back(std::move(change));
    }
    return changes;
}

void refuse_mounts(const HostReader& host, const Path& path) {
    const Path table("/proc/self/mountinfo");
    if (!host.stat(table)) return;
    for (const std::string& line : split_lines(host.read_file(table))) {
        const auto fields = split(line, ' ');
        if (fields.size() < 5) continue;
        // Blanks and such in mount points are written as \040; one that matters here differs before the first of them.
        const std::string& point = fields[4];
        if (point == path.text() || point.rfind(path.text() + "/", 0) == 0)
            throw Error(ErrorKind::refused, "something is mounted at " + quoted(point) + "; unmount it before " +
                                                quoted(path.text()) + " is removed");
    }
}

}  // namespace prove
