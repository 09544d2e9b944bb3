// Golden files of the wire: bytes that other programs and other versions rely on. A difference is a change of the
// protocol; it is accepted only on purpose, by running the test once with PROVE_ACCEPT=1.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include "tests/support/in_sources.hpp"

namespace prove::test {

// The content of tests/golden/wire/NAME; with PROVE_ACCEPT=1 it is first made equal to `actual`.
inline std::string golden(const std::string& name, const std::string& actual) {
    const std::string path = prove::test::in_sources("/tests/golden/wire/") + name;
    const char* const accept = std::getenv("PROVE_ACCEPT");
    if (accept != nullptr && std::string(accept) == "1") std::ofstream(path, std::ios::binary) << actual;
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

// Bytes as lines of 32, so that a difference shows where it is.
inline std::string hex_lines(std::string_view bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string lines;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        lines.push_back(digits[byte >> 4]);
        lines.push_back(digits[byte & 15]);
        if (i % 32 == 31 || i + 1 == bytes.size()) lines.push_back('\n');
    }
    return lines;
}

}  // namespace prove::test
