// Equal things are held once for as long as anybody holds them: found by their hash, kept by those who use them.
// Forgets what nobody holds any more. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>

#include "proto/bytes.hpp"

namespace prove {

template <class T>
class Interned {
  public:
    // Null where nobody holds it now.
    std::shared_ptr<const T> find(const Hash& hash) const {
        const auto found = held_.find(hash);
        return found == held_.end() ? nullptr : found->second.lock();
    }
    // What is held already comes back in the place of `value`.
    std::shared_ptr<const T> keep(const Hash& hash, T value) {
        if (auto held = find(hash)) return held;
        if (held_.size() >= most_) {
            std::erase_if(held_, [](const auto& one) { return one.second.expired(); });
            most_ = 2 * held_.size() + 64;
        }
        auto fresh = std::make_shared<const T>(std::move(value));
        held_[hash] = fresh;
        return fresh;
    }

  private:
    std::unordered_map<Hash, std::weak_ptr<const T>> held_;
    std::size_t most_ = 64;  // before it looks for what can be forgotten
};

}  // namespace prove
