// See the header.
#include "common/files/below.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "common/files/fd.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

// Where the kernel says that an open file is, whatever led there.
std::string place_of(const std::string& descriptor) {
    std::array<char, PATH_MAX> place{};
    const ssize_t size = ::readlink(descriptor.c_str(), place.data(), place.size());
    if (size < 0) throw system_error("cannot tell where a file is", errno);
    return {place.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::optional<std::string> find_file_below(const std::string& folder, const std::string& path, std::size_t limit) {
    // What O_PATH opens is only pointed at: a pipe does not wait, and a device notices nothing.
    const Fd pointed = try_open(folder + "/" + path, O_PATH);
    if (!pointed && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    if (!pointed) throw system_error("cannot open " + quoted(path), errno);
    const std::string descriptor = "/proc/self/fd/" + std::to_string(pointed.get());
    const std::string below = folder == "/" ? folder : folder + "/";
    if (place_of(descriptor).compare(0, below.size(), below) != 0)
        throw Error(ErrorKind::refused, "leads out of its folder by a link that was put there meanwhile");
    struct stat info {};
    if (::fstat(pointed.get(), &info) != 0) throw system_error("cannot look at " + quoted(path), errno);
    if (!S_ISREG(info.st_mode)) throw Error(ErrorKind::refused, "is no file any more");
    return read_all(open_file(descriptor, O_RDONLY), limit, path);
}

}  // namespace prove
