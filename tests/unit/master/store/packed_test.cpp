// Results as they lie in the database.
#include "master/store/packed.hpp"

#include <catch2/catch.hpp>

#include "proto/error.hpp"

using namespace prove;

TEST_CASE("what is packed comes back as it was", "[store]") {
    const auto text = GENERATE(std::string(), std::string("{}"), std::string(100'000, 'x'), std::string("\0\xff\n", 3));
    CHECK(unpack(pack(text)) == text);
}

TEST_CASE("a report of many states that are alike takes a tenth of its room", "[store]") {
    std::string report;
    for (int i = 0; i < 500; ++i)
        report += R"({"state":"file_)" + std::to_string(i) + R"(","position":"states/many.yml:1:1","why":"written","outcome":"ok"},)";
    CHECK(pack(report).size() < report.size() / 10);
}

TEST_CASE("a packed result that is damaged is told, not taken for another", "[store]") {
    auto packed = pack(std::string(5'000, 'x') + "y");
    CHECK_THROWS_AS(unpack(packed.substr(0, 3)), Error);
    CHECK_THROWS_AS(unpack(packed.substr(0, packed.size() - 1)), Error);
    for (std::size_t i = 0; i < packed.size(); ++i) {
        auto other = packed;
        other[i] = static_cast<char>(other[i] ^ 0x55);
        std::string text;
        try {
            text = unpack(other);
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::failed);
            continue;
        }
        CHECK(text == std::string(5'000, 'x') + "y");
    }
}
