// Results as they lie in the database: reports of hundreds of states that say much the same, so that packed (zlib) they take
// a tenth or less of the room.
#pragma once

#include <string>
#include <string_view>

namespace prove {

std::string pack(std::string_view text);
// Throws Error(failed) where it is not what pack() made.
std::string unpack(std::string_view packed);

}  // namespace prove
