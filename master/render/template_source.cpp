// Names of templates to texts of the catalog.
#include "master/render/template_source.hpp"

#include <vector>

#include "common/text/text.hpp"
#include "common/text/utf8.hpp"

namespace prove {

namespace {

constexpr std::string_view scheme = "prove://";

void check_name(const std::string& name) {
    const auto refuse = [&](const std::string& why) {
        throw Error(ErrorKind::catalog, "the template name " + quoted(name) + " is not allowed: " + why);
    };
    if (name.empty()) refuse("it is empty");
    const std::string relative = "names are relative to this file or to the catalog";
    if (name[0] == '/') refuse(relative);
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-") !=
        std::string::npos)
        refuse("it has other characters than letters, digits, '.', '_', '-' and '/'");
    for (const std::string& part : split(name, '/'))
        if (part.empty() || part == "." || part == "..") refuse("it has an empty part, '.' or '..'; " + relative);
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

// "components/NAME/" of a path below it; "" elsewhere.
std::string component_folder(const std::string& path) {
    if (path.rfind("components/", 0) != 0) return "";
    const std::size_t end = path.find('/', 11);
    return end == std::string::npos ? "" : path.substr(0, end + 1);
}

// The URL under which a path is served; "" where it is not.
std::string url_of(const std::string& path) {
    if (path.rfind("files/", 0) == 0) return std::string(scheme) + path.substr(6);
    const std::string component = component_folder(path);
    if (component.empty() || path.compare(component.size(), 6, "files/") != 0) return "";
    return std::string(scheme) + component.substr(11) + path.substr(component.size() + 6);
}

std::string served_text(const Catalog& catalog, const ServedFile& file) {
    std::string text = catalog.read_served(file);
    if (!is_utf8(text)) throw Error(ErrorKind::catalog, quoted(*file.path) + " is not UTF-8 text");
    return text;
}

std::vector<std::string> candidates(const std::string& name, const std::string& asked_by) {
    std::vector<std::string> result = {folder_of(asked_by) + name};
    if (const std::string component = component_folder(asked_by); !component.empty())
        for (const char* folder : {"templates/", "", "files/"}) result.push_back(component + folder + name);
    for (const char* folder : {"templates/", "", "files/"}) result.push_back(folder + name);
    return result;
}

[[noreturn]] void missing(const Catalog& catalog, const std::string& name) {
    std::vector<std::string> known = catalog.source_paths();
    for (std::string& path : known)
        if (path.rfind("templates/", 0) == 0) path.erase(0, 10);
    for (const std::string& url : catalog.served_urls()) known.push_back(url.substr(scheme.size()));
    const std::string near = nearest(name, known);
    throw Error(ErrorKind::missing, "the catalog has no template or file " + quoted(name) +
                                        (near.empty() ? "" : "; did you mean " + quoted(near) + "?"));
}

struct Located {
    const SourceFile* source = nullptr;
    const ServedFile* served = nullptr;  // where `source` is null
};

Located locate(const Catalog& catalog, const std::string& name, const std::string& asked_by) {
    if (name.rfind(scheme, 0) == 0) {
        check_name(name.substr(scheme.size()));
        const ServedFile* served = catalog.served_file(name);
        if (served == nullptr) missing(catalog, name.substr(scheme.size()));
        return {nullptr, served};
    }
    check_name(name);
    for (const std::string& path : candidates(name, asked_by)) {
        if (const SourceFile* source = catalog.source_file(path)) return {source, nullptr};
        const std::string url = url_of(path);
        const ServedFile* served = url.empty() ? nullptr : catalog.served_file(url);
        if (served != nullptr) return {nullptr, served};
    }
    missing(catalog, name);
}

}  // namespace

TemplateSource find_template(const Catalog& catalog, const std::string& name, const std::string& asked_by) {
    const Located found = locate(catalog, name, asked_by);
    if (found.source != nullptr) return {*found.source->path, found.source->text};
    return {*found.served->path, served_text(catalog, *found.served)};
}

std::optional<std::pair<std::string, Hash>> identify_template(const Catalog& catalog, const std::string& name,
                                                              const std::string& asked_by) {
    try {
        const Located found = locate(catalog, name, asked_by);
        if (found.source != nullptr) return std::make_pair(*found.source->path, found.source->hash);
        return std::make_pair(*found.served->path, found.served->hash);
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace prove
