// That what the database says is durable was handed to the disk before (D1): a kill cannot show that, since the page cache
// survives it. The calls of SQLite that force bytes to the disk come by here, and are counted.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "common/files/files.hpp"
#include "master/store/store.hpp"
#include "rows.hpp"

using namespace prove;
using namespace prove::test;

namespace {

std::atomic<int> syncs{0};

}  // namespace

// In place of libc's, for this program and its libraries.
extern "C" int fdatasync(int fd) {
    ++syncs;
    return static_cast<int>(::syscall(SYS_fdatasync, fd));
}
extern "C" int fsync(int fd) {
    ++syncs;
    return static_cast<int>(::syscall(SYS_fsync, fd));
}

TEST_CASE("D1 P4 a batch is on the disk before its writer hears that it is durable", "[store]") {
    const TemporaryFolder folder;
    const auto store = open_sqlite_store(folder.path() + "/prove.db", silent_logger());
    for (std::uint8_t number = 1; number <= 5; ++number) {
        const int before = syncs;
        int when_told = 0;
        store->write({job_row(number)}, [&](const Error* error) { when_told = error == nullptr ? syncs.load() : -1; });
        write_and_wait(*store, {SettingRow{"later", "x"}});
        CHECK(when_told > before);
    }
}
