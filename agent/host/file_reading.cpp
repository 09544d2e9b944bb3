// Looking at files of this machine. See file_system.hpp.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "agent/host/file_system.hpp"
#include "common/files/walk.hpp"
#include "common/text/text.hpp"
#include "proto/hash_stream.hpp"

namespace prove {

namespace {

FileInfo info_from(const struct stat& status) {
    FileInfo info;
    info.type = S_ISREG(status.st_mode)   ? FileInfo::Type::regular
                : S_ISDIR(status.st_mode) ? FileInfo::Type::directory
                : S_ISLNK(status.st_mode) ? FileInfo::Type::symlink
                                          : FileInfo::Type::other;
    info.mode = status.st_mode & 07777;
    info.uid = status.st_uid;
    info.gid = status.st_gid;
    info.size = static_cast<std::uint64_t>(status.st_size);
    return info;
}

// O_NONBLOCK: opening a pipe must not wait for its writer.
Fd open_regular(const Path& path) {
    const Fd folder = open_parent(path, Links::follow);
    Fd file(::openat(folder.get(), path.name().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file && errno == ELOOP) throw Error(ErrorKind::refused, quoted(path.text()) + " is a symbolic link");
    if (!file) throw system_error("cannot open " + quoted(path.text()), errno);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw system_error("cannot look at " + quoted(path.text()), errno);
    if (!S_ISREG(status.st_mode)) throw Error(ErrorKind::refused, quoted(path.text()) + " is not a regular file");
    return file;
}

}  // namespace

std::optional<FileInfo> FileSystem::stat(const Path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) return info_from(status);
    // Behind links that lead in a circle there is nothing, either.
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return std::nullopt;
    throw system_error("cannot look at " + quoted(path.text()), errno);
}

std::string FileSystem::read_file(const Path& path, std::size_t limit) {
    return read_all(open_regular(path), limit, path.text());
}

Hash FileSystem::hash_file(const Path& path) {
    const Fd file = open_regular(path);
    HashStream stream;
    std::array<char, 64 * 1024> piece;
    for (;;) {
        const ssize_t size = ::read(file.get(), piece.data(), piece.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) throw system_error("cannot read " + quoted(path.text()), errno);
        if (size == 0) return stream.finish();
        stream.add({piece.data(), static_cast<std::size_t>(size)});
    }
}

std::string FileSystem::read_link(const Path& path) {
    std::array<char, 4097> target{};
    const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
    if (size < 0 && errno == EINVAL) throw Error(ErrorKind::refused, quoted(path.text()) + " is not a symbolic link");
    if (size < 0) throw system_error("cannot read the link " + quoted(path.text()), errno);
    return std::string(target.data(), static_cast<std::size_t>(size));
}

std::vector<std::string> FileSystem::list_directory(const Path& path) {
    Fd folder = open_folder(path, Links::follow);
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::fdopendir(folder.get()), ::closedir);
    if (!open) throw system_error("cannot list the folder " + quoted(path.text()), errno);
    (void)folder.release();  // closedir closes it
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(open.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
    }
    if (errno != 0) throw system_error("cannot list the folder " + quoted(path.text()), errno);
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<Path> FileSystem::first_link(const Path& folder) {
    if (folder.is_root()) return std::nullopt;
    bool supported = false;
    if (open_folder_at_once(folder, supported)) return std::nullopt;
    // A link, something missing or something closed to us: one look at each part tells.
    Path at;
    for (const std::string& part : split(std::string_view(folder.text()).substr(1), '/')) {
        at = at / part;
        struct stat status {};
        if (::lstat(at.c_str(), &status) != 0) return std::nullopt;
        if (S_ISLNK(status.st_mode)) return at;
    }
    return std::nullopt;
}

}  // namespace prove
