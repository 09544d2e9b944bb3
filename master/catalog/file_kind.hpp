// What a catalog file's name says: how it is read, and what it is called. One table of suffixes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "master/catalog/catalog.hpp"

namespace prove {

struct NamedFile {
    std::string stem;    // the name without its suffix
    std::string suffix;  // ".yml.mako"
    FileFormat format = FileFormat::mako_yaml;
    bool follows_renderer = false;  // ".yml" and ".yaml": plain with the option `renderer: plain`
};
// nullopt where no suffix of state and variable files fits.
std::optional<NamedFile> named_file(std::string_view file_name);

// A template to include, ".mako" or ".jinja", where the name does not make it a state or variable file.
bool is_template_name(std::string_view file_name);

// ".yml, .yaml, .plain.yml, ...": for messages.
std::string known_suffixes();

// Letters, digits and "._-" in non-empty parts joined by "/" (S80): names that templates and states refer to.
bool is_source_name(std::string_view name);
// Of groups, roles, schedules and variable files: letters, digits and "._-", beginning with a letter or digit.
bool is_plain_name(std::string_view name);
// Of components: the same without dots, since `vars.<component>` must be writable.
bool is_component_name(std::string_view name);

}  // namespace prove
