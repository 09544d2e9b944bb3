// Compiling one of two versions of a catalog, and looking at them.
#pragma once

#include <map>
#include <string>

#include "master/compile/compiler.hpp"
#include "tests/support/catalog_folder.hpp"

namespace prove::test {

struct UnseenTargets final : TargetDirectory {
    Value facts_of(const TargetId&) const override { return {}; }
    std::string status_of(const TargetId&) const override { return "unknown"; }
};

// A catalog with the target web1, whose state file is `site`, unless there is a targets.yml.
class Version {
  public:
    explicit Version(std::map<std::string, std::string> files) : folder_(with_target(std::move(files))) {}
    explicit Version(const std::string& site) : Version(std::map<std::string, std::string>{{"states/site.yml", site}}) {}

    const Catalog& catalog() const { return *catalog_; }
    const Compiler& compiler() const { return compiler_; }
    const FunctionRegistry& functions() const { return functions_; }
    Compiled compile(const std::string& target = "web1") const {
        return compiler_.compile({.target = TargetId(target), .facts = Value::object()});
    }

  private:
    static std::map<std::string, std::string> with_target(std::map<std::string, std::string> files) {
        files.emplace("targets.yml", "targets:\n  - {name: web1, states: [site]}\n");
        return files;
    }

    CatalogFolder folder_;
    std::shared_ptr<const Catalog> catalog_ = folder_.load();
    FunctionRegistry functions_ = all_functions();
    UnseenTargets directory_;
    std::unique_ptr<Renderer> renderer_ = make_renderer(catalog_, 1);
    Compiler compiler_{catalog_, functions_, *renderer_, directory_};
};

}  // namespace prove::test
