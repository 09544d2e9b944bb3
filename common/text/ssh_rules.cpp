// See ssh_rules.hpp.
#include "common/text/ssh_rules.hpp"

#include <algorithm>

namespace prove {

bool is_ssh_name(std::string_view name) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._:-").find(c) != std::string_view::npos;
    };
    return !name.empty() && name.front() != '-' && std::all_of(name.begin(), name.end(), is_allowed);
}

bool is_ssh_key_path(std::string_view path) {
    const auto is_refused = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '%' || c == '"'; };
    return (path.starts_with("/") || path.starts_with("~/")) && std::none_of(path.begin(), path.end(), is_refused);
}

}  // namespace prove
