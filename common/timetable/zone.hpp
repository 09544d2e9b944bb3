// A time zone as a list of offsets: small enough to be sent to hosts that have no zone database.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace prove {

class Zone {
  public:
    struct Change {
        std::int64_t at_s = 0;      // UTC, seconds since 1970; the first one's does not count: it holds before the second
        std::int32_t offset_s = 0;  // local time minus UTC from then on
        bool operator==(const Change&) const = default;
    };

    // UTC.
    Zone() : name_("UTC"), changes_{{0, 0}} {}
    // At least one change, each later than the one before. Throws Error(invalid).
    Zone(std::string name, std::vector<Change> changes);

    const std::string& name() const { return name_; }
    const std::vector<Change>& changes() const { return changes_; }
    std::int32_t offset_at(std::int64_t utc_s) const;

    // The moments at which clocks there show this local time (seconds since 1970 as if it were UTC): one; none where they are
    // set forward over it; two, where they are set back over it. In order.
    std::vector<std::int64_t> moments_of(std::int64_t local_s) const;
    // When clocks are set forward over this local time, of which there is no moment.
    std::int64_t set_forward_over(std::int64_t local_s) const;
    bool operator==(const Zone&) const = default;

  private:
    std::size_t index_at(std::int64_t utc_s) const;
    std::string name_;
    std::vector<Change> changes_;
};

}  // namespace prove
