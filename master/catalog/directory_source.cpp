// A catalog's files as they are on disk.
#include "common/files/below.hpp"
#include "master/catalog/source.hpp"

namespace prove {

namespace {

class DirectorySource final : public CatalogSource {
  public:
    explicit DirectorySource(const std::string& directory)
        : directory_(directory), real_(real_directory(directory)) {}

    std::vector<TreeFile> list(Diagnostics& diagnostics) override {
        return read_tree(real_, {}, diagnostics);
    }

    std::optional<std::string> read(const std::string& path, std::size_t limit) override {
        return find_file_below(real_, path, limit);
    }

    bool changed(const std::vector<TreeFile>& listed) const override {
        try {
            if (real_directory(directory_) != real_) return true;
            Diagnostics ignored;  // whoever loads it again will see them
            return read_tree(real_, {}, ignored) != listed;
        } catch (const Error&) {
            return true;  // the directory is gone: loading will say so
        }
    }

  private:
    const std::string directory_;  // as it was given: it may be a link that is switched to a new one
    const std::string real_;       // what it was when it was listed
};

class NoFiles final : public CatalogSource {
    std::vector<TreeFile> list(Diagnostics&) override { return {}; }
    std::optional<std::string> read(const std::string&, std::size_t) override { return std::nullopt; }
    bool changed(const std::vector<TreeFile>&) const override { return false; }
};

}  // namespace

std::unique_ptr<CatalogSource> no_files() {
    return std::make_unique<NoFiles>();
}

std::unique_ptr<CatalogSource> files_of_directory(const std::string& directory) {
    return std::make_unique<DirectorySource>(directory);
}

}  // namespace prove
