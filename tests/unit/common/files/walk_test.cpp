// S85: no link on the way leads a write elsewhere, in either way of walking.
#include "common/files/walk.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "common/files/files.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

// Trees with links, below a folder that only we can write.
struct Tree {
    TemporaryFolder folder;
    Path root{folder.path()};
    Tree() {
        make_folders((root / "real/inner").text());
        REQUIRE(::symlink("real", (root / "link").c_str()) == 0);
        REQUIRE(::symlink((root / "link").c_str(), (root / "chain").c_str()) == 0);
        REQUIRE(::symlink("loop", (root / "loop").c_str()) == 0);
    }
};

bool same_folder(const Fd& fd, const Path& path) {
    struct stat a {};
    struct stat b {};
    REQUIRE(::fstat(fd.get(), &a) == 0);
    REQUIRE(::stat(path.c_str(), &b) == 0);
    return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

std::string refusal_of(const Path& path, Links links) {
    try {
        open_folder(path, links);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::refused);
        return error.text();
    }
    FAIL("not refused");
    return "";
}

}  // namespace

TEST_CASE("a way without links leads to its folder", "[walk]") {
    const Tree tree;
    const Path inner = tree.root / "real/inner";
    CHECK(same_folder(open_folder(inner), inner));
    CHECK(same_folder(open_parent(inner / "file"), inner));
    CHECK(same_folder(open_folder_by_parts(inner, Links::refuse), inner));
    CHECK(same_folder(open_folder(Path("/")), Path("/")));
    CHECK(same_folder(open_parent(Path("/etc")), Path("/")));
}

TEST_CASE("S85 a link anywhere on the way is refused and named", "[walk]") {
    const Tree tree;
    const std::string text = refusal_of(tree.root / "link/inner", Links::refuse);
    CHECK(text.find("'" + (tree.root / "link").text() + "' is a symbolic link to 'real'") != std::string::npos);
    refusal_of(tree.root / "chain", Links::refuse);
    CHECK_THROWS_AS(open_folder_by_parts(tree.root / "link/inner", Links::refuse), Error);
    bool supported = false;
    CHECK_FALSE(open_folder_at_once(tree.root / "link/inner", supported));
}

TEST_CASE("a link may be followed where only we could have made it", "[walk]") {
    const Tree tree;
    CHECK(same_folder(open_folder(tree.root / "link/inner", Links::follow), tree.root / "real/inner"));
    CHECK(same_folder(open_folder(tree.root / "chain/inner", Links::follow), tree.root / "real/inner"));
    CHECK(refusal_of(tree.root / "loop/x", Links::follow).find("too many symbolic links") != std::string::npos);
}

TEST_CASE("S85 a link in a folder that others can write is not followed", "[walk]") {
    const Tree tree;
    const Path open_to_all = tree.root / "shared";
    make_folders(open_to_all.text());
    REQUIRE(::symlink(tree.folder.path().c_str(), (open_to_all / "link").c_str()) == 0);
    REQUIRE(::chmod(open_to_all.c_str(), 01777) == 0);
    CHECK(refusal_of(open_to_all / "link/real", Links::follow).find("others could have made") != std::string::npos);
}

TEST_CASE("a part that is missing or no folder is told", "[walk]") {
    const Tree tree;
    write_file_durably((tree.root / "file").text(), "x");
    try {
        open_folder(tree.root / "real/none/x");
        FAIL("opened");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::missing);
        CHECK(error.text().find((tree.root / "real/none").text() + "'") != std::string::npos);
    }
    CHECK_THROWS_AS(open_folder(tree.root / "file/x"), Error);
}

TEST_CASE("S85 a link that is swapped in again and again never leads out", "[walk]") {
    const Tree tree;
    const TemporaryFolder outside;
    const Path place = tree.root / "place";
    make_folders(place.text());
    const std::string link = (tree.root / "evil").text();
    REQUIRE(::symlink(outside.path().c_str(), link.c_str()) == 0);
    std::atomic<bool> stop{false};
    std::thread attacker([&] {
        while (!stop.load()) ::renameat2(AT_FDCWD, link.c_str(), AT_FDCWD, place.c_str(), RENAME_EXCHANGE);
    });
    int opened = 0, refused = 0;
    for (int i = 0; i < 10'000; ++i) {
        try {
            const Fd fd = i % 2 == 0 ? open_folder(place) : open_folder_by_parts(place, Links::refuse);
            REQUIRE_FALSE(same_folder(fd, Path(outside.path())));
            ++opened;
        } catch (const Error&) {
            ++refused;
        }
    }
    stop = true;
    attacker.join();
    CHECK(opened > 0);
    CHECK(refused > 0);
}
