// See the header.
#include "common/timetable/zone.hpp"

#include <algorithm>

#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::int32_t largest_offset = 26 * 3'600;  // none is larger, and half a day on either side is looked at

}  // namespace

Zone::Zone(std::string name, std::vector<Change> changes) : name_(std::move(name)), changes_(std::move(changes)) {
    if (changes_.empty()) throw Error(ErrorKind::invalid, "a time zone without an offset");
    for (std::size_t i = 0; i < changes_.size(); ++i) {
        if (std::abs(changes_[i].offset_s) > largest_offset)
            throw Error(ErrorKind::invalid, "a time zone's offset is more than 26 hours");
        if (i > 1 && changes_[i].at_s <= changes_[i - 1].at_s)
            throw Error(ErrorKind::invalid, "a time zone's offsets are out of order");
    }
}

std::size_t Zone::index_at(std::int64_t utc_s) const {
    const auto later = std::upper_bound(changes_.begin() + 1, changes_.end(), utc_s,
                                        [](std::int64_t at, const Change& change) { return at < change.at_s; });
    return static_cast<std::size_t>(later - changes_.begin()) - 1;
}

std::int32_t Zone::offset_at(std::int64_t utc_s) const {
    return changes_[index_at(utc_s)].offset_s;
}

std::vector<std::int64_t> Zone::moments_of(std::int64_t local_s) const {
    std::vector<std::int64_t> moments;
    for (std::size_t i = index_at(local_s - largest_offset); i <= index_at(local_s + largest_offset); ++i) {
        const std::int64_t moment = local_s - changes_[i].offset_s;
        if (index_at(moment) == i) moments.push_back(moment);
    }
    std::sort(moments.begin(), moments.end());
    return moments;
}

std::int64_t Zone::set_forward_over(std::int64_t local_s) const {
    for (std::size_t i = index_at(local_s - largest_offset) + 1; i < changes_.size(); ++i)
        if (changes_[i].at_s + changes_[i].offset_s > local_s) return changes_[i].at_s;
    return local_s - changes_.back().offset_s;
}

}  // namespace prove
