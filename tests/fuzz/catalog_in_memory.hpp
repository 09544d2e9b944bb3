// A whole catalog from one text, for fuzzers: `=== PATH` begins a file, `=== +PATH` one that may be executed. What
// comes before the first such line is its targets.yml.
#pragma once

#include <map>
#include <memory>

#include "common/text/text.hpp"
#include "master/catalog/source.hpp"

namespace prove::fuzz {

class CatalogInMemory final : public CatalogSource {
  public:
    explicit CatalogInMemory(std::string_view text) {
        std::string path = "targets.yml";
        for (const std::string& line : split_lines(std::string(text))) {
            if (line.rfind("=== ", 0) == 0)
                path = line.substr(4);
            else
                files_[path] += line + "\n";
        }
    }

    // As a walk over folders would: what a name begins with must be a folder, and no part of it is empty or a dot.
    std::vector<TreeFile> list(Diagnostics& diagnostics) override {
        TreeFilter filter({}, diagnostics);
        std::vector<TreeFile> result;
        for (const auto& [name, content] : files_) {
            const std::string path = name.substr(name.rfind('+', 0) == 0 ? 1 : 0);
            if (!could_be(path) || !filter.takes(path) || !filter.has_room(path, content.size())) continue;
            TreeFile& file = result.emplace_back();
            file.path = path;
            file.size = content.size();
            file.executable = path.size() < name.size();
        }
        return result;
    }

    std::optional<std::string> read(const std::string& path, std::size_t) override {
        const auto found = files_.find(path);
        return found != files_.end() ? found->second : files_.at("+" + path);
    }

    bool changed(const std::vector<TreeFile>&) const override { return false; }

  private:
    bool could_be(const std::string& path) const {
        for (const std::string& part : split(path, '/'))
            if (part.empty() || part == "." || part == "..") return false;
        for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
            if (files_.count(path.substr(0, slash)) != 0) return false;
        return path.find('\0') == std::string::npos;
    }

    std::map<std::string, std::string> files_;
};

}  // namespace prove::fuzz
