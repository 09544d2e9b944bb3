// A catalog on disk for a test, written as its author would: CatalogFolder({{"states/site.yml", "..."}}). The folder
// goes away with the object.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/files/files.hpp"
#include "master/catalog/catalog.hpp"

namespace prove::test {

class CatalogFolder {
  public:
    explicit CatalogFolder(const std::map<std::string, std::string>& files) {
        for (const auto& [path, text] : files) write(path, text);
    }
    // A component's function is made executable, as its author would.
    void write(const std::string& path, const std::string& text) const {
        const unsigned mode = path.find("/functions/") == std::string::npos ? 0644 : 0755;
        const std::string full = folder_.path() + "/" + path;
        make_folders(parent_of(full));
        write_file_durably(full, text, mode);
    }
    std::shared_ptr<const Catalog> load() const { return Catalog::load(folder_.path()); }
    const std::string& path() const { return folder_.path(); }

  private:
    TemporaryFolder folder_;
};

}  // namespace prove::test
