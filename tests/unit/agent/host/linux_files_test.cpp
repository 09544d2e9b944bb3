// LinuxHost's file verbs, in folders of their own below /tmp. Run as root, as Prove is.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "agent/host/linux_host.hpp"
#include "agent/host/overlay_host.hpp"
#include "common/files/files.hpp"
#include "tests/support/host_tests.hpp"

using namespace prove;
using namespace prove::testing;
namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

namespace {

struct Machine {
    SystemClock clock;
    LinuxHost host{clock};
    MemoryContent contents;
    // Below /root, so that no folder on the way is writable by others.
    fs::path folder = fs::path("/root") / ("prove-test-" + random_name());

    Machine() { fs::create_directory(folder); }
    ~Machine() { fs::remove_all(folder); }
    Path path(const std::string& name) const { return Path((folder / name).string()); }
    FileWish wish(const std::string& text) {
        FileWish result;
        result.content = contents.add(text);
        return result;
    }
    Lines write(const std::string& name, const FileWish& wanted) {
        host.begin_part({});
        host.write_file(path(name), wanted);
        return aspects(host.end_part());
    }
    std::string failure(const std::function<void()>& work) {
        try {
            work();
        } catch (const Error& error) {
            return error.text();
        }
        return "no failure";
    }
    void make(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }
    std::string read(const std::string& name) const { return read_whole_file((folder / name).string()); }
    Lines names() const { return list_folder(folder.string()); }
    struct stat status(const std::string& name) const {
        struct stat result {};
        REQUIRE(::lstat((folder / name).c_str(), &result) == 0);
        return result;
    }
};

bool is_root() {
    return ::geteuid() == 0;
}

}  // namespace

TEST_CASE("a new file is root's, 0644, whatever the umask is, and nothing else is left beside it") {
    if (!is_root()) return;
    Machine machine;
    const mode_t old = ::umask(077);
    CHECK(machine.write("motd", machine.wish("hello\n")) == Lines{"existence: absent -> file", "content"});
    ::umask(old);
    CHECK(machine.read("motd") == "hello\n");
    CHECK((machine.status("motd").st_mode & 07777) == 0644);
    CHECK(machine.status("motd").st_uid == 0);
    CHECK(machine.names() == Lines{"motd"});
    CHECK(machine.write("motd", machine.wish("hello\n")).empty());
}

TEST_CASE("a file that is right is not written, opened for writing or fetched") {
    if (!is_root()) return;
    Machine machine;
    machine.make("motd", "hello\n");
    const auto before = machine.status("motd");
    FileWish wish = machine.wish("hello\n");
    machine.contents.fetches = 0;
    CHECK(machine.write("motd", wish).empty());
    CHECK(machine.contents.fetches == 0);
    CHECK(machine.status("motd").st_ino == before.st_ino);
    CHECK(machine.status("motd").st_ctim.tv_nsec == before.st_ctim.tv_nsec);
}

TEST_CASE("a replaced file keeps owner, group, mode and extended attributes that the wish does not speak of") {
    if (!is_root()) return;
    Machine machine;
    machine.make("motd", "old\n");
    REQUIRE(::chown((machine.folder / "motd").c_str(), 1234, 1235) == 0);
    REQUIRE(::chmod((machine.folder / "motd").c_str(), 04750) == 0);
    const bool has_attributes = ::setxattr((machine.folder / "motd").c_str(), "user.note", "x", 1, 0) == 0;
    machine.host.begin_part({});
    machine.host.write_file(machine.path("motd"), machine.wish("new\n"));
    const auto changes = machine.host.end_part();
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].before == "blake2b:" + hash_of("old\n").hex());
    CHECK(changes[0].after == "blake2b:" + hash_of("new\n").hex());
    CHECK(changes[0].diff.find("-old\n+new") != std::string::npos);
    CHECK(machine.status("motd").st_uid == 1234);
    CHECK(machine.status("motd").st_gid == 1235);
    CHECK((machine.status("motd").st_mode & 07777) == 04750);
    char note = 0;
    if (has_attributes) CHECK(::getxattr((machine.folder / "motd").c_str(), "user.note", &note, 1) == 1);
}

