// The machine's disk: see disk.hpp.
#include "common/files/disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

// Names come from Prove itself; a separator in one would be a fault, and this keeps it from leaving the folder (S14).
void check_name(const std::string& name) {
    if (name.empty() || name == "." || name == ".." ||
        name.find_first_of(std::string_view("/\0", 2)) != std::string::npos)
        throw Error(ErrorKind::internal, quoted(name) + " is not a plain file name");
}

}  // namespace

PosixDisk::PosixDisk(std::string folder)
    : folder_(std::move(folder)), folder_fd_(open_file(folder_, O_RDONLY | O_DIRECTORY)) {}

std::string PosixDisk::path_of(const std::string& name) const {
    check_name(name);
    return folder_ + "/" + name;
}

std::vector<std::string> PosixDisk::list() const {
    return list_folder(folder_);
}

std::optional<std::string> PosixDisk::read(const std::string& name) const {
    return find_whole_file(path_of(name), std::size_t{1} << 30);
}

const Fd& PosixDisk::open_for_append(const std::string& name) {
    const auto found = open_.find(name);
    if (found != open_.end()) return found->second;
    Fd fd = open_file(path_of(name), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
    sync_fd(folder_fd_, folder_);  // the entry of a file that was just made
    return open_.emplace(name, std::move(fd)).first->second;
}

void PosixDisk::append(const std::string& name, std::string_view bytes) {
    write_all(open_for_append(name), bytes, path_of(name));
}

void PosixDisk::truncate(const std::string& name, std::uint64_t size) {
    if (::ftruncate(open_for_append(name).get(), static_cast<off_t>(size)) != 0)
        throw system_error("cannot cut " + quoted(path_of(name)), errno);
}

void PosixDisk::sync(const std::string& name) {
    if (::fdatasync(open_for_append(name).get()) != 0)
        throw system_error("cannot write " + quoted(path_of(name)) + " to disk", errno);
}

void PosixDisk::rename(const std::string& from, const std::string& to) {
    if (::rename(path_of(from).c_str(), path_of(to).c_str()) != 0)
        throw system_error("cannot replace " + quoted(path_of(to)), errno);
    // Descriptors follow the file, not its name.
    open_.erase(to);
    if (auto moved = open_.extract(from)) {
        moved.key() = to;
        open_.insert(std::move(moved));
    }
    sync_fd(folder_fd_, folder_);
}

void PosixDisk::remove(const std::string& name) {
    open_.erase(name);
    if (remove_file(path_of(name))) sync_fd(folder_fd_, folder_);
}

}  // namespace prove
