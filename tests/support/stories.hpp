// How many stories a test tells that could tell any number of them: PROVE_SEEDS=20000 for the night, fewer where
// sanitizers make each of them take thirty times as long (run_tests.py).
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace prove::test {

inline std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

inline std::uint64_t seeds() { return from_environment("PROVE_SEEDS", 150); }

// Of so many hosts, those that fit: all of them from 150 seeds on.
inline int hosts(int all) {
    const auto most = static_cast<std::uint64_t>(all);
    return static_cast<int>(std::clamp<std::uint64_t>(seeds() * most / 150, 1, most));
}

}  // namespace prove::test
