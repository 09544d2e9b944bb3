// What prove-cli does with a catalog on its own: loading it, looking at it, compiling from it. One process, no master.
#pragma once

#include <memory>
#include <string>

#include "agent/functions/registry.hpp"
#include "master/catalog/catalog.hpp"
#include "master/catalog/inventory.hpp"
#include "master/compile/compiler.hpp"
#include "proto/value.hpp"

namespace prove {

// Where a catalog comes from: its folder, inventories beside it, or these alone.
struct CatalogPlace {
    std::string directory;
    std::vector<Inventory> inventories = {};
};

// A catalog with everything that compiling from it needs. The local machine's facts stand for those of all targets but
// other machines (executor ssh), of which nothing is known.
class LocalCatalog {
  public:
    explicit LocalCatalog(const CatalogPlace& place);
    ~LocalCatalog();
    const Catalog& catalog() const { return *catalog_; }
    const FunctionRegistry& functions() const { return functions_; }
    Compiler& compiler() { return *compiler_; }
    const Value& facts();
    // What is known of a target before it is reached: null where it is another machine.
    const Value& facts_of(const Target& target);
    // Names of the targets that an expression means, in catalog order; Error(usage) where it names one that is not
    // there.
    std::vector<std::string> found(const std::string& expression);
    // The same; Error(usage) also where it means none.
    std::vector<std::string> matching(const std::string& expression);
    // The one target that it means; Error(usage) where it means several.
    std::string one(const std::string& expression);

  private:
    struct Directory;
    std::shared_ptr<const Catalog> catalog_;
    FunctionRegistry functions_;
    std::shared_ptr<CompileMemory> memory_;
    std::unique_ptr<Renderer> renderer_;
    std::unique_ptr<Directory> directory_;
    std::unique_ptr<Compiler> compiler_;
    Value facts_;
};

// Rows as /v1/targets gives them, for `targets` with --catalog.
Value local_targets(const CatalogPlace& place, const std::string& expression);

}  // namespace prove
