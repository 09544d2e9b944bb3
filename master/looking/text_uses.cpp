// What the text of a template or Python file uses, as far as it can be told without running it.
#include <array>
#include <string_view>

#include "common/text/text.hpp"
#include "master/looking/catalog_lints.hpp"

namespace prove {

namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string word_at(const std::string& text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    return text.substr(at, end - at);
}

bool is_method(const std::string& word) {
    static const std::array<std::string_view, 8> names = {"items", "keys", "values", "get", "copy", "pop", "setdefault", "update"};
    for (const std::string_view name : names)
        if (word == name) return true;
    return false;
}

// The member that follows at `at` (".site", "['site']", ".get('site'"): its name, and `at` moved behind it. "" where
// nothing follows that can be told.
std::string member_at(const std::string& text, std::size_t& at) {
    const auto quoted_at = [&](std::size_t from) -> std::string {
        while (from < text.size() && text[from] == ' ') ++from;
        if (from >= text.size() || (text[from] != '\'' && text[from] != '"')) return "";
        const std::size_t end = text.find(text[from], from + 1);
        if (end == std::string::npos) return "";
        const std::string name = text.substr(from + 1, end - from - 1);
        at = end + 1;
        while (at < text.size() && (text[at] == ' ' || text[at] == ']' || text[at] == ')')) ++at;
        return name;
    };
    if (at >= text.size()) return "";
    if (text[at] == '[') return quoted_at(at + 1);
    if (text[at] != '.') return "";
    const std::string word = word_at(text, at + 1);
    const std::size_t behind = at + 1 + word.size();
    if (behind < text.size() && text[behind] == '(') return word == "get" ? quoted_at(behind + 1) : "";
    if (word.empty() || is_method(word)) return "";
    at = behind;
    return word;
}

// Without lines that are comments in YAML, Mako, Jinja and Python alike.
std::string without_comments(const std::string& text) {
    std::string result;
    for (const std::string& line : split_lines(text)) {
        const std::string_view rest = trim(line);
        if (rest.empty() || rest.front() != '#') result += line + "\n";
    }
    return result;
}

}  // namespace

std::set<std::vector<std::string>> variables_read(const std::string& whole) {
    const std::string text = without_comments(whole);
    std::set<std::vector<std::string>> result;
    for (std::size_t at = text.find("vars"); at != std::string::npos; at = text.find("vars", at + 1)) {
        if ((at > 0 && is_word(text[at - 1])) || word_at(text, at) != "vars") continue;
        std::vector<std::string> path;
        std::size_t next = at + 4;
        for (std::string name = member_at(text, next); !name.empty(); name = member_at(text, next)) path.push_back(name);
        result.insert(std::move(path));
    }
    for (std::size_t at = text.find("var:"); at != std::string::npos; at = text.find("var:", at + 1)) {
        std::size_t next = at + 3;  // as if the colon were a dot
        std::vector<std::string> path;
        while (next < text.size() && (text[next] == ':' || text[next] == '.')) {
            const std::string name = word_at(text, next + 1);
            if (name.empty()) break;
            path.push_back(name);
            next += 1 + name.size();
        }
        if (!path.empty()) result.insert(std::move(path));
    }
    return result;
}

std::set<std::string> urls_named(const std::string& text) {
    constexpr std::string_view begin = "prove://";
    std::set<std::string> result;
    for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
        std::string url;
        std::size_t next = at;
        while (next < text.size() && std::string_view(" \t\r\n'\",]})<>|").find(text[next]) == std::string_view::npos) {
            const bool opens = text[next] == '{' || (text[next] == '$' && text.compare(next, 2, "${") == 0);
            if (opens || text[next] == '%') {
                // What a template puts here may be anything.
                const std::size_t end = opens ? text.find('}', next) : next + 1;
                next = end == std::string::npos ? text.size() : end + 1;
                while (next < text.size() && text[next] == '}') ++next;
                url += '*';
                continue;
            }
            url += text[next++];
        }
        // A beginning that code goes on with: 'prove://nginx/' + name.
        const bool goes_on = next < text.size() && (text[next] == '\'' || text[next] == '"') && url.back() == '/';
        result.insert(goes_on ? url + "*" : url);
    }
    return result;
}

}  // namespace prove
