// Decoding of paths and queries, and problem documents. Pure.
#include "master/api/http.hpp"

#include <algorithm>

#include "proto/value.hpp"

namespace prove {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// %XX to bytes; a NUL is refused everywhere, since no name that we know holds one.
std::optional<std::string> decode_percent(const std::string& raw, bool plus_is_space) {
    std::string result;
    result.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        char c = raw[i];
        if (c == '%') {
            if (i + 2 >= raw.size()) return std::nullopt;
            const int high = hex_digit(raw[i + 1]), low = hex_digit(raw[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0') return std::nullopt;
        result += c;
    }
    return result;
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '~';
}

std::string encode_percent(const std::string& text) {
    static const char digits[] = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        if (is_unreserved(c)) {
            result += c;
        } else {
            result += '%';
            result += digits[static_cast<unsigned char>(c) >> 4];
            result += digits[static_cast<unsigned char>(c) & 15];
        }
    }
    return result;
}

}  // namespace

HttpResponse problem(int status, const std::string& title, const std::string& detail) {
    Value document = Value::object();
    document.set("type", "about:blank");
    document.set("title", title);
    document.set("status", status);
    document.set("detail", detail);
    return {status, "application/problem+json", write_json(document) + "\n"};
}

std::optional<std::string> decode_path(const std::string& raw) {
    if (raw.empty() || raw[0] != '/') return std::nullopt;
    // Each part is decoded alone, so that an encoded slash or dot cannot change how the path is cut.
    std::string result;
    std::size_t start = 1;
    while (start <= raw.size()) {
        const std::size_t end = std::min(raw.find('/', start), raw.size());
        const auto part = decode_percent(raw.substr(start, end - start), false);
        if (!part || part->find('/') != std::string::npos || *part == "." || *part == "..") return std::nullopt;
        if (part->empty() && raw != "/") return std::nullopt;
        result += '/' + *part;
        start = end + 1;
    }
    return result;
}

std::optional<std::map<std::string, std::string>> decode_query(const std::string& raw) {
    std::map<std::string, std::string> result;
    std::size_t start = 0;
    while (start < raw.size()) {
        const std::size_t end = std::min(raw.find('&', start), raw.size());
        const std::string pair = raw.substr(start, end - start);
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const auto key = decode_percent(pair.substr(0, equals), true);
        const auto value = decode_percent(equals < pair.size() ? pair.substr(equals + 1) : "", true);
        if (!key || !value || key->empty() || !result.emplace(*key, *value).second) return std::nullopt;
        start = end + 1;
    }
    return result;
}

std::string encode_path_part(const std::string& text) {
    return encode_percent(text);
}

std::string encode_query(const std::map<std::string, std::string>& query) {
    std::string result;
    for (const auto& [key, value] : query) {
        result += result.empty() ? '?' : '&';
        result += encode_percent(key) + "=" + encode_percent(value);
    }
    return result;
}

}  // namespace prove
