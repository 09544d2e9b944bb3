// Values by hash, as many as fit: what was not used for longest is forgotten first. Not thread-safe.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

#include "proto/bytes.hpp"

namespace prove {

template <class T>
class RecentlyUsed {
  public:
    explicit RecentlyUsed(std::size_t most_bytes) : most_bytes_(most_bytes) {}

    // Null where it is not there; valid until the next put().
    const T* find(const Hash& hash) {
        const auto found = entries_.find(hash);
        if (found == entries_.end()) return nullptr;
        order_.splice(order_.begin(), order_, found->second);
        return &found->second->value;
    }
    // In the place of what was there; `bytes` is about what it takes.
    void put(const Hash& hash, T value, std::size_t bytes) {
        if (const auto found = entries_.find(hash); found != entries_.end()) drop(found->second);
        order_.push_front({hash, std::move(value), bytes + own_bytes});
        entries_.emplace(hash, order_.begin());
        bytes_ += order_.front().bytes;
        while (bytes_ > most_bytes_ && !order_.empty()) drop(std::prev(order_.end()));
    }
    std::size_t bytes() const { return bytes_; }
    // Whether something would have to go for it.
    bool is_full_for(std::size_t bytes) const { return bytes_ + bytes + own_bytes > most_bytes_; }

  private:
    struct Entry {
        Hash hash;
        T value;
        std::size_t bytes = 0;
    };
    using Place = typename std::list<Entry>::iterator;
    static constexpr std::size_t own_bytes = sizeof(Entry) + 100;  // with the nodes of list and map

    void drop(Place place) {
        bytes_ -= place->bytes;
        entries_.erase(place->hash);
        order_.erase(place);
    }

    const std::size_t most_bytes_;
    std::size_t bytes_ = 0;
    std::list<Entry> order_;  // what was used last comes first
    std::unordered_map<Hash, Place> entries_;
};

}  // namespace prove
