// Locks between programs: see lock.hpp.
#include "common/files/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

Fd open_lock_file(const std::string& path) {
    return open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
}

bool lock(const Fd& fd, int operation, const std::string& path) {
    while (::flock(fd.get(), operation) != 0) {
        if (errno == EWOULDBLOCK) return false;
        if (errno != EINTR) throw system_error("cannot lock " + quoted(path), errno);
    }
    return true;
}

void write_note(const Fd& fd, const std::string& note, const std::string& path) {
    if (::ftruncate(fd.get(), 0) != 0) throw system_error("cannot write " + quoted(path), errno);
    write_all(fd, note, path);
}

}  // namespace

FileLock FileLock::acquire(const std::string& path, const std::string& note) {
    Fd fd = open_lock_file(path);
    lock(fd, LOCK_EX, path);
    write_note(fd, note, path);
    return FileLock(std::move(fd));
}

std::optional<FileLock> FileLock::try_acquire(const std::string& path, const std::string& note) {
    Fd fd = open_lock_file(path);
    if (!lock(fd, LOCK_EX | LOCK_NB, path)) return std::nullopt;
    write_note(fd, note, path);
    return FileLock(std::move(fd));
}

std::string FileLock::note_of(const std::string& path) {
    return find_whole_file(path, 4'096).value_or("");
}

}  // namespace prove
