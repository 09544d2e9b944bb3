// Does a text need Mako, or Jinja? For Mako: exactly the constructs that Mako's lexer acts on; but a comment `## ...`
// at the very start of a line is a comment of YAML too, and is left to YAML.
#include <string_view>

#include "master/render/renderer.hpp"

namespace prove {

namespace {

// What Mako makes of a line that begins with blanks and then this: a control line, %% as an escaped %, or a comment.
bool is_mako_line(std::string_view line) {
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string_view::npos) return false;
    if (line[start] == '%') return true;
    return start > 0 && line.substr(start, 2) == "##";
}

}  // namespace

bool has_mako_syntax(const std::string& text) {
    if (text.find("${") != std::string::npos || text.find("<%") != std::string::npos ||
        text.find("</%") != std::string::npos || text.find("\\\n") != std::string::npos ||
        text.find("\\\r\n") != std::string::npos)
        return true;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        if (is_mako_line(rest.substr(0, end))) return true;
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return false;
}

bool has_jinja_syntax(const std::string& text) {
    return text.find("{{") != std::string::npos || text.find("{%") != std::string::npos ||
           text.find("{#") != std::string::npos;
}

}  // namespace prove
