// How often somebody may start a handshake: token buckets by key or address, bounded in number. Pure: time comes in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace prove {

struct Rate {
    double burst = 10;
    double per_second = 1;
};

class HandshakeRate {
 public:
    HandshakeRate(Rate rate, std::size_t most_entries) : rate_(rate), most_entries_(most_entries) {}
    // Takes one token of `who`, or what it costs (then it may be owed); false where there is none left. Where there are too many entries, strangers are refused
    // rather than forgotten ones let in: only entries that are full again are dropped.
    bool allow(const std::string& who, std::int64_t now_ms, double cost = 1);

 private:
    struct Bucket {
        double tokens = 0;
        std::int64_t at_ms = 0;
    };
    double tokens_at(const Bucket& bucket, std::int64_t now_ms) const;
    void drop_full(std::int64_t now_ms);
    Rate rate_;
    std::size_t most_entries_;
    std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace prove
