// LinuxHost and links: S85, and what else could lead a write, or a removal, elsewhere.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/file.h>

#include <atomic>
#include <thread>

#include "tests/unit/agent/host/machine.hpp"

using namespace prove;
using namespace prove::testing;

TEST_CASE("a final symbolic link is refused, followed or replaced, as the wish says") {
    if (!is_root()) return;
    Machine machine;
    machine.make("real", "old");
    fs::create_symlink("real", machine.folder / "link");
    FileWish wish = machine.wish("new");
    const std::string text = machine.failure([&] { machine.write("link", wish); });
    CHECK(text.find("is a symbolic link to 'real'; say symlink: follow") != std::string::npos);
    CHECK(machine.read("real") == "old");
    wish.symlink = SymlinkPolicy::follow;
    CHECK(machine.write("link", wish) == Lines{"content"});
    CHECK(machine.read("real") == "new");
    CHECK(fs::is_symlink(machine.folder / "link"));
    CHECK(machine.write("link", wish).empty());
    wish.symlink = SymlinkPolicy::replace;
    CHECK(machine.write("link", wish) == Lines{"existence: link to real -> file", "content"});
    CHECK(fs::is_regular_file(fs::symlink_status(machine.folder / "link")));
    CHECK(machine.write("link", wish).empty());
}

TEST_CASE("a masked unit's link to /dev/null is never written through") {
    if (!is_root()) return;
    Machine machine;
    fs::create_symlink("/dev/null", machine.folder / "x.service");
    FileWish wish = machine.wish("[Unit]\n");
    wish.symlink = SymlinkPolicy::follow;
    CHECK(machine.failure([&] { machine.write("x.service", wish); }).find("is a device, pipe or socket, not a file") !=
          std::string::npos);
    struct stat null {};
    REQUIRE(::stat("/dev/null", &null) == 0);
    CHECK(S_ISCHR(null.st_mode));
}

TEST_CASE("S85 a link in the way is refused, and followed only where nobody else could have made it") {
    if (!is_root()) return;
    Machine machine;
    fs::create_directory(machine.folder / "real");
    fs::create_symlink("real", machine.folder / "link");
    FileWish wish = machine.wish("x");
    const std::string text = machine.failure([&] { machine.write("link/motd", wish); });
    CHECK(text.find("/link' is a symbolic link; write '" + machine.path("real/motd").text() + "'") !=
          std::string::npos);
    CHECK(machine.failure([&] { machine.host.make_directory(machine.path("link/sub"), {}, true); }) != "no failure");
    CHECK(machine.failure([&] { machine.host.link(machine.path("link/l"), {"x", false, false}); }) != "no failure");
    machine.make("real/old", "x");
    CHECK(machine.failure([&] { machine.host.remove(machine.path("link/old"), false); }) != "no failure");
    CHECK(machine.failure([&] {
        machine.host.set_attributes(machine.path("link/old"), {{}, {}, 0600});
    }) != "no failure");
    CHECK(machine.failure([&] { machine.host.edit_file(machine.path("link/old"), "y"); }) != "no failure");
    wish.symlink = SymlinkPolicy::follow;
    CHECK(machine.write("link/motd", wish).size() == 2);
    CHECK(machine.read("real/motd") == "x");
    REQUIRE(::chmod(machine.folder.c_str(), 0777) == 0);
    CHECK(
        machine.failure([&] { machine.write("link/other", wish); }).find("that others can write; it is not followed") !=
        std::string::npos);
}

TEST_CASE("S85 nothing is written into a folder that anybody can write and that is not sticky") {
    if (!is_root()) return;
    Machine machine;
    REQUIRE(::chmod(machine.folder.c_str(), 0777) == 0);
    CHECK(machine.failure([&] { machine.write("motd", machine.wish("x")); }).find("anybody can write to the folder") !=
          std::string::npos);
    REQUIRE(::chmod(machine.folder.c_str(), 01777) == 0);
    CHECK(machine.write("motd", machine.wish("x")).size() == 2);
}

