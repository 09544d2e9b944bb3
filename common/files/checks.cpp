// Who owns a file and who may touch it: the checks of S86 and S94. They refuse and say what to do; they never repair,
// since a key that others could read is no longer a key.
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

struct stat status_of(const std::string& path, bool follow) {
    struct stat status {};
    if ((follow ? ::stat(path.c_str(), &status) : ::lstat(path.c_str(), &status)) != 0)
        throw system_error("cannot look at " + quoted(path), errno);
    return status;
}

std::string mode_text(unsigned mode) {
    std::array<char, 16> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%04o", mode & 07777);
    return buffer.data();
}

void check_private(const std::string& path, bool folder) {
    const struct stat status = status_of(path, false);
    const std::string wanted_mode = folder ? "0700" : "0600";
    if (folder ? !S_ISDIR(status.st_mode) : !S_ISREG(status.st_mode))
        throw Error(ErrorKind::refused, quoted(path) + " is not a " + (folder ? "folder" : "regular file"));
    if (status.st_uid != ::geteuid())
        throw Error(ErrorKind::refused, quoted(path) + " belongs to user id " + std::to_string(status.st_uid) +
                                            ", not to " + std::to_string(::geteuid()) + " as which this program runs");
    if ((status.st_mode & 077) != 0)
        throw Error(ErrorKind::refused, quoted(path) + " is open to others (mode " + mode_text(status.st_mode) +
                                            "): make sure that nobody used that, then chmod " + wanted_mode + " it");
}

void check_not_writable_by_others(const std::string& path, const struct stat& status) {
    if (status.st_uid != 0 && status.st_uid != ::geteuid())
        throw Error(ErrorKind::refused, quoted(path) + " belongs to user id " + std::to_string(status.st_uid) +
                                            ", who could change it: it must be root's or our own");
    // A sticky folder is shared; what is in it may be ours, but its name may have been another's before.
    if ((status.st_mode & 022) != 0)
        throw Error(ErrorKind::refused,
                    quoted(path) + " may be written by others (mode " + mode_text(status.st_mode) + "): chmod go-w it");
}

}  // namespace

void check_private_folder(const std::string& path) {
    check_private(path, true);
}

void check_private_file(const std::string& path) {
    check_private(path, false);
}

void check_trusted_file(const std::string& path) {
    check_not_writable_by_others(path, status_of(path, true));
    const std::string folder = parent_of(path);
    check_not_writable_by_others(folder, status_of(folder, true));
}

}  // namespace prove
