// New files beside old ones. See the header.
#include "agent/host/temporary.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::string_view prefix = ".prove-";
constexpr std::string_view suffix = ".tmp";
constexpr std::size_t random_letters = 12;

bool is_our_name(std::string_view name) {
    return name.size() == prefix.size() + random_letters + suffix.size() && name.starts_with(prefix) &&
           name.ends_with(suffix);
}

bool is_abandoned(const Fd& folder, const std::string& name, std::uint32_t owner) {
    struct stat status {};
    if (::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (status.st_uid != ::geteuid() && status.st_uid != owner) return false;
    if (S_ISLNK(status.st_mode)) return true;
    if (!S_ISREG(status.st_mode)) return false;
    const Fd file(::openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    return file && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

Temporary::Temporary(const Fd& folder, const Path& target)
    : folder_(&folder),
      target_(target),
      name_(std::string(prefix) + random_name(random_letters) + std::string(suffix)) {}

Temporary::Temporary(Temporary&& other) noexcept
    : folder_(other.folder_),
      target_(std::move(other.target_)),
      name_(std::move(other.name_)),
      fd_(std::move(other.fd_)),
      exists_(std::exchange(other.exists_, false)) {}

Temporary::~Temporary() {
    if (exists_) (void)::unlinkat(folder_->get(), name_.c_str(), 0);
}

Temporary Temporary::file(const Fd& folder, const Path& target) {
    Temporary made(folder, target);
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    made.fd_ = Fd(::openat(folder.get(), made.name_.c_str(), flags, 0600));
    if (!made.fd_) throw system_error("cannot make a new file beside " + quoted(target.text()), errno);
    made.exists_ = true;
    (void)::flock(made.fd_.get(), LOCK_EX | LOCK_NB);
    return made;
}

Temporary Temporary::link(const Fd& folder, const Path& target, const std::string& leads_to) {
    Temporary made(folder, target);
    if (::symlinkat(leads_to.c_str(), folder.get(), made.name_.c_str()) != 0)
        throw system_error("cannot make a symbolic link beside " + quoted(target.text()), errno);
    made.exists_ = true;
    return made;
}

void Temporary::put_in_place() {
    const std::string shown = quoted(target_.text());
    if (::renameat(folder_->get(), name_.c_str(), folder_->get(), target_.name().c_str()) != 0) {
        if (errno == EBUSY)
            throw Error(ErrorKind::refused, shown +
                                                " cannot be replaced, since something is mounted there (in containers "
                                                "often a single file): change it where it comes from, or unmount it");
        if (errno == EISDIR) throw Error(ErrorKind::refused, shown + " is a directory");
        throw system_error("cannot put the new " + shown + " in place", errno);
    }
    exists_ = false;
}

void remove_leftovers(const Fd& folder, std::uint32_t owner) {
    const int copy = ::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> open(copy < 0 ? nullptr : ::fdopendir(copy), ::closedir);
    if (!open) return;  // it may be closed to listing; then there is nothing that we can know
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(open.get()))
        if (is_our_name(entry->d_name)) names.emplace_back(entry->d_name);
    for (const std::string& name : names)
        if (is_abandoned(folder, name, owner)) (void)::unlinkat(folder.get(), name.c_str(), 0);
}

}  // namespace prove
