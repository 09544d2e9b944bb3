// Paths as text: one spelling for each place.
#include "common/files/path.hpp"

#include <catch2/catch.hpp>

#include "proto/error.hpp"

using namespace prove;

TEST_CASE("a path is absolute and has one spelling", "[path]") {
    CHECK(Path("/").text() == "/");
    CHECK(Path("/etc/motd").text() == "/etc/motd");
    CHECK(Path("/etc/..x/.y").text() == "/etc/..x/.y");
    CHECK(Path().is_root());
}

TEST_CASE("anything else is refused", "[path]") {
    for (const std::string& text :
         {std::string(""), std::string("etc"), std::string("/etc/"), std::string("//etc"), std::string("/etc//motd"),
          std::string("/etc/./x"), std::string("/etc/../x"), std::string("/.."), std::string("/a\0b", 4),
          "/" + std::string(256, 'x'), std::string(2'048, '/') + "x"}) {
        INFO(text);
        CHECK_THROWS_AS(Path(text), Error);
    }
    std::string deep;
    while (deep.size() < 4'095) deep += "/x";
    CHECK_THROWS_AS(Path(deep), Error);
}

TEST_CASE("a path knows its name, parent and depth", "[path]") {
    CHECK(Path("/etc/motd").name() == "motd");
    CHECK(Path("/etc/motd").parent() == Path("/etc"));
    CHECK(Path("/etc").parent() == Path("/"));
    CHECK(Path("/").parent() == Path("/"));
    CHECK(Path("/").name().empty());
    CHECK(Path("/").depth() == 0);
    CHECK(Path("/a/b").depth() == 2);
}

TEST_CASE("below means strictly below, part by part", "[path]") {
    CHECK(Path("/a/b").is_below(Path("/a")));
    CHECK(Path("/a").is_below(Path("/")));
    CHECK_FALSE(Path("/ab").is_below(Path("/a")));
    CHECK_FALSE(Path("/a").is_below(Path("/a")));
    CHECK_FALSE(Path("/").is_below(Path("/")));
}

TEST_CASE("a relative part is appended, and cannot lead out", "[path]") {
    CHECK(Path("/a") / "b/c" == Path("/a/b/c"));
    CHECK(Path("/") / "b" == Path("/b"));
    for (const char* relative : {"..", "../x", "b/../..", "/b", "", "b/", "."})
        CHECK_THROWS_AS(Path("/a") / relative, Error);
}
