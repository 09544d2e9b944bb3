// Reading cases.
#include "master/cli/component_cases.hpp"

#include <algorithm>

#include "common/files/files.hpp"
#include "common/text/text.hpp"
#include "common/yaml/yaml.hpp"
#include "master/catalog/shape.hpp"

namespace prove {

namespace {

bool is_case_file(const std::string& name) {
    const auto ends = [&](const std::string& end) {
        return name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
    };
    return name.front() != '.' && (ends(".yml") || ends(".yaml"));
}

std::vector<std::string> texts(const std::vector<NamedRef>& refs) {
    std::vector<std::string> result;
    for (const NamedRef& ref : refs) result.push_back(ref.name);
    return result;
}

ComponentCase read_case(const Mapping::Member& member, const std::string& component, Diagnostics& diagnostics) {
    ComponentCase result;
    result.name = member.key;
    result.position = member.key_position;
    Shape shape(member.value, member.key, diagnostics);
    result.variables = shape.mapping("variables");
    result.facts = shape.mapping("facts");
    result.probes = shape.mapping("probes");
    for (const Mapping::Member& probe : result.probes.mapping())
        if (!probe.value.is_boolean())
            shape.error(probe.value.position(), "a probe's answer is true or false, found " + probe.value.described());
    result.roles = texts(shape.names("roles"));
    result.states = shape.find("states") != nullptr ? texts(shape.names("states"))
                    : result.roles.empty()          ? std::vector<std::string>{component}
                                                    : std::vector<std::string>();
    if (const Value* expect = shape.find("expect")) {
        result.expect = expect->is_null() ? Value::object() : *expect;
        if (!result.expect->is_mapping())
            shape.error(expect->position(), "'expect' is a mapping from states to what they have, found " + expect->described());
    }
    result.errors = texts(shape.names("error"));
    if (result.expect.has_value() == !result.errors.empty())
        shape.error(member.key_position, "a case has either 'expect', the states that come of it, or 'error'");
    shape.end();
    return result;
}

}  // namespace

std::vector<ComponentCase> read_cases(const std::string& folder, const std::string& component, Diagnostics& diagnostics) {
    std::vector<ComponentCase> cases;
    if (!is_folder(folder + "/tests")) return cases;
    for (const std::string& name : list_folder(folder + "/tests")) {
        if (!is_case_file(name)) continue;
        const auto shown = std::make_shared<const std::string>("tests/" + name);
        const auto document = read_yaml(read_whole_file(folder + "/tests/" + name), shown, diagnostics);
        if (!document || document->is_null()) continue;
        if (!document->is_mapping()) {
            diagnostics.error(document->position(), "", "expected a mapping from names of cases to cases, found " + document->described());
            continue;
        }
        for (const Mapping::Member& member : document->mapping()) cases.push_back(read_case(member, component, diagnostics));
    }
    return cases;
}

}  // namespace prove