TEST_CASE("S85 one who swaps a folder for a link while we write never leads us out of it") {
    if (!is_root()) return;
    Machine machine;
    fs::create_directory(machine.folder / "victim");
    fs::create_directory(machine.folder / "a");
    std::atomic<bool> stop{false};
    const auto a = machine.folder / "a", aside = machine.folder / "aside", link = machine.folder / "evil";
    fs::create_directory_symlink(machine.folder / "victim", link);
    std::thread attacker([&] {
        // RENAME_EXCHANGE: there is always something at "a", a folder or a link.
        while (!stop) (void)::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE);
    });
    int written = 0, refused = 0;
    for (int i = 0; i < 2000; ++i) {
        try {
            machine.host.write_file(machine.path("a/file"), machine.wish("content " + std::to_string(i)));
            ++written;
        } catch (const Error&) {
            ++refused;
        }
    }
    stop = true;
    attacker.join();
    CHECK(fs::is_empty(machine.folder / "victim"));
    CHECK(written + refused == 2000);
    CHECK(refused > 0);
}

TEST_CASE("S85 the owner of a hard link in a folder of others is not changed") {
    if (!is_root()) return;
    Machine machine;
    fs::create_directory(machine.folder / "home");
    machine.make("shadow", "x");
    fs::create_hard_link(machine.folder / "shadow", machine.folder / "home/mine");
    REQUIRE(::chown((machine.folder / "home").c_str(), 1234, 1234) == 0);
    const auto change = [&] { machine.host.set_attributes(machine.path("home/mine"), {"1234", {}, {}}); };
    CHECK(machine.failure(change).find("is a hard link in a folder that others can write") != std::string::npos);
    CHECK(machine.status("shadow").st_uid == 0);
}

TEST_CASE("what killed writes left goes with the next write in that folder; files in use and of others stay") {
    if (!is_root()) return;
    Machine machine;
    for (const char* name :
         {".prove-abcdefghijkl.tmp", ".prove-aaaaaaaaaaaa.tmp", ".prove-short.tmp", ".prove-abcdefghijk2.tmp"})
        machine.make(name, "x");
    REQUIRE(::chown((machine.folder / ".prove-abcdefghijk2.tmp").c_str(), 1234, 1234) == 0);
    fs::create_symlink("/nowhere", machine.folder / ".prove-bbbbbbbbbbbb.tmp");
    const int held = ::open((machine.folder / ".prove-aaaaaaaaaaaa.tmp").c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(::flock(held, LOCK_EX) == 0);
    machine.write("motd", machine.wish("x"));
    ::close(held);
    CHECK(machine.names() == Lines{".prove-aaaaaaaaaaaa.tmp", ".prove-abcdefghijk2.tmp", ".prove-short.tmp", "motd"});
}

TEST_CASE("P5 what a killed write had already given to its file's owner goes with the next write of such a file") {
    if (!is_root()) return;
    Machine machine;
    machine.make(".prove-abcdefghijkl.tmp", "x");
    REQUIRE(::chown((machine.folder / ".prove-abcdefghijkl.tmp").c_str(), 1234, 1234) == 0);
    machine.write("root's", machine.wish("x"));
    CHECK(machine.names() == Lines{".prove-abcdefghijkl.tmp", "root's"});
    FileWish wish = machine.wish("x");
    wish.attributes.user = "1234";
    machine.write("theirs", wish);
    CHECK(machine.names() == Lines{"root's", "theirs"});
}

TEST_CASE("links are replaced in one step, empty directories only with force") {
    if (!is_root()) return;
    Machine machine;
    machine.host.link(machine.path("l"), {"one", false, false});
    machine.host.link(machine.path("l"), {"two", false, false});
    CHECK(machine.host.read_link(machine.path("l")) == "two");
    fs::create_directory(machine.folder / "d");
    CHECK(machine.failure([&] { machine.host.link(machine.path("d"), {"x", false, false}); }) != "no failure");
    machine.host.link(machine.path("d"), {"x", true, false});
    CHECK(machine.host.read_link(machine.path("d")) == "x");
    machine.make("f", "x");
    machine.host.link(machine.path("f"), {"x", true, false});
    CHECK(machine.names() == Lines{"d", "f", "l"});
}

TEST_CASE("removing a tree never follows a link out of it") {
    if (!is_root()) return;
    Machine machine;
    fs::create_directories(machine.folder / "tree/deep/deeper");
    fs::create_directory(machine.folder / "safe");
    machine.make("safe/file", "x");
    machine.make("tree/deep/file", "x");
    fs::create_directory_symlink(machine.folder / "safe", machine.folder / "tree/deep/link");
    machine.host.begin_part({});
    machine.host.remove(machine.path("tree"), true);
    CHECK(aspects(machine.host.end_part()) == Lines{"existence: directory -> absent"});
    CHECK(machine.names() == Lines{"safe"});
    CHECK(machine.read("safe/file") == "x");
}
