// Versions and ranges of them, as component.yml writes them.
#include <catch2/catch.hpp>

#include "master/catalog/versions.hpp"

using namespace prove;

namespace {

bool has(const char* range, const char* version) {
    return VersionRange::parse(range)->has(*Version::parse(version));
}

}  // namespace

TEST_CASE("a version is up to three numbers, compared as numbers", "[versions]") {
    CHECK(*Version::parse("1.10") > *Version::parse("1.9.5"));
    CHECK(*Version::parse("2") == *Version::parse("2.0.0"));
    CHECK(Version::parse("1.2")->text() == "1.2.0");
    for (const char* wrong : {"", "1.", ".1", "1.2.3.4", "v1", "1.2-rc1", "1 .2", "-1", "99999999999", "1.x"})
        CHECK_FALSE(Version::parse(wrong));
}

TEST_CASE("a range is comparisons that all hold; a version alone is it and what does not break its users", "[versions]") {
    CHECK(has(">=1.2, <2", "1.2"));
    CHECK(has(">=1.2, <2", "1.99.1"));
    CHECK_FALSE(has(">=1.2, <2", "2.0"));
    CHECK_FALSE(has(">1.2", "1.2"));
    CHECK(has("<= 1.2", "1.2.0"));
    CHECK(has("=1.2", "1.2.0"));
    CHECK_FALSE(has("=1.2", "1.2.1"));
    CHECK(has("1.2", "1.9"));
    CHECK_FALSE(has("1.2", "1.1"));
    CHECK_FALSE(has("1.2", "2.0"));
    CHECK(VersionRange().is_any());
    for (const char* wrong : {"", ">=", "1.2,", ">=1.2 <2", "~1.2", "==1", ">=1.x", ",", "4294967295"})
        CHECK_FALSE(VersionRange::parse(wrong));
}
