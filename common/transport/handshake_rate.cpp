// Token buckets.
#include "common/transport/handshake_rate.hpp"

#include <algorithm>

namespace prove {

double HandshakeRate::tokens_at(const Bucket& bucket, std::int64_t now_ms) const {
    const double passed = static_cast<double>(std::max<std::int64_t>(0, now_ms - bucket.at_ms)) / 1000;
    return std::min(rate_.burst, bucket.tokens + passed * rate_.per_second);
}

void HandshakeRate::drop_full(std::int64_t now_ms) {
    std::erase_if(buckets_, [&](const auto& entry) { return tokens_at(entry.second, now_ms) >= rate_.burst; });
}

bool HandshakeRate::allow(const std::string& who, std::int64_t now_ms, double cost) {
    auto found = buckets_.find(who);
    if (found == buckets_.end()) {
        if (buckets_.size() >= most_entries_) drop_full(now_ms);
        if (buckets_.size() >= most_entries_) return false;
        found = buckets_.emplace(who, Bucket{rate_.burst, now_ms}).first;
    }
    Bucket& bucket = found->second;
    bucket.tokens = tokens_at(bucket, now_ms);
    bucket.at_ms = now_ms;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= cost;
    return true;
}

}  // namespace prove
