// Bytes that must not get out: in memory of their own with guard pages, kept out of core dumps and swap as far as the
// system allows, wiped when they go (S10). It has no stream, no text and no JSON form on purpose (S91): who needs the
// bytes says so with reveal(), and such places are few and can be searched for. Moves, never copies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace prove {

class Secret {
  public:
    Secret() = default;
    // Zeroed.
    explicit Secret(std::size_t size);
    // Takes the bytes over and wipes where they were.
    static Secret taken_from(std::string& bytes);
    static Secret random(std::size_t size);

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    std::string_view reveal() const { return {reinterpret_cast<const char*>(bytes_.get()), size_}; }
    std::uint8_t* data() { return bytes_.get(); }
    const std::uint8_t* data() const { return bytes_.get(); }
    // In a time that does not depend on where they differ (S45).
    bool equals(std::string_view other) const;

  private:
    struct Wipe {
        void operator()(std::uint8_t* bytes) const;
    };
    std::unique_ptr<std::uint8_t, Wipe> bytes_;
    std::size_t size_ = 0;
};

// Overwrites a text that held a secret and empties it.
void wipe(std::string& text);

// What a process that holds keys does first (S10): no core dumps, no ptrace by others of its user.
void protect_process_memory();

}  // namespace prove
