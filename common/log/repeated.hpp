// Events that somebody else can cause as often as they like (refused envelopes, failed handshakes) are counted, and
// make one log line per reason and key and minute (S93). Thread-safe; bounded, however many keys there are.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/time/clock.hpp"

namespace prove {

class RepeatedEvents {
  public:
    explicit RepeatedEvents(const Clock& clock, Milliseconds interval = Milliseconds(60'000),
                            std::size_t most_keys = 1'000)
        : clock_(clock), interval_(interval), most_keys_(most_keys) {}

    // How often it happened since it was last reported, this time included: log a line with that number. 0: only
    // counted. Where there are too many keys at once, new ones are counted together as the key "others".
    std::uint64_t count(const std::string& reason, const std::string& key);

    struct Unreported {
        std::string reason, key;
        std::uint64_t count = 0;
    };
    // What was only counted and whose minute is over; call it now and then, so that the last ones are logged too.
    std::vector<Unreported> take_due();

  private:
    struct Seen {
        std::int64_t reported_ms = 0;
        std::uint64_t unreported = 0;
    };
    const Clock& clock_;
    Milliseconds interval_;
    std::size_t most_keys_;
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, Seen> seen_;
};

}  // namespace prove
