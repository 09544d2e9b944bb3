// Walks the catalog's directory. Links are resolved before anything is opened, since a catalog may come from a Git
// repository that people of less trust than the master's administrator write to.
#include "master/catalog/tree.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "common/text/utf8.hpp"

namespace prove {

namespace {

std::int64_t nanoseconds(const timespec& time) {
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

// The path without links, or "" with errno where there is none.
std::string real_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
    return resolved ? resolved.get() : "";
}

bool is_below(const std::string& path, const std::string& folder) {
    return path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 &&
           (folder == "/" || path[folder.size()] == '/');
}

bool is_left_out(const std::string& name) {
    return name.front() == '.' || name.back() == '~' || name == "README" || name.rfind("README.", 0) == 0;
}

bool is_printable(const std::string& name) {
    return is_utf8(name) && escape_control(name) == name;
}

class Walk {
  public:
    Walk(std::string root, const TreeLimits& limits, Diagnostics& diagnostics)
        : root_(std::move(root)), depth_(limits.depth), diagnostics_(diagnostics), filter_(limits, diagnostics) {}

    void folder(const std::string& path, int depth) {
        if (depth > depth_) return error(path, "folders are nested deeper than " + std::to_string(depth_));
        std::vector<std::string> names;
        try {
            names = list_folder(full(path));
        } catch (const Error& failed) {
            return error(path, failed.text());
        }
        for (const auto& name : names) {
            const auto below = path.empty() ? name : path + "/" + name;
            if (filter_.is_full()) return;
            if (filter_.takes(below)) entry(below, depth);
        }
    }

    std::vector<TreeFile> take() {
        std::sort(files_.begin(), files_.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
        return std::move(files_);
    }

  private:
    std::string full(const std::string& path) const { return path.empty() ? root_ : root_ + "/" + path; }

    void error(const std::string& path, std::string text) {
        diagnostics_.error(position_of(path.empty() ? "." : path), "", std::move(text));
    }

    void entry(const std::string& path, int depth) {
        struct stat info {};
        if (::lstat(full(path).c_str(), &info) != 0)
            return error(path, "vanished while the catalog was read; load it again");
        if (S_ISLNK(info.st_mode) && !follow(path, info)) return;
        if (S_ISDIR(info.st_mode)) return folder(path, depth + 1);
        if (!S_ISREG(info.st_mode)) return error(path, "is neither a file nor a folder; a catalog holds nothing else");
        add(path, info);
    }

    // Replaces a link's `info` by that of the file it leads to; false where it may not be followed.
    bool follow(const std::string& path, struct stat& info) {
        const auto resolved = real_path(full(path));
        if (resolved.empty() || ::stat(resolved.c_str(), &info) != 0) {
            error(path, "is a link that leads nowhere");
            return false;
        }
        if (!is_below(resolved, root_)) {
            error(path, "is a link that leads out of the catalog; put the file itself here");
            return false;
        }
        if (S_ISDIR(info.st_mode)) {
            error(path, "is a link to a folder; only links to files of the catalog are followed");
            return false;
        }
        return true;
    }

    void add(const std::string& path, const struct stat& info) {
        const auto size = static_cast<std::uint64_t>(info.st_size);
        if (!filter_.has_room(path, size)) return;
        files_.push_back({path, size, info.st_ino, nanoseconds(info.st_mtim), nanoseconds(info.st_ctim),
                          (info.st_mode & S_IXUSR) != 0});
    }

    const std::string root_;
    const int depth_;
    Diagnostics& diagnostics_;
    TreeFilter filter_;
    std::vector<TreeFile> files_;
};

}  // namespace

bool TreeFilter::takes(const std::string& path) {
    const auto name = path.substr(path.rfind('/') + 1);
    if (is_left_out(name) && !is_served_path(path)) return false;
    if (!is_printable(name)) {
        diagnostics_.error(position_of(escape_control(path)), "",
                           "the name is not UTF-8 without control characters; rename it");
        return false;
    }
    if (path.size() <= limits_.path_bytes) return true;
    diagnostics_.error(position_of(path), "",
                       "the path is longer than " + std::to_string(limits_.path_bytes) + " bytes");
    return false;
}

bool TreeFilter::has_room(const std::string& path, std::uint64_t size) {
    if (size > limits_.file_bytes) {
        diagnostics_.error(position_of(path), "",
                           "is larger than " + std::to_string(limits_.file_bytes >> 20) + " MiB");
        return false;
    }
    bytes_ += size;
    if (++files_ <= limits_.files && bytes_ <= limits_.total_bytes) return true;
    if (!full_)
        diagnostics_.error(position_of("."), "",
                           "a catalog has at most " + std::to_string(limits_.files) + " files of together " +
                               std::to_string(limits_.total_bytes >> 20) +
                               " MiB; the rest was not looked at");
    full_ = true;
    return false;
}

std::string real_directory(const std::string& directory) {
    const auto resolved = real_path(directory);
    if (resolved.empty()) throw system_error("cannot open the catalog " + quoted(directory), errno);
    if (!is_folder(resolved)) throw Error(ErrorKind::missing, "the catalog " + quoted(directory) + " is not a folder");
    return resolved;
}

std::vector<TreeFile> read_tree(const std::string& directory, const TreeLimits& limits, Diagnostics& diagnostics) {
    Walk walk(directory, limits, diagnostics);
    walk.folder("", 0);
    return walk.take();
}

bool is_served_path(const std::string& path) {
    if (path.rfind("files/", 0) == 0) return true;
    if (path.rfind("components/", 0) != 0) return false;
    const auto component_end = path.find('/', std::string_view("components/").size());
    return component_end != std::string::npos && path.compare(component_end, 7, "/files/") == 0;
}

SourcePosition position_of(const std::string& path) {
    SourcePosition position;
    position.file = std::make_shared<const std::string>(path);
    return position;
}

}  // namespace prove
