// Writing files into a catalog that people go on with: none that is there is overwritten, and all are written or none.
#pragma once

#include <map>
#include <string>

namespace prove {

struct CatalogFile {
    std::string content;
    unsigned mode = 0644;
};
using CatalogFiles = std::map<std::string, CatalogFile>;  // by path within the catalog

// Throws Error(refused), which names every file that is there already, before anything is written; a failure in the
// middle takes back what was written before it.
void write_catalog_files(const std::string& directory, const CatalogFiles& files);

}  // namespace prove
