// Changing files of this machine. See file_system.hpp.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

#include "agent/host/file_system.hpp"
#include "agent/host/temporary.hpp"
#include "common/files/walk.hpp"
#include "common/text/duration.hpp"
#include "common/text/text.hpp"

namespace prove {

namespace {

struct stat status_of(const Fd& fd, const Path& path) {
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) throw system_error("cannot look at " + quoted(path.text()), errno);
    return status;
}

// Owner first, then mode: a change of owner clears setuid and setgid.
void own_and_mode(const Fd& fd, const Path& path, const FileInfo& info) {
    const struct stat now = status_of(fd, path);
    if ((now.st_uid != info.uid || now.st_gid != info.gid) && ::fchown(fd.get(), info.uid, info.gid) != 0)
        throw system_error("cannot set the owner of " + quoted(path.text()), errno);
    if (::fchmod(fd.get(), info.mode) != 0) throw system_error("cannot set the mode of " + quoted(path.text()), errno);
}

// What a replaced file had besides content, owner and mode stays: its ACL, its SELinux label, what users noted on it.
// Not its capabilities: they were granted to the old content.
void keep_extended_attributes(const Fd& folder, const Path& path, const Fd& target) {
    const Fd old(::openat(folder.get(), path.name().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!old) return;
    std::string names(64 << 10, '\0');
    const ssize_t size = ::flistxattr(old.get(), names.data(), names.size());
    if (size <= 0) return;
    for (const std::string& name : split(std::string_view(names).substr(0, static_cast<std::size_t>(size)), '\0')) {
        if (name != "system.posix_acl_access" && name != "security.selinux" && name.rfind("user.", 0) != 0) continue;
        std::string value(64 << 10, '\0');
        const ssize_t length = ::fgetxattr(old.get(), name.c_str(), value.data(), value.size());
        if (length < 0) continue;
        if (::fsetxattr(target.get(), name.c_str(), value.data(), static_cast<std::size_t>(length), 0) != 0 &&
            errno != ENOTSUP)
            throw system_error("cannot keep " + quoted(name) + " of " + quoted(path.text()), errno);
    }
}

// A full disk, in words that say which file and what to do.
template <class Work>
void with_space(const Path& path, std::uint64_t size, Work&& work) {
    try {
        work();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::full) throw;
        throw Error(ErrorKind::full, "there is no space left to write " + quoted(path.text()) + " (" + show_size(size) +
                                         "): free some on its file system, then apply again");
    }
}

// A hard link to somebody else's file, in a folder where anybody could have made it, would hand that file over.
void refuse_foreign_hard_link(const Fd& folder, const struct stat& status, const Path& path) {
    if (!S_ISREG(status.st_mode) || status.st_nlink < 2) return;
    const struct stat holder = status_of(folder, path);
    const bool ours = (holder.st_uid == 0 || holder.st_uid == ::geteuid()) && (holder.st_mode & 022) == 0;
    if (!ours)
        throw Error(ErrorKind::refused, quoted(path.text()) +
                                            " is a hard link in a folder that others can write; its owner "
                                            "and mode are not changed");
}

void remove_entry(const Fd& folder, const std::string& name, const std::string& shown, dev_t device);

void remove_contents(const Fd& folder, const std::string& shown, dev_t device) {
    const int copy = ::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    std::vector<std::string> names;
    {
        const std::unique_ptr<DIR, int (*)(DIR*)> open(copy < 0 ? nullptr : ::fdopendir(copy), ::closedir);
        if (!open) throw system_error("cannot list the folder " + quoted(shown), errno);
        while (const dirent* entry = ::readdir(open.get())) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") names.emplace_back(name);
        }
    }
    for (const std::string& name : names) remove_entry(folder, name, shown + "/" + name, device);
}

