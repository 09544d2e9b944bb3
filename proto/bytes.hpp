// Fixed-size byte strings with a meaning: keys, hashes, ids on the wire. Two kinds never mix, since each has a tag.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace prove {

// Lower-case hexadecimal text of bytes.
std::string to_hex(std::string_view bytes);
// The bytes of hexadecimal text; nullopt where it is not that.
std::optional<std::string> from_hex(std::string_view text);
// Crockford's base32 in lower case (0-9 a-z without i l o u), no padding.
std::string to_base32(std::string_view bytes);
std::optional<std::string> from_base32(std::string_view text);

template <std::size_t N, class Tag>
struct Bytes {
    static constexpr std::size_t size = N;
    std::array<std::uint8_t, N> bytes{};

    // The value made of exactly N bytes; nullopt where `raw` has another length.
    static std::optional<Bytes> from(std::string_view raw) {
        if (raw.size() != N) return std::nullopt;
        Bytes result;
        for (std::size_t i = 0; i < N; ++i) result.bytes[i] = static_cast<std::uint8_t>(raw[i]);
        return result;
    }
    static std::optional<Bytes> from_hex_text(std::string_view text) {
        const auto raw = from_hex(text);
        return raw ? from(*raw) : std::nullopt;
    }

    std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), N}; }
    const std::uint8_t* data() const { return bytes.data(); }
    std::uint8_t* data() { return bytes.data(); }
    std::string hex() const { return to_hex(view()); }
    bool is_zero() const {
        for (const auto byte : bytes)
            if (byte != 0) return false;
        return true;
    }
    auto operator<=>(const Bytes&) const = default;
};

// H(x) of security.md: BLAKE2b-256.
using Hash = Bytes<32, struct HashTag>;
Hash hash_of(std::string_view content);

// First 16 bytes of H("prove.keyid.v1" || sign public key) (S12).
using KeyId = Bytes<16, struct KeyIdTag>;
using ClusterId = Bytes<16, struct ClusterIdTag>;
using MessageId = Bytes<16, struct MessageIdTag>;

}  // namespace prove

template <std::size_t N, class Tag>
struct std::hash<prove::Bytes<N, Tag>> {
    // Keys and hashes are uniformly distributed, so their first bytes are hash enough.
    std::size_t operator()(const prove::Bytes<N, Tag>& value) const noexcept {
        std::size_t result = 0;
        for (std::size_t i = 0; i < sizeof(result) && i < N; ++i) result = (result << 8) | value.bytes[i];
        return result;
    }
};
