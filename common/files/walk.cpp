// Walking without links: see walk.hpp.
#include "common/files/walk.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>

#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

Fd open_root() {
    return open_file("/", folder_flags);
}

std::string link_target(const Fd& folder, const std::string& name, const std::string& shown) {
    std::array<char, 4096> buffer{};
    const ssize_t size = ::readlinkat(folder.get(), name.c_str(), buffer.data(), buffer.size());
    if (size < 0) throw system_error("cannot read the link " + quoted(shown), errno);
    return std::string(buffer.data(), static_cast<std::size_t>(size));
}

bool is_link(const Fd& folder, const std::string& name) {
    struct stat status {};
    return ::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
}

// A link says where to go only if those who could have made it may go anywhere anyway.
void require_trusted_link(const Fd& folder, const std::string& name, const std::string& shown) {
    struct stat holder {};
    struct stat link {};
    if (::fstat(folder.get(), &holder) != 0 || ::fstatat(folder.get(), name.c_str(), &link, AT_SYMLINK_NOFOLLOW) != 0)
        throw system_error("cannot look at " + quoted(shown), errno);
    const auto trusted = [](uid_t owner) { return owner == 0 || owner == ::geteuid(); };
    if ((holder.st_mode & 022) != 0 || !trusted(holder.st_uid) || !trusted(link.st_uid))
        throw Error(ErrorKind::refused,
                    quoted(shown) + " is a symbolic link that others could have made; not followed");
}

Error link_refused(const std::string& shown, const std::string& target) {
    return Error(ErrorKind::refused, quoted(shown) + " is a symbolic link to " + quoted(target) +
                                         ": write the path without links, or say 'symlink: follow'");
}

}  // namespace

Fd open_folder_at_once(const Path& folder, bool& supported) {
    open_how how{};
    how.flags = folder_flags;
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    for (;;) {
        Fd fd(static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, folder.c_str(), &how, sizeof(how))));
        if (!fd && (errno == EINTR || errno == EAGAIN)) continue;  // EAGAIN: a rename raced with the walk
        supported = fd || (errno != ENOSYS && errno != EPERM);
        return fd;
    }
}

Fd open_folder_by_parts(const Path& folder, Links links) {
    // Each entry is one part still to go; a followed link puts its own parts in front.
    std::deque<std::string> parts;
    if (!folder.is_root())
        for (auto& part : split(std::string_view(folder.text()).substr(1), '/')) parts.push_back(std::move(part));
    Fd current = open_root();
    std::string shown;
    for (int followed = 0; !parts.empty();) {
        const std::string part = std::move(parts.front());
        parts.pop_front();
        if (part.empty() || part == ".") continue;  // only ever from a link's target
        const std::string next_shown = shown + "/" + part;
        Fd next(::openat(current.get(), part.c_str(), folder_flags | O_NOFOLLOW));
        if (next) {
            current = std::move(next);
            shown = next_shown;
            continue;
        }
        const int error_number = errno;
        if (!is_link(current, part)) throw system_error("cannot open the folder " + quoted(next_shown), error_number);
        const std::string target = link_target(current, part, next_shown);
        if (links == Links::refuse) throw link_refused(next_shown, target);
        require_trusted_link(current, part, next_shown);
        if (++followed > 40)
            throw Error(ErrorKind::refused, "too many symbolic links on the way to " + quoted(folder.text()));
        const auto target_parts = split(target, '/');
        parts.insert(parts.begin(), target_parts.begin(), target_parts.end());
        if (!target.empty() && target.front() == '/') {
            current = open_root();
            shown.clear();
        }
    }
    return current;
}

Fd open_folder(const Path& folder, Links links) {
    bool supported = false;
    if (Fd fd = open_folder_at_once(folder, supported)) return fd;
    // By parts it is slower, but says which part is a link or missing; if that was repaired meanwhile, all the better.
    return open_folder_by_parts(folder, links);
}

Fd open_parent(const Path& path, Links links) {
    return open_folder(path.parent(), links);
}

}  // namespace prove
