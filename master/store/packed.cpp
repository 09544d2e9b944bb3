// The size in four bytes, little end first, then zlib's stream.
#include "master/store/packed.hpp"

#include <zlib.h>

#include "proto/error.hpp"

namespace prove {

namespace {

constexpr std::size_t head_bytes = 4;
constexpr std::size_t most_bytes = 64u << 20;
constexpr int quick = 1;  // the others take several times as long for a fifth of the room

[[noreturn]] void damaged() {
    throw Error(ErrorKind::failed, "the database is damaged: a result in it cannot be unpacked");
}

const Bytef* bytes_of(std::string_view text) {
    return reinterpret_cast<const Bytef*>(text.data());
}

}  // namespace

std::string pack(std::string_view text) {
    uLongf size = ::compressBound(text.size());
    std::string packed(head_bytes + size, '\0');
    for (std::size_t i = 0; i < head_bytes; ++i) packed[i] = static_cast<char>(text.size() >> (8 * i) & 0xff);
    if (::compress2(reinterpret_cast<Bytef*>(packed.data() + head_bytes), &size, bytes_of(text), text.size(), quick) != Z_OK)
        throw Error(ErrorKind::full, "there is no memory to pack a result");
    packed.resize(head_bytes + size);
    return packed;
}

std::string unpack(std::string_view packed) {
    if (packed.size() < head_bytes) damaged();
    std::size_t size = 0;
    for (std::size_t i = 0; i < head_bytes; ++i) size |= std::size_t{static_cast<unsigned char>(packed[i])} << (8 * i);
    if (size > most_bytes) damaged();
    const auto stream = packed.substr(head_bytes);
    std::string text(size, '\0');
    uLongf got = size;
    const int code = ::uncompress(reinterpret_cast<Bytef*>(text.data()), &got, bytes_of(stream), stream.size());
    if (code != Z_OK || got != size) damaged();
    return text;
}

}  // namespace prove
