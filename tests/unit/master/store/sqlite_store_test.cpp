// What the database alone promises: it outlives its process, refuses what contradicts it, and says when it cannot.
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <thread>

#include "common/files/files.hpp"
#include "master/store/schema.hpp"
#include "master/store/sqlite.hpp"
#include "master/store/store.hpp"
#include "rows.hpp"

using namespace prove;
using namespace prove::test;

namespace {

struct Folder {
    TemporaryFolder folder;
    std::string file() const { return folder.path() + "/prove.db"; }
    std::unique_ptr<Store> open() const { return open_sqlite_store(file(), silent_logger()); }
    // Changes the database behind the store's back.
    void meddle(const char* sql) const { sqlite::Connection(file(), sqlite::Connection::Kind::writer).script(sql); }
};

}  // namespace

TEST_CASE("what was acknowledged is there after the master was started again", "[store]") {
    const Folder folder;
    write_and_wait(*folder.open(), {job_row(1), target_row(1, "web1"), audit_row("a")});
    const auto store = folder.open();
    CHECK(store->job(job_id(1)) == job_row(1));
    CHECK(store->audit_count() == 1);
    write_and_wait(*store, {audit_row("b")});
    CHECK_FALSE(first_bad_audit(*store));
}

TEST_CASE("P1 a process that is killed loses no batch that it was told is durable", "[store]") {
    const Folder folder;
    for (int round = 0; round < 5; ++round) {
        int pipe_ends[2];
        REQUIRE(::pipe(pipe_ends) == 0);
        const auto child = ::fork();
        if (child == 0) {
            // Writes rows for ever and says the number of each that is durable.
            const auto store = folder.open();
            for (std::uint64_t i = 0;; ++i)
                store->write({SettingRow{"n" + std::to_string(round) + "." + std::to_string(i), "x"}, audit_row("a")},
                             [&, i](const Error*) { (void)!::write(pipe_ends[1], &i, sizeof(i)); });
        }
        ::close(pipe_ends[1]);
        std::uint64_t last = 0, seen = 0, number = 0;
        while (seen < 20u * static_cast<unsigned>(round + 1) &&
               ::read(pipe_ends[0], &number, sizeof(number)) == sizeof(number)) {
            last = number;
            ++seen;
        }
        ::kill(child, SIGKILL);
        while (::read(pipe_ends[0], &number, sizeof(number)) == sizeof(number)) last = number;
        ::close(pipe_ends[0]);
        ::waitpid(child, nullptr, 0);

        const auto store = folder.open();
        for (std::uint64_t i = 0; i <= last; ++i)
            REQUIRE(store->setting("n" + std::to_string(round) + "." + std::to_string(i)));
        CHECK_FALSE(first_bad_audit(*store));  // P28
    }
}

TEST_CASE("answers come in the order of the batches, also when many threads write", "[store]") {
    const Folder folder;
    const auto store = folder.open();
    std::promise<void> all;
    std::vector<int> order;
    for (int i = 0; i < 200; ++i)
        store->write({SettingRow{"k", std::to_string(i)}}, [&, i](const Error* error) {
            CHECK(error == nullptr);
            order.push_back(i);
            if (i == 199) all.set_value();
        });
    all.get_future().wait();
    CHECK(std::is_sorted(order.begin(), order.end()));
    CHECK(order.size() == 200);
    CHECK(store->setting("k") == std::optional<std::string>("199"));
}

