// Files of this machine by system calls: looking, and carrying out the plans of plan_files.hpp. Every change opens its
// folder without following a link (S85) and works below that descriptor, so that nobody can lead it elsewhere
// meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/host/plan_files.hpp"

namespace prove {

class FileSystem {
  public:
    // Looking. Links on the way are followed for stat; for what is read only where none but root and we could have made
    // them.
    static std::optional<FileInfo> stat(const Path& path);
    static std::string read_file(const Path& path, std::size_t limit);
    static Hash hash_file(const Path& path);
    static std::string read_link(const Path& path);
    static std::vector<std::string> list_directory(const Path& path);
    static std::optional<Path> first_link(const Path& folder);

    // Called with the path of the new file before it is put in place; throws where it is not good.
    using Validate = std::function<void(const std::string& path)>;

    void make_folder(const Path& folder);  // root 0755, as missing parents are made
    void put_file(const FilePlan& plan, const Validate& validate);
    void set_attributes(const Path& path, const FileInfo& info);
    void make_directory(const Path& path, const FileInfo& info);
    void put_link(const LinkPlan& plan);
    void remove(const RemovalPlan& plan);

  private:
    // Folders where leftovers of killed writes have been looked for in this run, and whose.
    std::set<std::pair<Path, std::uint32_t>> swept_;
};

}  // namespace prove
