// Where facts come from: one function for each group. Used by facts.cpp only.
#pragma once

#include <string>
#include <vector>

#include "agent/host/host.hpp"
#include "proto/value.hpp"

namespace prove {

struct FactSource {
    std::string group;  // "os"
    Value (*read)(const HostReader& host);
};
const std::vector<FactSource>& fact_sources();

// Files of the folder become custom facts, named without their suffix: *.json, *.yml and *.yaml are read; what can be
// executed is run, and prints JSON, in at most 10 s. `names` limits what is run. What is wrong with one of them is a
// problem of that one alone.
Value read_custom_facts(const HostReader& host, const std::string& folder, const std::vector<std::string>& names,
                        std::vector<std::string>& problems);

}  // namespace prove
