// What people write by mistake where JSON is wanted, in words that say what to write instead. Nothing of the input is
// repeated: it may be a secret (S92).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace prove {

// What stands at byte `at`, where a text stops being JSON; "" where that is no common slip.
std::string json_slip(std::string_view text, std::size_t at);

}  // namespace prove
