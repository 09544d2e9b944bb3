// What a survey found on a host, as files of a catalog: states that are true of the host as it is. Pure.
#pragma once

#include <string>

#include "master/cli/catalog_writing.hpp"
#include "proto/value.hpp"

namespace prove {

// By path within the catalog: states/adopted/HOST.plain.yml, groups.d/adopted-HOST.yml, and files/adopted/HOST/... for
// contents. `survey` is the body of a survey's result. Empty where it found nothing.
// Throws Error(invalid) where the body is not what a target should have sent.
CatalogFiles adopted_catalog(const std::string& host, const Value& survey);

}  // namespace prove
