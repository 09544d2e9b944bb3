// Positions as text.
#include "proto/position.hpp"

namespace prove {

const std::string& SourcePosition::file_name() const {
    static const std::string none;
    return file ? *file : none;
}

std::string SourcePosition::text() const {
    if (!known()) return "";
    std::string result = *file;
    if (line > 0) result += ":" + std::to_string(line);
    if (line > 0 && column > 0) result += ":" + std::to_string(column);
    return result;
}

bool SourcePosition::operator==(const SourcePosition& other) const {
    if (line != other.line || column != other.column || known() != other.known()) return false;
    return file == other.file || *file == *other.file;
}

}  // namespace prove
