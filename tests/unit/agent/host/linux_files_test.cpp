// LinuxHost's file verbs and commands, in folders of their own. Run as root, as Prove is.
#include <catch2/catch.hpp>

#include <sys/mount.h>
#include <sys/xattr.h>

#include "tests/unit/agent/host/machine.hpp"

using namespace prove;
using namespace prove::testing;

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
