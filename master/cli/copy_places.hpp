// What the two sides of `prove-cli copy` mean, and where files that come from targets are put.
#pragma once

#include <string>

#include "proto/fetched.hpp"
#include "proto/value.hpp"

namespace prove {

// "web*:/etc/motd", or a path of this machine. What begins with '/', './' or '../' is always a path.
struct CopyPlace {
    std::string expression;  // empty: here
    std::string path;
    bool is_here() const { return expression.empty(); }
};
CopyPlace copy_place_from(const std::string& word);

struct CopyPlaces {
    CopyPlace from, to;
};
// Throws Error(usage) where not exactly one of the two is on targets, or what is there cannot be a file's path.
CopyPlaces copy_places_from(const std::string& from, const std::string& to);

// A file of this machine on its way to targets.
struct FileToCopy {
    std::string bytes;
    unsigned mode = 0;
};
constexpr std::size_t most_copied = 8u << 20;
// Throws Error: no file, a folder, too large.
FileToCopy read_file_to_copy(const std::string& path);

// Files that come from targets: one file, or a folder with one file for each, which has the target's name.
class FetchedFiles {
  public:
    // Throws Error(usage) where `destination` cannot take what comes from so many targets.
    FetchedFiles(std::string destination, std::size_t targets);
    // Writes it where it is not so already; gives what is told of it: as it came, without its bytes, with the file and
    // whether that changed.
    Value take(const std::string& target, const Value& body) const;

  private:
    std::string file_of(const std::string& target) const;
    std::string destination_;
    bool is_folder_;
};

}  // namespace prove
