// Targets and groups that come from elsewhere than a catalog's own files: hosts named on the command line, an ssh
// configuration, another tool's inventory. They are written as the catalog's sections would be, every value with its
// place in the inventory, so that a catalog is loaded with them as if a file of it had said so.
#pragma once

#include <map>
#include <string>

#include "proto/error.hpp"
#include "proto/value.hpp"

namespace prove {

struct Inventory {
    Value targets = Value::array();  // as under `targets:`
    Value groups = Value::array();   // as under `groups:`; they stand before those of the catalog
    Diagnostics problems;
    std::map<std::string, std::string> texts;  // of what was read, by the names that places have
    // A target that the catalog has as well is the catalog's, instead of an error: for inventories that were not
    // written for Prove.
    bool yields = false;
};

}  // namespace prove
