// What a file of people's must be before anything is read from it: text in UTF-8, without NUL bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace prove {

struct NoText {
    std::size_t line = 1, column = 1;  // of the first byte that cannot be there; columns are characters
    std::string problem;               // what it is, and what to do
};

// Why these bytes are no text; nullopt where they are.
std::optional<NoText> why_no_text(std::string_view bytes);

}  // namespace prove
