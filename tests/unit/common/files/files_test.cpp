// Whole files, private folders, locks: on the real disk of this machine.
#include "common/files/files.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files/fd.hpp"
#include "common/files/lock.hpp"
#include "proto/error.hpp"

using namespace prove;

namespace {

ErrorKind kind_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.kind();
    }
    FAIL("nothing was thrown");
    return ErrorKind::internal;
}

unsigned mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("a file is read whole, with NULs, up to a limit", "[files]") {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/x";
    const std::string content = std::string("a\0b", 3) + std::string(100'000, 'x');
    write_file_durably(path, content);
    CHECK(read_whole_file(path) == content);
    CHECK(read_whole_file(path, content.size()) == content);
    CHECK(kind_of([&] { read_whole_file(path, content.size() - 1); }) == ErrorKind::full);
    CHECK(read_whole_file("/proc/self/stat").size() > 10);  // a size of 0 says nothing there
}

TEST_CASE("a file that is not there is missing, or simply not found", "[files]") {
    CHECK(kind_of([] { read_whole_file("/nonexistent/x"); }) == ErrorKind::missing);
    CHECK_FALSE(find_whole_file("/nonexistent/x").has_value());
    CHECK_FALSE(exists("/nonexistent/x"));
    CHECK_THROWS_AS(find_whole_file("/etc"), Error);
}

TEST_CASE("a durable write replaces the file, sets its mode and leaves nothing beside it", "[files]") {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/x";
    write_file_durably(path, "one", 0644);
    CHECK(mode_of(path) == 0644);
    write_file_durably(path, "two");
    CHECK(mode_of(path) == 0600);
    CHECK(read_whole_file(path) == "two");
    CHECK(list_folder(folder.path()) == std::vector<std::string>{"x"});
}

TEST_CASE("a durable write that fails leaves the old file and nothing else", "[files]") {
    const TemporaryFolder folder;
    make_folders(folder.path() + "/taken/full");
    CHECK_THROWS_AS(write_file_durably(folder.path() + "/taken", "x"), Error);
    CHECK(list_folder(folder.path()) == std::vector<std::string>{"taken"});
    CHECK(kind_of([&] { write_file_durably(folder.path() + "/none/x", "x"); }) == ErrorKind::missing);
}

TEST_CASE("folders are made with their parents, and trees removed without following links", "[files]") {
    const TemporaryFolder folder, elsewhere;
    write_file_durably(elsewhere.path() + "/kept", "x");
    const std::string deep = folder.path() + "/a/b/c";
    make_folders(deep);
    make_folders(deep);
    CHECK(is_folder(deep));
    REQUIRE(::symlink(elsewhere.path().c_str(), (deep + "/link").c_str()) == 0);
    remove_tree(folder.path() + "/a");
    CHECK_FALSE(exists(folder.path() + "/a"));
    CHECK(exists(elsewhere.path() + "/kept"));
    CHECK_FALSE(remove_file(folder.path() + "/a"));
}

TEST_CASE("S86 temporary folders are ours alone, have names nobody can guess, and go away", "[files]") {
    std::string path;
    {
        const TemporaryFolder first, second;
        path = first.path();
        CHECK(first.path() != second.path());
        CHECK(mode_of(path) == 0700);
        write_file_durably(path + "/x", "x");
    }
    CHECK_FALSE(exists(path));
}

TEST_CASE("S94 a private folder or file that others can reach is refused", "[files]") {
    const TemporaryFolder folder;
    const std::string inner = folder.path() + "/keys";
    make_private_folder(inner);
    CHECK(mode_of(inner) == 0700);
    for (const unsigned mode : {0750u, 0701u, 0770u}) {
        REQUIRE(::chmod(inner.c_str(), mode) == 0);
        CHECK(kind_of([&] { make_private_folder(inner); }) == ErrorKind::refused);
    }
    const std::string file = folder.path() + "/key";
    write_file_durably(file, "x");
    check_private_file(file);
    for (const unsigned mode : {0640u, 0604u, 0620u}) {
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        CHECK(kind_of([&] { check_private_file(file); }) == ErrorKind::refused);
    }
}

TEST_CASE("S94 a private file of another owner, or behind a link, is refused", "[files]") {
    const TemporaryFolder folder;
    const std::string file = folder.path() + "/key";
    write_file_durably(file, "x");
    REQUIRE(::symlink("key", (folder.path() + "/link").c_str()) == 0);
    CHECK(kind_of([&] { check_private_file(folder.path() + "/link"); }) == ErrorKind::refused);
    if (::geteuid() == 0) {
        REQUIRE(::chown(file.c_str(), 65'534, 65'534) == 0);
        CHECK(kind_of([&] { check_private_file(file); }) == ErrorKind::refused);
    }
}

TEST_CASE("S86 what others may write is not trusted, nor what lies in a folder they may write", "[files]") {
    const TemporaryFolder folder;
    const std::string file = folder.path() + "/agent.yml";
    write_file_durably(file, "x", 0644);
    check_trusted_file(file);
    REQUIRE(::chmod(file.c_str(), 0664) == 0);
    CHECK(kind_of([&] { check_trusted_file(file); }) == ErrorKind::refused);
    REQUIRE(::chmod(file.c_str(), 0644) == 0);
    REQUIRE(::chmod(folder.path().c_str(), 01777) == 0);
    CHECK(kind_of([&] { check_trusted_file(file); }) == ErrorKind::refused);
    REQUIRE(::chmod(folder.path().c_str(), 0700) == 0);
}

TEST_CASE("A6 a queue is first come, first served, and whoever leaves holds nobody up", "[files]") {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/queue";
    std::optional<QueuePlace> first = QueuePlace::take(path);
    std::optional<QueuePlace> second = QueuePlace::take(path);
    std::optional<QueuePlace> third = QueuePlace::take(path);
    CHECK(first->is_first());
    CHECK_FALSE(second->is_first());
    second.reset();
    CHECK_FALSE(third->is_first());
    first.reset();
    CHECK(third->is_first());
    const auto last = QueuePlace::take(path);
    CHECK_FALSE(last.is_first());
    CHECK(third->is_first());
    // What an earlier boot or a broken write left in the file means nothing.
    write_file_durably(folder.path() + "/odd", "xyz");
    CHECK(QueuePlace::take(folder.path() + "/odd").is_first());
}

TEST_CASE("A6 a lock excludes, tells who has it, and goes with its holder", "[files]") {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/lock";
    {
        const auto held = FileLock::try_acquire(path, "run of me");
        REQUIRE(held.has_value());
        CHECK_FALSE(FileLock::try_acquire(path).has_value());
        CHECK(FileLock::note_of(path) == "run of me");
    }
    CHECK(exists(path));
    const FileLock waited = FileLock::acquire(path, "next");
    CHECK(FileLock::note_of(path) == "next");
}

TEST_CASE("descriptors are not inherited by programs", "[files]") {
    const Fd fd = open_file("/dev/null", O_RDONLY);
    CHECK((::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
    Fd moved = open_file("/dev/null", O_RDONLY);
    const int number = moved.get();
    Fd target = std::move(moved);
    CHECK_FALSE(moved);
    CHECK(target.get() == number);
    target.close();
    CHECK(::fcntl(number, F_GETFD) == -1);
}
