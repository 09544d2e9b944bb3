// Absolute paths as text: see path.hpp. Nothing here looks at a disk.
#include "common/files/path.hpp"

#include <algorithm>

#include "common/text/text.hpp"
#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::size_t longest = 4'095;  // PATH_MAX without its NUL

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw Error(ErrorKind::invalid, "not a path: " + quoted(text) + " " + why);
}

void check_part(std::string_view whole, std::string_view part) {
    if (part.empty()) refuse(whole, "has an empty part ('//' or a slash at its end)");
    if (part == "." || part == "..") refuse(whole, "has a '" + std::string(part) + "' part");
    if (part.size() > 255) refuse(whole, "has a part of more than 255 bytes");
}

void check_relative(std::string_view whole, std::string_view relative) {
    if (whole.find('\0') != std::string_view::npos) refuse(whole, "has a NUL in it");
    if (whole.size() > longest) refuse(whole.substr(0, 60), "... is longer than 4095 bytes");
    for (const auto& part : split(relative, '/')) check_part(whole, part);
}

}  // namespace

Path::Path(std::string_view text) : text_(text) {
    if (text == "/") return;
    if (text.empty() || text.front() != '/') refuse(text, "is not absolute (it must begin with '/')");
    check_relative(text, text.substr(1));
}

std::string Path::name() const {
    return text_.substr(text_.rfind('/') + 1);
}

Path Path::parent() const {
    const std::size_t slash = text_.rfind('/');
    Path result;
    if (slash != 0) result.text_ = text_.substr(0, slash);
    return result;
}

int Path::depth() const {
    return is_root() ? 0 : static_cast<int>(std::count(text_.begin(), text_.end(), '/'));
}

bool Path::is_below(const Path& other) const {
    if (other.is_root()) return !is_root();
    return text_.size() > other.text_.size() && text_.compare(0, other.text_.size(), other.text_) == 0 &&
           text_[other.text_.size()] == '/';
}

Path Path::operator/(std::string_view relative) const {
    Path result;
    result.text_ = (is_root() ? "" : text_) + "/" + std::string(relative);
    check_relative(result.text_, relative);
    return result;
}

}  // namespace prove
