// Where a catalog's files come from: a directory as it is now, or one commit of a Git repository. Loading lists them once
// and reads each once; what it made of them never changes again, whatever happens to the files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "master/catalog/tree.hpp"

namespace prove {

class CatalogSource {
  public:
    virtual ~CatalogSource() = default;
    // Sorted by path; what may not be there goes to `diagnostics`.
    virtual std::vector<TreeFile> list(Diagnostics& diagnostics) = 0;
    // The content of one that list() gave; nullopt where it vanished meanwhile. Throws Error(full) above `limit` bytes.
    // Of a commit each can be read once: it is handed over.
    virtual std::optional<std::string> read(const std::string& path, std::size_t limit) = 0;
    // Whether the same place holds something else by now than the files that list() gave: names, sizes, times, commits
    // are compared, nothing is read.
    virtual bool changed(const std::vector<TreeFile>& listed) const = 0;
    // What people call this state of the catalog: "commit 1a2b3c4d5e6f of branch main"; empty for a directory's files.
    virtual std::string revision() const { return ""; }
};

// Both throw Error(missing) where there is no such directory.
std::unique_ptr<CatalogSource> files_of_directory(const std::string& directory);
// No files at all.
std::unique_ptr<CatalogSource> no_files();
// The commit that is checked out: what is not committed is not there. Throws Error(invalid) where the directory is no
// work tree or has no commit.
std::unique_ptr<CatalogSource> commit_of_directory(const std::string& directory);
// Whether the directory is the top of a Git work tree. One in the middle of it is not meant: /etc may be kept in Git by
// somebody who knows nothing of catalogs.
bool is_git_work_tree(const std::string& directory);

}  // namespace prove
