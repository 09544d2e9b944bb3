// A catalog in a temporary folder, written file by file as a user would: for tests of loading and compiling.
//     CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1}]"}, {"states/site.yml", "..."}};
//     const auto catalog = disk.load();
#pragma once

#include <initializer_list>
#include <memory>
#include <string>

#include "common/files/files.hpp"
#include "master/catalog/catalog.hpp"

namespace prove {

class CatalogOnDisk {
  public:
    struct File {
        std::string path, content;
    };
    CatalogOnDisk(std::initializer_list<File> files) {
        for (const auto& file : files) write(file.path, file.content);
    }
    void write(const std::string& path, const std::string& content) {
        const auto full = path_of(path);
        make_folders(parent_of(full));
        write_file_durably(full, content, path.find("/functions/") == std::string::npos ? 0644 : 0755);
    }
    void remove(const std::string& path) { remove_file(path_of(path)); }
    std::string path_of(const std::string& path) const { return folder_.path() + "/" + path; }
    const std::string& path() const { return folder_.path(); }
    std::shared_ptr<const Catalog> load() const { return Catalog::load(folder_.path()); }
    // What is wrong with it, one line each without excerpts; "" where nothing is.
    std::string errors() const {
        try {
            load();
        } catch (const CatalogError& error) {
            std::string result;
            for (auto diagnostic : error.diagnostics().sorted()) {
                diagnostic.excerpt.clear();
                result += diagnostic.full_text() + "\n";
            }
            return result;
        }
        return {};
    }

  private:
    TemporaryFolder folder_{"catalog"};
};

}  // namespace prove
