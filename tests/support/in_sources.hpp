// Where the sources lie that a test was built from: golden files, documents.
#pragma once

#include <string>

namespace prove::test {

std::string in_sources(const std::string& path = "");  // "/docs/openapi.yml"

}  // namespace prove::test
