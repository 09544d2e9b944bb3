// An absolute path on a host, as text: no empty part, no ".", no "..", no trailing slash (but "/" itself).
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace prove {

class Path {
  public:
    Path() : text_("/") {}
    // Throws Error(invalid) where the text is not absolute, has "." or ".." parts, a NUL, or is longer than 4,095
    // bytes.
    explicit Path(std::string_view text);
    const std::string& text() const { return text_; }
    const char* c_str() const { return text_.c_str(); }
    std::string name() const;  // the last part; "" for "/"
    Path parent() const;       // "/" for "/"
    bool is_root() const { return text_ == "/"; }
    int depth() const;                       // 0 for "/"
    bool is_below(const Path& other) const;  // strictly
    Path operator/(std::string_view relative) const;
    auto operator<=>(const Path&) const = default;

  private:
    std::string text_;
};

}  // namespace prove
