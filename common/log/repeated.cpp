// Counting repeated events: see repeated.hpp.
#include "common/log/repeated.hpp"

namespace prove {

std::uint64_t RepeatedEvents::count(const std::string& reason, const std::string& key) {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = clock_.boot_ms();
    auto found = seen_.find({reason, key});
    if (found == seen_.end()) {
        // Quiet ones make room first.
        if (seen_.size() >= most_keys_)
            std::erase_if(seen_, [&](const auto& entry) {
                return entry.second.unreported == 0 && now - entry.second.reported_ms >= interval_.count();
            });
        const bool room = seen_.size() < most_keys_;
        const auto [place, fresh] = seen_.try_emplace({reason, room ? key : "others"});
        if (fresh) {
            place->second.reported_ms = now;
            return 1;
        }
        found = place;
    }
    Seen& seen = found->second;
    ++seen.unreported;
    if (now - seen.reported_ms < interval_.count()) return 0;
    seen.reported_ms = now;
    return std::exchange(seen.unreported, 0);
}

std::vector<RepeatedEvents::Unreported> RepeatedEvents::take_due() {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = clock_.boot_ms();
    std::vector<Unreported> due;
    for (auto place = seen_.begin(); place != seen_.end();) {
        Seen& seen = place->second;
        if (now - seen.reported_ms < interval_.count()) {
            ++place;
        } else if (seen.unreported > 0) {
            due.push_back({place->first.first, place->first.second, std::exchange(seen.unreported, 0)});
            seen.reported_ms = now;
            ++place;
        } else {
            place = seen_.erase(place);
        }
    }
    return due;
}

}  // namespace prove
