// Suffixes and names. The longest suffix wins, so the table is ordered by that.
#include "master/catalog/file_kind.hpp"

#include <algorithm>
#include <array>

#include "common/text/text.hpp"

namespace prove {

namespace {

struct Suffix {
    std::string_view text;
    FileFormat format;
    bool follows_renderer;
};

constexpr std::array<Suffix, 12> suffixes{{
    {".plain.yaml", FileFormat::plain_yaml, false},
    {".plain.yml", FileFormat::plain_yaml, false},
    {".yaml.jinja", FileFormat::jinja_yaml, false},
    {".json.jinja", FileFormat::jinja_json, false},
    {".yml.jinja", FileFormat::jinja_yaml, false},
    {".yaml.mako", FileFormat::mako_yaml, false},
    {".json.mako", FileFormat::mako_json, false},
    {".yml.mako", FileFormat::mako_yaml, false},
    {".yaml", FileFormat::mako_yaml, true},
    {".json", FileFormat::json, false},
    {".yml", FileFormat::mako_yaml, true},
    {".py", FileFormat::python, false},
}};

constexpr std::size_t longest_name = 64;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool all_of(std::string_view text, std::string_view others) {
    return std::all_of(text.begin(), text.end(),
                       [&](char c) { return is_letter_or_digit(c) || others.find(c) != std::string_view::npos; });
}

}  // namespace

std::optional<NamedFile> named_file(std::string_view file_name) {
    for (const auto& suffix : suffixes) {
        if (file_name.size() <= suffix.text.size()) continue;
        const auto stem_size = file_name.size() - suffix.text.size();
        if (file_name.substr(stem_size) != suffix.text) continue;
        return NamedFile{std::string(file_name.substr(0, stem_size)), std::string(suffix.text), suffix.format,
                         suffix.follows_renderer};
    }
    return std::nullopt;
}

bool is_template_name(std::string_view file_name) {
    for (const std::string_view suffix : {".mako", ".jinja"})
        if (file_name.size() > suffix.size() && file_name.substr(file_name.size() - suffix.size()) == suffix)
            return true;
    return false;
}

std::string known_suffixes() {
    return ".yml, .yaml, .yml.mako, .yml.jinja, .plain.yml, .json, .json.mako, .json.jinja or .py";
}

bool is_source_name(std::string_view name) {
    for (const auto& part : split(name, '/'))
        if (part.empty() || part == "." || part == ".." || !all_of(part, "._-")) return false;
    return true;
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_name && is_letter_or_digit(name.front()) && all_of(name, "._-");
}

bool is_component_name(std::string_view name) {
    return is_plain_name(name) && all_of(name, "_-");
}

}  // namespace prove
