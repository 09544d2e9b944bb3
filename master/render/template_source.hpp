// Which text a template means by a name: in <%include>, <%inherit>, <%namespace> and file(). Our own resolver, since
// Mako's lets "//../x" out of the folder (S80).
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "master/catalog/catalog.hpp"

namespace prove {

struct TemplateSource {
    std::string path;  // in the catalog; what errors name
    std::string text;
};

// `asked_by` is the path of the file that asks. A name is looked for beside
// that file, in its component (templates/, its own folder, its files/), then in the catalog's templates/, its own
// folder and its files/. Throws Error(catalog) for a name that is not
// allowed, Error(missing) for one that is not there.
TemplateSource find_template(const Catalog& catalog, const std::string& name, const std::string& asked_by);

// Which text that is, without reading it: its path and its hash; nothing where find_template() would throw.
std::optional<std::pair<std::string, Hash>> identify_template(const Catalog& catalog, const std::string& name,
                                                              const std::string& asked_by);

}  // namespace prove
