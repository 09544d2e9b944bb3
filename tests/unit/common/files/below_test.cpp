// Reading below a folder that others write to: what is read, what is nothing, and what is refused.
#include "common/files/below.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "common/files/files.hpp"
#include "proto/error.hpp"

using namespace prove;
using Catch::Matchers::Contains;

namespace {

struct Below {
    Below() {
        make_folders(root() + "/deep");
        write_file_durably(root() + "/deep/a", "text", 0644);
        write_file_durably(folder.path() + "/secret", "key", 0600);
    }
    std::string root() const { return folder.path() + "/root"; }
    void link(const std::string& to, const std::string& name) const {
        REQUIRE(::symlink(to.c_str(), (root() + "/" + name).c_str()) == 0);
    }
    std::optional<std::string> read(const std::string& path, std::size_t limit = 100) const {
        return find_file_below(root(), path, limit);
    }

    TemporaryFolder folder{"below"};
};

}  // namespace

TEST_CASE("a file below a folder is read, also by links that stay below it", "[below]") {
    const Below below;
    below.link("deep/a", "relative");
    below.link(below.root() + "/deep/a", "absolute");
    below.link("deep", "folder");
    for (const char* path : {"deep/a", "relative", "absolute", "folder/a"}) CHECK(below.read(path) == "text");
}

TEST_CASE("what is not there below a folder is nothing", "[below]") {
    const Below below;
    below.link("nowhere", "dangling");
    for (const char* path : {"b", "deep/b", "deep/a/b", "dangling"}) CHECK(below.read(path) == std::nullopt);
}

TEST_CASE("S83 a link that leads out of the folder is not read, in whichever part of a path it is", "[below]") {
    const Below below;
    below.link("../secret", "file");
    below.link("..", "folder");
    below.link("/proc/self/environ", "magic");
    below.link("file", "chain");
    for (const char* path : {"file", "folder/secret", "magic", "chain", "../secret"})
        CHECK_THROWS_WITH(below.read(path), Contains("leads out of its folder by a link"));
    // A folder whose name only begins as ours does is another one.
    make_folders(below.root() + "-other");
    write_file_durably(below.root() + "-other/a", "text", 0644);
    below.link("../root-other/a", "near");
    CHECK_THROWS_WITH(below.read("near"), Contains("leads out of its folder"));
}

TEST_CASE("what is no regular file is refused without being opened, so that nobody waits for a pipe", "[below]") {
    const Below below;
    REQUIRE(::mkfifo((below.root() + "/pipe").c_str(), 0644) == 0);
    for (const char* path : {"pipe", "deep"}) CHECK_THROWS_WITH(below.read(path), Contains("is no file any more"));
}

TEST_CASE("a file below a folder that is larger than its limit is refused", "[below]") {
    const Below below;
    CHECK(below.read("deep/a", 4) == "text");
    CHECK_THROWS_AS(below.read("deep/a", 3), Error);
}
