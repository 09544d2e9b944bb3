// H(x) over bytes that come piece by piece, for content too large to hold.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "proto/bytes.hpp"

namespace prove {

class HashStream {
 public:
    HashStream();
    ~HashStream();
    HashStream(const HashStream&) = delete;
    HashStream& operator=(const HashStream&) = delete;
    void add(std::string_view bytes);
    Hash finish();   // once

 private:
    struct State;
    std::unique_ptr<State> state_;
};

// SHA-256 in hex, as other people's programs (sha256sum) give it; Prove's own hash is H.
std::string sha256_of(std::string_view bytes);

}  // namespace prove
