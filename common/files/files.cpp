// Whole files and folders: see files.hpp.
#include "common/files/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "common/files/fd.hpp"
#include "common/files/replace_file.hpp"
#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

// Removes a half-made file when its writer fails.
class Unlinker {
  public:
    explicit Unlinker(std::string path) : path_(std::move(path)) {}
    ~Unlinker() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }
    Unlinker(const Unlinker&) = delete;
    Unlinker& operator=(const Unlinker&) = delete;
    void keep() { path_.clear(); }

  private:
    std::string path_;
};

std::optional<struct stat> look(const std::string& path, bool follow) {
    struct stat status {};
    const int result = follow ? ::stat(path.c_str(), &status) : ::lstat(path.c_str(), &status);
    if (result == 0) return status;
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw system_error("cannot look at " + quoted(path), errno);
}

}  // namespace

std::string random_name(std::size_t letters) {
    static constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    std::string result(letters, '\0');
    for (std::size_t done = 0; done < letters;) {
        const ssize_t count = ::getrandom(result.data() + done, letters - done, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == ENOSYS) {  // before kernel 3.17
            const Fd urandom = open_file("/dev/urandom", O_RDONLY);
            if (::read(urandom.get(), result.data(), letters) == static_cast<ssize_t>(letters)) break;
        }
        if (count < 0) throw system_error("cannot get random bytes", errno);
        done += static_cast<std::size_t>(count);
    }
    for (char& c : result) c = alphabet[static_cast<std::uint8_t>(c) % alphabet.size()];
    return result;
}

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of_path(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

std::string read_whole_file(const std::string& path, std::size_t limit) {
    const Fd fd = open_file(path, O_RDONLY);
    return read_all(fd, limit, path);
}

std::optional<std::string> find_whole_file(const std::string& path, std::size_t limit) {
    const Fd fd = try_open(path, O_RDONLY);
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    if (!fd) throw system_error("cannot open " + quoted(path), errno);
    return read_all(fd, limit, path);
}

namespace {

// A new file beside the old one, then in its place.
template <class Sync>
void put_in_place(const std::string& path, std::string_view content, unsigned mode, const Sync& sync) {
    const std::string temporary = parent_of(path) + "/.prove-" + random_name() + ".tmp";
    Fd fd = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    Unlinker unlinker(temporary);
    write_all(fd, content, path);
    if (::fchmod(fd.get(), mode) != 0) throw system_error("cannot set the mode of " + quoted(path), errno);
    sync(fd);
    fd.close();
    if (::rename(temporary.c_str(), path.c_str()) != 0) throw system_error("cannot replace " + quoted(path), errno);
    unlinker.keep();
}

}  // namespace

void write_file_durably(const std::string& path, std::string_view content, unsigned mode) {
    put_in_place(path, content, mode, [&path](const Fd& fd) { sync_fd(fd, path); });
    sync_folder(parent_of(path));
}

void replace_file(const std::string& path, std::string_view content, unsigned mode) {
    put_in_place(path, content, mode, [](const Fd&) {});
}

void sync_folder(const std::string& folder) {
    sync_fd(open_file(folder, O_RDONLY | O_DIRECTORY), folder);
}

bool exists(const std::string& path) {
    return look(path, false).has_value();
}

bool is_folder(const std::string& path) {
    const auto status = look(path, true);
    return status && S_ISDIR(status->st_mode);
}

std::vector<std::string> list_folder(const std::string& folder) {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), &::closedir);
    if (!stream) throw system_error("cannot list " + quoted(folder), errno);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") names.push_back(name);
        errno = 0;
    }
    if (errno != 0) throw system_error("cannot list " + quoted(folder), errno);
    std::sort(names.begin(), names.end());
    return names;
}

void make_folders(const std::string& path, unsigned mode) {
    if (path.empty() || is_folder(path)) return;
    const std::string parent = parent_of(path);
    if (parent != path) make_folders(parent, 0755);
    if (::mkdir(path.c_str(), mode) != 0 && !(errno == EEXIST && is_folder(path)))
        throw system_error("cannot make the folder " + quoted(path), errno);
}

void make_private_folder(const std::string& path) {
    make_folders(path, 0700);
    check_private_folder(path);
}

bool remove_file(const std::string& path) {
    if (::remove(path.c_str()) == 0) return true;
    if (errno == ENOENT) return false;
    throw system_error("cannot remove " + quoted(path), errno);
}

void remove_tree(const std::string& folder) {
    const auto status = look(folder, false);
    if (!status) return;
    if (S_ISDIR(status->st_mode))
        for (const auto& name : list_folder(folder)) remove_tree(folder + "/" + name);
    remove_file(folder);
}

TemporaryFolder::TemporaryFolder(const std::string& prefix) {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string(base != nullptr && *base == '/' ? base : "/tmp") + "/" + prefix + "-" + random_name();
    if (::mkdir(path_.c_str(), 0700) != 0) throw system_error("cannot make the folder " + quoted(path_), errno);
}

TemporaryFolder::~TemporaryFolder() {
    try {
        remove_tree(path_);
    } catch (const Error&) {
        // What cannot be removed stays in a folder of ours that nobody else can enter; there is nobody to tell here.
    }
}

}  // namespace prove