void remove_entry(const Fd& folder, const std::string& name, const std::string& shown, dev_t device) {
    if (::unlinkat(folder.get(), name.c_str(), 0) == 0 || errno == ENOENT) return;
    // EISDIR is Linux's answer for a directory, EPERM is POSIX's.
    if (errno != EISDIR && errno != EPERM) throw system_error("cannot remove " + quoted(shown), errno);
    const int refused = errno;
    const Fd directory(::openat(folder.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory) throw system_error("cannot remove " + quoted(shown), errno == ENOTDIR ? refused : errno);
    struct stat status {};
    if (::fstat(directory.get(), &status) != 0 || status.st_dev != device)
        throw Error(ErrorKind::refused, quoted(shown) + " is on another file system; it is not removed");
    remove_contents(directory, shown, device);
    if (::unlinkat(folder.get(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
        throw system_error("cannot remove the folder " + quoted(shown), errno);
}

}  // namespace

// Another state, which runs beside this one, may have made it since it was found to be missing.
void FileSystem::make_folder(const Path& folder) {
    FileInfo info;
    info.mode = 0755;
    own(info);
    try {
        make_directory(folder, info);
    } catch (const Error&) {
        const auto there = stat(folder);
        if (!there || there->type != FileInfo::Type::directory) throw;
    }
}

void FileSystem::put_file(const FilePlan& plan, const Validate& validate) {
    const Fd folder = open_parent(plan.path);
    if (swept_.insert({plan.path.parent(), plan.info.uid}).second) remove_leftovers(folder, plan.info.uid);
    const std::string bytes = plan.load();
    Temporary temporary = Temporary::file(folder, plan.path);
    with_space(plan.path, bytes.size(), [&] { write_all(temporary.fd(), bytes, plan.path.text()); });
    if (!plan.is_new) keep_extended_attributes(folder, plan.path, temporary.fd());
    own_and_mode(temporary.fd(), plan.path, plan.info);
    with_space(plan.path, bytes.size(), [&] { sync_fd(temporary.fd(), plan.path.text()); });
    if (validate) validate((plan.path.parent() / temporary.name()).text());
    temporary.put_in_place();
    sync_fd(folder, plan.path.parent().text());
}

void FileSystem::set_attributes(const Path& path, const FileInfo& info) {
    const Fd folder = open_parent(path);
    const Fd file(::openat(folder.get(), path.name().c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!file) throw system_error("cannot open " + quoted(path.text()), errno);
    const struct stat now = status_of(file, path);
    if (S_ISLNK(now.st_mode)) throw Error(ErrorKind::refused, quoted(path.text()) + " is a symbolic link");
    refuse_foreign_hard_link(folder, now, path);
    const bool chowns = now.st_uid != info.uid || now.st_gid != info.gid;
    if (chowns && ::fchownat(file.get(), "", info.uid, info.gid, AT_EMPTY_PATH) != 0)
        throw system_error("cannot set the owner of " + quoted(path.text()), errno);
    // fchmod takes no O_PATH descriptor, and any other kind could be refused or have effects (devices).
    const std::string self = "/proc/self/fd/" + std::to_string(file.get());
    if ((chowns || (now.st_mode & 07777) != info.mode) && ::chmod(self.c_str(), info.mode) != 0)
        throw system_error("cannot set the mode of " + quoted(path.text()), errno);
}

void FileSystem::make_directory(const Path& path, const FileInfo& info) {
    const Fd folder = open_parent(path);
    if (::mkdirat(folder.get(), path.name().c_str(), 0700) != 0) {
        if (errno != ENOSPC && errno != EDQUOT)
            throw system_error("cannot make the folder " + quoted(path.text()), errno);
        throw Error(ErrorKind::full, "there is no space left to make the folder " + quoted(path.text()) +
                                         ": free some on its file system, then apply again");
    }
    const Fd made(::openat(folder.get(), path.name().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!made) throw system_error("cannot open the new folder " + quoted(path.text()), errno);
    own_and_mode(made, path, info);
    sync_fd(folder, path.parent().text());
}

void FileSystem::put_link(const LinkPlan& plan) {
    const Fd folder = open_parent(plan.path);
    if (swept_.insert({plan.path.parent(), ::geteuid()}).second) remove_leftovers(folder, ::geteuid());
    Temporary temporary = Temporary::link(folder, plan.path, plan.target);
    if (plan.removes_directory && ::unlinkat(folder.get(), plan.path.name().c_str(), AT_REMOVEDIR) != 0)
        throw system_error("cannot remove the folder " + quoted(plan.path.text()), errno);
    temporary.put_in_place();
    sync_fd(folder, plan.path.parent().text());
}

void FileSystem::remove(const RemovalPlan& plan) {
    const Fd folder = open_parent(plan.path);
    struct stat status {};
    if (::fstatat(folder.get(), plan.path.name().c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        throw system_error("cannot look at " + quoted(plan.path.text()), errno);
    remove_entry(folder, plan.path.name(), plan.path.text(), status.st_dev);
    sync_fd(folder, plan.path.parent().text());
}

}  // namespace prove
