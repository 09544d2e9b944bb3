// Text forms of bytes, and the one hash of Prove. Hand-written, since libsodium's decoders skip or stop at foreign
// characters where we want to refuse them.
#include "proto/bytes.hpp"

#include "proto/error.hpp"
#include "proto/sodium_ready.hpp"

#include <sodium.h>

namespace prove {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base32_digits = "0123456789abcdefghjkmnpqrstvwxyz";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Upper case is read as lower case: people type it so. Crockford's look-alikes (o, i, l) are refused, so that every
// value has one text up to case.
int base32_value(char c) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const auto found = base32_digits.find(c);
    return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

}  // namespace

void ensure_sodium() {
    static const int initialised = sodium_init();
    if (initialised < 0) throw Error(ErrorKind::internal, "libsodium cannot be initialised on this machine");
}

std::string to_hex(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text.push_back(hex_digits[byte >> 4]);
        text.push_back(hex_digits[byte & 15]);
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return bytes;
}

std::string to_base32(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() * 8 + 4) / 5);
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : bytes) {
        buffer = (buffer << 8) | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            text.push_back(base32_digits[(buffer >> bits) & 31]);
        }
        buffer &= (1u << bits) - 1;
    }
    if (bits > 0) text.push_back(base32_digits[(buffer << (5 - bits)) & 31]);
    return text;
}

std::optional<std::string> from_base32(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() * 5 / 8);
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : text) {
        const int value = base32_value(c);
        if (value < 0) return std::nullopt;
        buffer = (buffer << 5) | static_cast<unsigned>(value);
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<char>((buffer >> bits) & 255));
        }
        buffer &= (1u << bits) - 1;
    }
    // What is left over is padding: less than one character of it, and zero, so that bytes have one text only.
    if (bits >= 5 || buffer != 0) return std::nullopt;
    return bytes;
}

Hash hash_of(std::string_view content) {
    ensure_sodium();
    Hash hash;
    crypto_generichash(hash.data(), Hash::size, reinterpret_cast<const unsigned char*>(content.data()), content.size(),
                       nullptr, 0);
    return hash;
}

}  // namespace prove
