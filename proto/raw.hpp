// Fixed binary layouts, big-endian: the header of an envelope, identity records, keysets, tokens, chunks. A reader
// never goes over the end: what is not there throws Error(invalid).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/error.hpp"

namespace prove {

class RawWriter {
  public:
    template <std::size_t Size>
    void number(std::uint64_t value) {
        for (std::size_t i = Size; i > 0; --i) result_.push_back(static_cast<char>((value >> (8 * (i - 1))) & 255));
    }
    void bytes(std::string_view raw) { result_.append(raw); }
    void zeros(std::size_t count) { result_.append(count, '\0'); }
    std::string take() { return std::move(result_); }

  private:
    std::string result_;
};

class RawReader {
  public:
    explicit RawReader(std::string_view raw) : raw_(raw) {}

    template <std::size_t Size>
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (const char c : bytes(Size)) value = (value << 8) | static_cast<unsigned char>(c);
        return value;
    }
    template <class Fixed>
    Fixed fixed() {
        return *Fixed::from(bytes(Fixed::size));
    }
    std::string_view bytes(std::size_t count) {
        if (count > raw_.size()) throw Error(ErrorKind::invalid, "cut short");
        const auto result = raw_.substr(0, count);
        raw_.remove_prefix(count);
        return result;
    }
    bool zeros(std::size_t count) { return bytes(count).find_first_not_of('\0') == std::string_view::npos; }
    std::string_view rest() { return bytes(raw_.size()); }
    std::size_t remaining() const { return raw_.size(); }

  private:
    std::string_view raw_;
};

}  // namespace prove
