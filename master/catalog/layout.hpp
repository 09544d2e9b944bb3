// Which file of a catalog is what, by its place and name alone. Everything unknown that could be meant to do something
// is an error or a warning, so that no file is silently without effect (P32).
#pragma once

#include <string>
#include <vector>

#include "master/catalog/catalog.hpp"
#include "master/catalog/tree.hpp"

namespace prove {

struct LayoutFile {
    enum class Kind {
        options,            // prove.yml
        section,            // targets.yml, targets.d/x.yml, roles.yml of a component ...: `section` says which
        role,               // roles/NAME.yml: `name` is the role's
        component_options,  // component.yml
        defaults,           // variables.yml of a component
        variables,          // variables/NAME.*
        state,              // states/PATH.*
        text,               // a template to include
        served,             // files/...: `name` is the URL
        function,           // functions/NAME of a component
    };
    Kind kind = Kind::text;
    const TreeFile* file = nullptr;
    std::string section, name, component;
    FileFormat format = FileFormat::plain_yaml;
    bool follows_renderer = false;
};

struct Layout {
    std::vector<LayoutFile> files;        // in reading order: prove.yml, then X.yml before X.d/*, each by name
    std::vector<std::string> components;  // names, sorted
};

// `tree` must outlive the result.
Layout lay_out(const std::vector<TreeFile>& tree, Diagnostics& diagnostics);

}  // namespace prove