TEST_CASE("owner, group and mode are set without a new file where the content is right") {
    if (!is_root()) return;
    Machine machine;
    machine.make("motd", "x");
    const auto inode = machine.status("motd").st_ino;
    FileWish wish = machine.wish("x");
    wish.attributes = {"1234", "root", 06755};
    CHECK(machine.write("motd", wish) == Lines{"owner: root -> 1234", "mode: 0644 -> 6755"});
    CHECK(machine.status("motd").st_ino == inode);
    CHECK((machine.status("motd").st_mode & 07777) == 06755);
    CHECK(machine.write("motd", wish).empty());
}

TEST_CASE("binary content is noticed, and a sensitive part shows no difference") {
    if (!is_root()) return;
    Machine machine;
    machine.make("blob", "text");
    machine.host.begin_part({});
    machine.host.write_file(machine.path("blob"), machine.wish(std::string("\0\1\2", 3)));
    CHECK(machine.host.end_part().at(0).diff == "binary: 4 bytes -> 3 bytes");
    PartContext sensitive;
    sensitive.sensitive = true;
    machine.host.begin_part(sensitive);
    machine.host.write_file(machine.path("blob"), machine.wish("secret"));
    const auto changes = machine.host.end_part();
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].diff.empty());
}

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

TEST_CASE("a directory at the path, a folder that is a file and a folder that is missing are told apart") {
    if (!is_root()) return;
    Machine machine;
    fs::create_directory(machine.folder / "dir");
    machine.make("file", "x");
    CHECK(machine.failure([&] { machine.write("dir", machine.wish("x")); }).find("is a directory, not a file") !=
          std::string::npos);
    CHECK(machine.failure([&] { machine.write("file/x", machine.wish("x")); })
              .find("is not a directory, so nothing can be below") != std::string::npos);
    CHECK(machine.failure([&] { machine.write("no/x", machine.wish("x")); }).find("does not exist; make it first") !=
          std::string::npos);
    FileWish wish = machine.wish("x");
    wish.make_dirs = true;
    CHECK(machine.write("no/such/x", wish).size() == 4);
    CHECK((machine.status("no/such").st_mode & 07777) == 0755);
}

TEST_CASE("a pipe at the path does not hang a read, and is not replaced") {
    if (!is_root()) return;
    Machine machine;
    REQUIRE(::mkfifo((machine.folder / "pipe").c_str(), 0600) == 0);
    CHECK(machine.failure([&] { machine.write("pipe", machine.wish("x")); }).find("pipe or socket") !=
          std::string::npos);
    CHECK(machine.failure([&] { (void)machine.host.read_file(machine.path("pipe")); }).find("not a regular file") !=
          std::string::npos);
}

TEST_CASE("a validation that fails leaves the old file and nothing else") {
    if (!is_root()) return;
    Machine machine;
    machine.make("sudoers", "old");
    FileWish wish = machine.wish("new");
    wish.validate = {"grep", "-q", "good", "{}"};
    CHECK(machine.failure([&] { machine.write("sudoers", wish); }).find("did not pass its validation (exit code 1)") !=
          std::string::npos);
    CHECK(machine.read("sudoers") == "old");
    CHECK(machine.names() == Lines{"sudoers"});
    wish = machine.wish("good");
    wish.validate = Command::shell("grep -q good {} && test $(stat -c %a {}) = 600").argv;
    wish.attributes.mode = 0600;
    CHECK(machine.write("sudoers", wish).size() == 2);
    CHECK(machine.read("sudoers") == "good");
}

