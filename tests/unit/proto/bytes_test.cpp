// Text forms of bytes and ids: what reads back, and what is refused.
#include <catch2/catch.hpp>

#include "proto/hash_stream.hpp"
#include "proto/ids.hpp"

using namespace prove;

TEST_CASE("bytes written as hexadecimal read back, and only whole digits are taken", "[bytes]") {
    CHECK(to_hex(std::string("\x00\xff\x10", 3)) == "00ff10");
    CHECK(from_hex("00FF10") == std::string("\x00\xff\x10", 3));
    CHECK_FALSE(from_hex("0"));
    CHECK_FALSE(from_hex("0g"));
    CHECK_FALSE(from_hex(" 00"));
}

TEST_CASE("bytes of every length written as base32 read back", "[bytes]") {
    std::string bytes;
    for (int i = 0; i < 40; ++i) {
        const auto text = to_base32(bytes);
        CHECK(text.size() == (bytes.size() * 8 + 4) / 5);
        CHECK(from_base32(text) == bytes);
        bytes.push_back(static_cast<char>(i * 37 + 200));
    }
}

TEST_CASE("base32 has one text for each value: look-alikes, foreign characters and set padding are refused",
          "[bytes]") {
    CHECK(from_base32("ZZZZZZZZ") == from_base32("zzzzzzzz"));
    CHECK_FALSE(from_base32("zzzzzzzo"));
    CHECK_FALSE(from_base32("zzz zzzz"));
    CHECK(to_base32("a") == "c4");
    CHECK_FALSE(from_base32("c5"));
    CHECK_FALSE(from_base32("z"));
    CHECK_FALSE(from_base32("c40"));
}

TEST_CASE("a job id reads back from its text of 26 characters and from nothing else", "[bytes]") {
    JobId::Raw raw;
    for (std::size_t i = 0; i < raw.bytes.size(); ++i) raw.bytes[i] = static_cast<std::uint8_t>(250 - i);
    const JobId id(raw);
    CHECK(id.text().size() == 26);
    CHECK(JobId::from_text(id.text()) == id);
    CHECK(id.short_text() == id.text().substr(0, 10));
    CHECK_FALSE(JobId::from_text(id.text().substr(0, 25)));
    CHECK_FALSE(JobId::from_text(id.text() + "0"));
    CHECK_FALSE(JobId::from_text(""));
}

TEST_CASE("the hash of content is BLAKE2b-256", "[bytes]") {
    CHECK(hash_of("").hex() == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    CHECK(hash_of("abc").hex() == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST_CASE("a hash of pieces is the hash of the whole", "[bytes]") {
    HashStream stream;
    stream.add("a");
    stream.add("");
    stream.add("bc");
    CHECK(stream.finish() == hash_of("abc"));
}
