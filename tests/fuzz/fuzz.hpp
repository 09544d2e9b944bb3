// What the fuzzers share: a decoder may refuse with Error(invalid) or Error(refused), and with nothing else.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "proto/error.hpp"

namespace prove::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// Runs a decoder; whatever comes out of it but a refusal of the input is a finding.
template <class Decode>
void decode(Decode&& run) {
    try {
        run();
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::invalid || error.kind() == ErrorKind::refused) return;
        std::fprintf(stderr, "an error of kind %s: %s\n", name_of(error.kind()), error.text().c_str());
        std::abort();
    }
}

inline void expect(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

}  // namespace prove::fuzz