TEST_CASE("a full disk is named with the file and what to do, and leaves no half file") {
    if (!is_root()) return;
    Machine machine;
    fs::create_directory(machine.folder / "small");
    if (::mount("tmpfs", (machine.folder / "small").c_str(), "tmpfs", 0, "size=64k,mode=755") != 0) {
        WARN("no mount permitted here; not tested");
        return;
    }
    machine.make("small/motd", "old");
    const std::string text =
        machine.failure([&] { machine.write("small/motd", machine.wish(std::string(200'000, 'x'))); });
    CHECK(text == "there is no space left to write '" + machine.path("small/motd").text() +
                      "' (195.3 KiB): free some on its file system, then apply again");
    CHECK(machine.read("small/motd") == "old");
    CHECK(list_folder((machine.folder / "small").string()) == Lines{"motd"});
    REQUIRE(::umount((machine.folder / "small").c_str()) == 0);
}

TEST_CASE("a file that is mounted on its own is named as such") {
    if (!is_root()) return;
    Machine machine;
    machine.make("hosts", "old");
    machine.make("other", "y");
    const std::string target = (machine.folder / "hosts").string();
    if (::mount((machine.folder / "other").c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0) {
        WARN("no mount permitted here; not tested");
        return;
    }
    const std::string text = machine.failure([&] { machine.write("hosts", machine.wish("new")); });
    fs::create_directory(machine.folder / "d");
    const std::string removal = machine.failure([&] { machine.host.remove(Path(machine.folder.string()), true); });
    REQUIRE(::umount(target.c_str()) == 0);
    CHECK(text.find("cannot be replaced, since something is mounted there") != std::string::npos);
    CHECK(removal.find("something is mounted at '" + target + "'") != std::string::npos);
    CHECK(machine.read("hosts") == "old");
    CHECK(machine.names() == Lines{"d", "hosts", "other"});
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

TEST_CASE("folders that were made before a failure are recorded") {
    if (!is_root()) return;
    Machine machine;
    FileWish wish = machine.wish("x");
    wish.make_dirs = true;
    wish.validate = {"false", "{}"};
    machine.host.begin_part({});
    CHECK_THROWS_AS(machine.host.write_file(machine.path("a/b"), wish), Error);
    CHECK(aspects(machine.host.end_part()) == Lines{"existence: absent -> directory"});
}

TEST_CASE("before the first change of a part, and only then, the engine is told") {
    if (!is_root()) return;
    Machine machine;
    machine.make("right", "x");
    int calls = 0;
    PartContext part;
    part.before_first_change = [&] {
        ++calls;
        CHECK(machine.names() == Lines{"right"});
    };
    machine.host.begin_part(part);
    machine.host.write_file(machine.path("right"), machine.wish("x"));
    CHECK(calls == 0);
    machine.host.write_file(machine.path("one"), machine.wish("x"));
    machine.host.write_file(machine.path("two"), machine.wish("x"));
    CHECK(calls == 1);
}

TEST_CASE("a command is within the part's time and cancellation, and its output comes as it is made") {
    if (!is_root()) return;
    Machine machine;
    PartContext part;
    std::string output;
    part.output = [&](OutputStream, std::string_view bytes) { output += bytes; };
    part.deadline_boot_ms = machine.clock.boot_ms() + 300;
    machine.host.begin_part(part);
    CHECK(machine.host.run(Command::shell("echo hello"), std::nullopt).exit_code == 0);
    CHECK(output == "hello\n");
    CHECK(machine.host.run(Command::shell("sleep 30"), std::nullopt).timed_out);
    CHECK_THROWS_AS(machine.host.run(Command::shell("true"), std::nullopt), Error);
    CHECK(machine.host.end_part().size() == 2);
    Cancellation cancellation;
    cancellation.cancel("enough");
    PartContext cancelled;
    cancelled.cancellation = &cancellation;
    machine.host.begin_part(cancelled);
    CHECK(machine.failure([&] { machine.host.run(Command::shell("true"), std::nullopt); }) == "cancelled: enough");
}
