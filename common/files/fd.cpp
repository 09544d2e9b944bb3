// Descriptors: see fd.hpp.
#include "common/files/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        close();
        number_ = std::exchange(other.number_, -1);
    }
    return *this;
}

void Fd::close() {
    // Never again on EINTR: Linux has closed it by then, and the number may be another thread's already.
    if (number_ >= 0) ::close(std::exchange(number_, -1));
}

Fd try_open(const std::string& path, int flags, unsigned mode) {
    for (;;) {
        Fd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
        if (fd || errno != EINTR) return fd;
    }
}

Fd open_file(const std::string& path, int flags, unsigned mode) {
    Fd fd = try_open(path, flags, mode);
    if (!fd) throw system_error("cannot open " + quoted(path), errno);
    return fd;
}

Fd open_file_at(const Fd& folder, const std::string& name, int flags, unsigned mode, const std::string& shown) {
    for (;;) {
        Fd fd(::openat(folder.get(), name.c_str(), flags | O_CLOEXEC, mode));
        if (fd) return fd;
        if (errno != EINTR) throw system_error("cannot open " + quoted(shown), errno);
    }
}

std::string read_all(const Fd& fd, std::size_t limit, const std::string& what) {
    const auto too_big = [&] { return Error(ErrorKind::full, quoted(what) + " is larger than " + show_size(limit)); };
    std::string result;
    struct stat status {};
    if (::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
        if (static_cast<std::size_t>(status.st_size) > limit) throw too_big();
        result.reserve(static_cast<std::size_t>(status.st_size) + 1);
    }
    std::size_t size = 0;
    for (;;) {
        // One byte more than is known, so that the end is found with the same read.
        if (result.size() - size < 4'096) result.resize(std::max(result.capacity(), size + 16'384));
        const ssize_t count = ::read(fd.get(), result.data() + size, result.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw system_error("cannot read " + quoted(what), errno);
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
        if (size > limit) throw too_big();
    }
    result.resize(size);
    return result;
}

void write_all(const Fd& fd, std::string_view bytes, const std::string& what) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd.get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw system_error("cannot write " + quoted(what), errno);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void sync_fd(const Fd& fd, const std::string& what) {
    if (::fsync(fd.get()) != 0) throw system_error("cannot write " + quoted(what) + " to disk", errno);
}

}  // namespace prove
