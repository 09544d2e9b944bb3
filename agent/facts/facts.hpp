// What a host says about itself: a mapping of mappings, `facts.os.family`. Only what can be read without a fork, but
// for custom facts that are programs. Nothing that changes by itself (load, free memory): facts are kept and compared.
#pragma once

#include <string>
#include <vector>

#include "agent/host/host.hpp"
#include "proto/value.hpp"

namespace prove {

struct FactDescription {
    std::string name;  // "os.family"
    std::string type;  // "text", "integer", "list", "mapping"
    std::string help;
    std::string example;
};
// Every fact but the custom ones, by name. The reference in docs/ is made of it.
const std::vector<FactDescription>& fact_descriptions();

struct FactsRequest {
    std::vector<std::string> names;  // "os", "os.family", "custom.site"; empty: all
    std::string custom_folder = "/etc/prove/facts.d";
};

struct Facts {
    Value values = Value::object();
    std::vector<std::string> problems;  // custom facts that could not be had, and why
};

// Gathers what was asked for and nothing else. Throws Error(usage) for a name that is no fact.
Facts gather_facts(const HostReader& host, const FactsRequest& request = {});

}  // namespace prove
