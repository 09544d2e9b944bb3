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

// Locks on bytes that belong to the open file; before kernel 3.15 to the process, which is as good for all but two runs
// of one process.
bool for_bytes(const Fd& fd, int of_file, int of_process, struct flock& bytes) {
    if (::fcntl(fd.get(), of_file, &bytes) == 0) return true;
    return errno == EINVAL && ::fcntl(fd.get(), of_process, &bytes) == 0;
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

// The place with number n is a lock on byte n of the file, which the kernel gives back with the open file. Numbers are
// counted in the file, under a flock that is held for that long only; it and locks on bytes do not know of each other.
QueuePlace QueuePlace::take(const std::string& path) {
    Fd fd = open_lock_file(path);
    lock(fd, LOCK_EX, path);
    std::int64_t last = 0;
    if (::pread(fd.get(), &last, sizeof last, 0) != sizeof last || last < 0) last = 0;
    const std::int64_t number = last + 1;
    struct flock byte {};
    byte.l_type = F_WRLCK;
    byte.l_start = number;
    byte.l_len = 1;
    if (::pwrite(fd.get(), &number, sizeof number, 0) != sizeof number || !for_bytes(fd, F_OFD_SETLK, F_SETLK, byte))
        throw system_error("cannot queue in " + quoted(path), errno);
    lock(fd, LOCK_UN, path);
    return QueuePlace(std::move(fd), number);
}

bool QueuePlace::is_first() const {
    struct flock before {};
    before.l_type = F_WRLCK;
    before.l_len = number_;  // from the file's begin
    if (!for_bytes(fd_, F_OFD_GETLK, F_GETLK, before)) throw system_error("cannot look at a queue", errno);
    return before.l_type == F_UNLCK;
}

std::string FileLock::note_of(const std::string& path) {
    return find_whole_file(path, 4'096).value_or("");
}

}  // namespace prove
