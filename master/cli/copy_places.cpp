// Paths here and there.
#include "master/cli/copy_places.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "common/files/files.hpp"
#include "common/files/path.hpp"
#include "common/text/duration.hpp"
#include "common/text/text.hpp"
#include "proto/ids.hpp"

namespace prove {

namespace {

constexpr mode_t for_all = 04;

std::string path_on_targets(const CopyPlace& place, const std::string& name) {
    const bool is_folder = place.path.ends_with('/');
    try {
        return Path(is_folder ? place.path + name : place.path).text();
    } catch (const Error& error) {
        throw Error(ErrorKind::usage, error.text());
    }
}

// As a new file of who calls us would have it; what not all may read there nobody else may read here.
unsigned mode_here(unsigned mode) {
    if ((mode & for_all) == 0) return 0600;
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return (mode & 0777) & ~mask;
}

}  // namespace

CopyPlace copy_place_from(const std::string& word) {
    const bool is_path = word.starts_with('/') || word.starts_with("./") || word.starts_with("../");
    const std::size_t colon = is_path ? std::string::npos : word.find(":/");
    if (colon == std::string::npos || colon == 0) return {"", word};
    return {word.substr(0, colon), word.substr(colon + 1)};
}

CopyPlaces copy_places_from(const std::string& from, const std::string& to) {
    CopyPlaces places{copy_place_from(from), copy_place_from(to)};
    if (!places.from.is_here() && !places.to.is_here())
        throw Error(ErrorKind::usage, "one of the two is on this machine: copy from the one to here, and from here to the other");
    if (places.from.is_here() && places.to.is_here())
        throw Error(ErrorKind::usage, "neither " + quoted(from) + " nor " + quoted(to) +
                                          " is on targets: that is EXPR:PATH with an absolute path, such as web1:/etc/motd");
    if (places.from.path.empty() || places.to.path.empty()) throw Error(ErrorKind::usage, "a path is empty");
    if (!places.from.is_here() && places.from.path.ends_with('/'))
        throw Error(ErrorKind::usage, quoted(places.from.path) + " is a folder; copy takes one file at a time");
    if (places.from.is_here())
        places.to.path = path_on_targets(places.to, name_of_path(places.from.path));
    else
        places.from.path = path_on_targets(places.from, "");
    return places;
}

FileToCopy read_file_to_copy(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) throw system_error("cannot copy " + quoted(path), errno);
    if (S_ISDIR(status.st_mode))
        throw Error(ErrorKind::usage, quoted(path) + " is a folder; copy takes one file at a time");
    if (S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) > most_copied)
        throw Error(ErrorKind::usage, quoted(path) + " has " + show_size(static_cast<std::uint64_t>(status.st_size)) +
                                          "; copy takes at most 8 MiB to a target. What is larger is a file of a catalog "
                                          "(up to 64 MiB), or a package");
    return {read_whole_file(path, most_copied), static_cast<unsigned>(status.st_mode & 0777)};
}

FetchedFiles::FetchedFiles(std::string destination, std::size_t targets)
    : destination_(std::move(destination)), is_folder_(destination_.ends_with('/') || is_folder(destination_)) {
    if (is_folder_) return;
    if (targets > 1)
        throw Error(ErrorKind::usage, "files of " + counted(targets, "target") + " go to a folder, each by its target's name: write " +
                                          quoted(destination_ + "/"));
    if (!is_folder(parent_of(destination_)))
        throw Error(ErrorKind::usage, "there is no folder " + quoted(parent_of(destination_)));
}

// Names of targets are letters, digits and a few signs; this holds also where a master says something else.
std::string FetchedFiles::file_of(const std::string& target) const {
    if (!is_folder_) return destination_;
    if (!is_target_name(target))
        throw Error(ErrorKind::refused, quoted(target) + " is no name of a target, so that no file is called so");
    make_folders(destination_);
    return destination_ + (destination_.ends_with('/') ? "" : "/") + target;
}

Value FetchedFiles::take(const std::string& target, const Value& body) const {
    const Fetched fetched = fetched_from(body);
    const std::string file = file_of(target);
    struct stat status {};
    const bool is_there = ::lstat(file.c_str(), &status) == 0;
    if (is_there && S_ISLNK(status.st_mode))
        throw Error(ErrorKind::refused, quoted(file) + " is a symbolic link; it is neither followed nor replaced");
    if (is_there && !S_ISREG(status.st_mode)) throw Error(ErrorKind::refused, quoted(file) + " is no regular file");
    const bool same = is_there && static_cast<std::uint64_t>(status.st_size) == fetched.bytes.size() &&
                      read_whole_file(file) == fetched.bytes;
    if (!same) write_file_durably(file, fetched.bytes, mode_here(fetched.mode));
    Value told = without_bytes(body);
    told.set("file", file);
    told.set("changed", !same);
    return told;
}

}  // namespace prove
