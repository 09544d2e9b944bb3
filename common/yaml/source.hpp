// The text of a YAML file by its lines: for excerpts, and for what a parser does not say about a place. Borrows the
// text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/position.hpp"

namespace prove {

class YamlSource {
  public:
    YamlSource(std::string_view text, FileName file);
    std::string_view text() const { return text_; }
    const FileName& file() const { return file_; }
    bool is_ascii() const { return ascii_; }
    std::string_view line(std::size_t number) const;  // from 1
    // Where a line begins in the text; the line must be there.
    std::size_t line_start(std::size_t number) const { return line_starts_[number - 1]; }
    std::size_t lines() const { return line_starts_.size(); }
    // The line that a place is in, before and from the place on.
    std::string_view before(const SourcePosition& position) const;
    std::string_view from(const SourcePosition& position) const;
    // Whether the '[' or '{' there is closed somewhere.
    bool bracket_is_closed(const SourcePosition& position) const;
    std::string excerpt_at(const SourcePosition& position) const;
    // Whether only blanks with a tab among them stand before it in its line.
    bool follows_tab(const SourcePosition& position) const;

  private:
    std::string_view text_;
    FileName file_;
    bool ascii_;
    bool has_tabs_;
    std::vector<std::size_t> line_starts_;
};

}  // namespace prove