TEST_CASE("a batch that contradicts what is stored is refused alone, and wholly", "[store]") {
    const Folder folder;
    const auto store = folder.open();
    write_and_wait(*store, {key_row(1, "web1", KeyState::accepted)});
    std::promise<std::optional<Error>> first, second, third;
    const auto tell = [](auto& promise) {
        return
            [&promise](const Error* error) { promise.set_value(error ? std::optional<Error>(*error) : std::nullopt); };
    };
    store->write({SettingRow{"before", "x"}}, tell(first));
    // S13: a name belongs to at most one key.
    store->write({SettingRow{"within", "x"}, audit_row("within"), key_row(2, "web1", KeyState::accepted)},
                 tell(second));
    store->write({SettingRow{"after", "x"}, audit_row("after")}, tell(third));
    CHECK_FALSE(first.get_future().get());
    const auto refused = second.get_future().get();
    REQUIRE(refused);
    CHECK(refused->kind() == ErrorKind::invalid);
    CHECK_FALSE(third.get_future().get());
    CHECK(store->setting("before"));
    CHECK_FALSE(store->setting("within"));
    CHECK(store->setting("after"));
    CHECK(store->audit_count() == 1);
    CHECK_FALSE(first_bad_audit(*store));
}

TEST_CASE("a target of no job is refused, and the store goes on", "[store]") {
    const Folder folder;
    const auto store = folder.open();
    CHECK_THROWS_AS(write_and_wait(*store, {target_row(1, "web1")}), Error);
    write_and_wait(*store, {SettingRow{"a", "b"}});
    CHECK(store->setting("a"));
}

TEST_CASE("P6 a full disk is said to be one, nothing of the batch stays, and it goes on when there is space",
          "[store]") {
    const Folder folder;
    const auto store = folder.open();
    write_and_wait(*store, {SettingRow{"small", "x"}});
    // The file may not grow: as a full disk, but without one.
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit tight = before;
    struct stat info {};
    REQUIRE(::stat((folder.file() + "-wal").c_str(), &info) == 0);
    tight.rlim_cur = static_cast<rlim_t>(info.st_size) + 8192;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    std::optional<Error> error;
    try {
        write_and_wait(*store, {SettingRow{"large", std::string(1 << 20, 'x')}});
    } catch (const Error& thrown) {
        error = thrown;
    }
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    REQUIRE(error);
    INFO(error->text());
    CHECK((error->kind() == ErrorKind::full || error->kind() == ErrorKind::failed));
    CHECK_FALSE(store->setting("large"));
    if (error->kind() == ErrorKind::full) {
        write_and_wait(*store, {SettingRow{"again", "x"}});
        CHECK(store->setting("again"));
    }
}

TEST_CASE("S94 a database that others may read is refused", "[store]") {
    const Folder folder;
    write_and_wait(*folder.open(), {SettingRow{"a", "b"}});
    CHECK(::chmod(folder.file().c_str(), 0644) == 0);
    CHECK_THROWS_AS(folder.open(), Error);
}

TEST_CASE("S94 a new database is closed to all others, with its other files", "[store]") {
    const Folder folder;
    const auto store = folder.open();
    write_and_wait(*store, {SettingRow{"a", "b"}});
    for (const auto* suffix : {"", "-wal", "-shm"}) {
        struct stat info {};
        REQUIRE(::stat((folder.file() + suffix).c_str(), &info) == 0);
        CHECK((info.st_mode & 077) == 0);
    }
}

TEST_CASE("P16 a database of format 1 is brought to the one of today, with all that is in it", "[store]") {
    const Folder folder;
    folder.meddle(schema_1);
    folder.meddle(
        "INSERT INTO jobs VALUES (zeroblob(16), 'a', 'cmd', 'web*', '{}', 'alice', 'x', 1, 2, 3, '', 3, 1, 9, ''), "
        "(x'01000000000000000000000000000000', 'b', 'cmd', 'web*', '{}', 'alice', 'x', 1, 2, 3, '', 1, 0, 0, '');"
        "INSERT INTO job_targets SELECT zeroblob(16), name, zeroblob(16), 'ended', how, '', '', 0, 9, 'null', 0 "
        "FROM (SELECT 'web1' AS name, 'done' AS how UNION VALUES ('web2', 'failed'), ('web3', 'done'));"
        "PRAGMA user_version=1");
    CHECK(::chmod(folder.file().c_str(), 0600) == 0);
    const auto store = folder.open();
    CHECK(store->job_targets(JobId()).size() == 3);
    CHECK(store->job(JobId())->ends == std::map<TargetEnd, std::size_t>{{TargetEnd::done, 2}, {TargetEnd::failed, 1}});
    CHECK(store->jobs({2, {}, "", "", true}).front().ends.empty());
    const auto ended = ended_row(1, "web1", TargetEnd::cancelled);
    write_and_wait(*store, {job_row(1), ended});
    CHECK(store->job_targets(job_id(1)) == std::vector{ended});
}

