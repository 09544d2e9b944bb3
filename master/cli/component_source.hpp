// A catalog around one component, for its own cases: the component, those that it requires (they stand beside it), and a
// target for each case. Nothing else of the catalog that it may stand in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "master/catalog/source.hpp"

namespace prove {

struct ComponentFolder {
    std::string name;    // what component.yml says, or else the folder's
    std::string folder;  // real
};

// Throws Error(usage) where the folder is no component.
ComponentFolder component_folder(const std::string& directory);

// `targets`: the text of targets.json.
std::unique_ptr<CatalogSource> component_source(const ComponentFolder& component, std::string targets);

}  // namespace prove
