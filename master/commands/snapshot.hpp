// One state of the catalog, and what compiles it. A job keeps the snapshot that it was made from, so that a change of
// the catalog meanwhile does not reach it. Immutable, shared between threads.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "master/catalog/catalog.hpp"
#include "master/compile/compiler.hpp"

namespace prove {

struct Snapshot {
    std::shared_ptr<const Catalog> catalog;
    std::unique_ptr<Renderer> renderer;  // outlives the compiler, which borrows it
    std::unique_ptr<Compiler> compiler;
    std::string secret_key;  // the file of the private key that opens the catalog's secrets; it may not be there
};

// Loads a directory; throws CatalogError, or Error(missing) where there is none.
using LoadSnapshot = std::function<std::shared_ptr<const Snapshot>(const std::string& directory)>;

}  // namespace prove