TEST_CASE("P16 a database of a newer format is refused, and left as it is", "[store]") {
    const Folder folder;
    folder.open();
    folder.meddle("PRAGMA user_version=1000");
    CHECK_THROWS_WITH(folder.open(), Catch::Contains("newer than this prove-master knows"));
}

TEST_CASE("a file that is no database is refused with its name", "[store]") {
    const Folder folder;
    write_file_durably(folder.file(), std::string(8192, 'x'));
    CHECK_THROWS_AS(folder.open(), Error);
}

TEST_CASE("S90 a record that was changed, moved or cut off is found", "[store]") {
    const Folder folder;
    {
        const auto store = folder.open();
        write_and_wait(*store, {audit_row("a"), audit_row("b"), audit_row("c")});
    }
    SECTION("changed") {
        folder.meddle("UPDATE audit SET record = replace(record, 'alice', 'mallory') WHERE number = 2");
        CHECK(first_bad_audit(*folder.open()) == std::optional<std::uint64_t>(2));
    }
    SECTION("cut off") {
        folder.meddle("DELETE FROM audit WHERE number = 3");
        CHECK(first_bad_audit(*folder.open()) == std::optional<std::uint64_t>(3));
    }
    SECTION("taken out of the middle") {
        folder.meddle("DELETE FROM audit WHERE number = 2");
        CHECK(first_bad_audit(*folder.open()) == std::optional<std::uint64_t>(2));
    }
    SECTION("swapped") {
        folder.meddle(
            "UPDATE audit SET number = -1 WHERE number = 1; UPDATE audit SET number = 1 WHERE number = 2; "
            "UPDATE audit SET number = 2 WHERE number = -1");
        CHECK(first_bad_audit(*folder.open()) == std::optional<std::uint64_t>(1));
    }
}

TEST_CASE("A13 history over its size goes, oldest first, and gives its space back", "[store]") {
    const Folder folder;
    const auto store = folder.open();
    Batch batch;
    for (int i = 0; i < 250; ++i) {
        auto job = job_row(static_cast<std::uint8_t>(i));
        job.ended = true;
        job.ended_ms = 1'000;
        batch.push_back(job);
        batch.push_back(ResultRow{job.id, TargetId("web1"), 1, noise(16 << 10)});
    }
    write_and_wait(*store, std::move(batch));
    Retention retention;
    retention.bytes = 1 << 20;
    while (store->prune(retention, 1'000)) {
    }
    CHECK_FALSE(store->job(job_id(0)));
    CHECK(store->jobs({500, {}, "", "", false}).size() < 100);
    struct stat info {};
    REQUIRE(::stat(folder.file().c_str(), &info) == 0);
    CHECK(info.st_size < 3 << 20);
}

TEST_CASE("reads go on while others write", "[store]") {
    const Folder folder;
    const auto store = folder.open();
    write_and_wait(*store, {job_row(1)});
    std::vector<std::thread> readers;
    for (int i = 0; i < 4; ++i)
        readers.emplace_back([&] {
            for (int n = 0; n < 200; ++n)
                if (!store->job(job_id(1))) std::abort();
        });
    for (int n = 0; n < 20; ++n) write_and_wait(*store, {target_row(1, "web" + std::to_string(n))});
    for (auto& reader : readers) reader.join();
    CHECK(store->job_targets(job_id(1)).size() == 20);
}
