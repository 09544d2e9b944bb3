// Operation "survey": what stands on a host that states can describe. Its body, as command line, API and target have it.
#pragma once

#include <string>
#include <vector>

#include "proto/value.hpp"

namespace prove {

// What to look for: globs of names ("*" is all), and for files paths of files or folders. An empty list means that none
// of its kind is wanted.
struct Survey {
    std::vector<std::string> packages, services, users, files;
    // Nobody chose anything: packages that were asked for by hand and are not part of the base system, services that
    // were enabled, accounts of people, and configuration files that differ from their package's.
    bool usual() const { return packages.empty() && services.empty() && users.empty() && files.empty(); }
};

Value to_value(const Survey& survey);
Survey survey_from(const Value& body);  // throws Error(invalid): wrong type, unknown field

}  // namespace prove
