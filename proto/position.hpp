// Where in the catalog something was written. Everything that came from a catalog keeps its position, through the
// compiler and the wire, to the report that an operator reads.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>

namespace prove {

// A file's name relative to the catalog; shared, since thousands of values point into one file.
using FileName = std::shared_ptr<const std::string>;

struct SourcePosition {
    FileName file;             // null where the value was not written in a file
    std::uint32_t line = 0;    // from 1; 0 where unknown
    std::uint32_t column = 0;  // from 1, counted in characters (code points); 0 where unknown

    bool known() const { return file != nullptr; }
    const std::string& file_name() const;
    // "states/site.yml:12:5", "states/site.yml:12" without a column, "" where nothing is known.
    std::string text() const;
    // By content, so that equal places in two copies of a name are equal.
    bool operator==(const SourcePosition& other) const;
};

}  // namespace prove
