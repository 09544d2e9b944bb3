// A version of a catalog to compare with: a directory as it is, or a revision of the Git work tree that a catalog is in,
// written to a temporary folder. The work tree and its index are left alone.
#pragma once

#include <memory>
#include <string>

#include "common/files/files.hpp"
#include "master/cli/local_catalog.hpp"

namespace prove {

class CatalogVersion {
 public:
    // `name` is a directory; or a revision, where `beside` (a directory, usually a catalog) is in a Git work tree.
    // Throws Error(usage) for what is neither, CatalogError for a version that cannot be loaded.
    CatalogVersion(const std::string& name, const std::string& beside, const std::vector<Inventory>& inventories = {});
    LocalCatalog& local() { return *local_; }

 private:
    TemporaryFolder folder_{"prove-version"};
    std::unique_ptr<LocalCatalog> local_;
};

}  // namespace prove
