// The ledger over a disk that loses power, and the lock of a run.
#include <catch2/catch.hpp>

#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "agent/engine/ledger.hpp"
#include "common/files/files.hpp"
#include "tests/support/simulated_disk.hpp"

using namespace prove;

namespace {

Debt debt(const std::string& from, const std::string& to) {
    return {StateId(from), StateId(to)};
}

}  // namespace

TEST_CASE("a ledger knows what it was told when it is opened again", "[ledger]") {
    SimulatedDisk disk;
    {
        JournalLedger ledger(disk, "debts");
        ledger.add({debt("a", "r"), debt("b", "r")});
        ledger.strike({debt("a", "r")});
        ledger.add({debt("b", "r")});
    }
    JournalLedger ledger(disk, "debts");
    CHECK(ledger.owed() == std::vector<Debt>{debt("b", "r")});
}

TEST_CASE("P4 what is in the ledger survives a loss of power, at every call to the disk", "[ledger]") {
    SimulatedDisk whole;
    {
        JournalLedger ledger(whole, "debts");
        ledger.add({debt("a", "r")});
        ledger.add({debt("b", "r")});
        ledger.strike({debt("a", "r")});
    }
    for (std::size_t crash_at = 1; crash_at <= whole.calls.size(); ++crash_at) {
        INFO("at call " << crash_at << ": " << whole.calls[crash_at - 1]);
        SimulatedDisk disk;
        std::size_t calls = 0;
        disk.before = [&](const std::string&) {
            if (++calls == crash_at) throw SimulatedDisk::Crash{};
        };
        std::set<Debt> acknowledged, struck;
        try {
            JournalLedger ledger(disk, "debts");
            ledger.add({debt("a", "r")});
            acknowledged.insert(debt("a", "r"));
            ledger.add({debt("b", "r")});
            acknowledged.insert(debt("b", "r"));
            struck.insert(debt("a", "r"));  // from here on either answer is right
            ledger.strike({debt("a", "r")});
        } catch (const SimulatedDisk::Crash&) {
        }
        disk.before = nullptr;
        disk.lose_power(static_cast<unsigned>(crash_at));
        JournalLedger after(disk, "debts");
        const auto owed = after.owed();
        for (const Debt& one : acknowledged)
            if (struck.count(one) == 0) CHECK(std::count(owed.begin(), owed.end(), one) == 1);
    }
}

TEST_CASE("a ledger does not grow for ever", "[ledger]") {
    SimulatedDisk disk;
    JournalLedger ledger(disk, "debts");
    for (int i = 0; i < 5'000; ++i) {
        ledger.add({debt("state number " + std::to_string(i), "reload")});
        ledger.strike({debt("state number " + std::to_string(i), "reload")});
    }
    CHECK(disk.read("debts")->size() < 100'000);
}

TEST_CASE("a ledger's folder is ours alone, and a plan makes none", "[ledger]") {
    TemporaryFolder folder;
    const std::string path = folder.path() + "/state/ledger";
    CHECK(look_at_ledger(path)->owed().empty());
    CHECK_FALSE(exists(path));
    open_ledger(path)->add({debt("a", "r")});
    CHECK_NOTHROW(check_private_folder(path));
    CHECK(look_at_ledger(path)->owed() == std::vector<Debt>{debt("a", "r")});
}

TEST_CASE("a plan that looks at the ledger leaves what an apply is just writing there alone", "[ledger]") {
    TemporaryFolder folder;
    const std::string path = folder.path() + "/ledger";
    open_ledger(path)->add({debt("a", "r"), debt("b", "r")});
    // A record of which a part is there yet, and a compaction that has not come to its rename.
    const std::string whole = read_whole_file(path + "/debts", 1u << 20);
    const std::string partly = whole.substr(0, whole.size() - 5);
    write_file_durably(path + "/debts", partly);
    write_file_durably(path + "/debts.new", "fresh");

    CHECK(look_at_ledger(path)->owed() == std::vector<Debt>{debt("a", "r")});
    CHECK(read_whole_file(path + "/debts", 1u << 20) == partly);
    CHECK(read_whole_file(path + "/debts.new", 100) == "fresh");
}

TEST_CASE("A6 two runs never hold one host, and the second is told who has it", "[ledger]") {
    TemporaryFolder folder;
    auto first = RunLock::try_acquire(folder.path(), "job one, process 7");
    REQUIRE(first);
    CHECK_FALSE(RunLock::try_acquire(folder.path(), "job two"));
    CHECK(RunLock::holder(folder.path()) == "job one, process 7");

    Cancellation cancellation;
    std::string told;
    CHECK_THROWS_AS(RunLock::acquire(folder.path(), "job two", &cancellation,
                                     [&](const std::string& holder) {
                                         told = holder;
                                         cancellation.cancel("enough");
                                     }),
                    Error);
    CHECK(told == "job one, process 7");
    first.reset();
    CHECK(RunLock::try_acquire(folder.path(), "job two"));
}

TEST_CASE("A6 runs that wait for one host get it in the order in which they came", "[ledger]") {
    TemporaryFolder folder;
    std::optional<RunLock> first = RunLock::try_acquire(folder.path(), "first");
    std::mutex mutex;
    std::vector<std::string> order;
    std::vector<std::thread> threads;
    for (const std::string name : {"a", "b", "c", "d"}) {
        const auto waits = std::make_shared<std::promise<void>>();
        threads.emplace_back([&, name, waits] {
            const auto lock =
                RunLock::acquire(folder.path(), name, nullptr, [&](const std::string&) { waits->set_value(); });
            const std::lock_guard guard(mutex);
            order.push_back(name);
        });
        waits->get_future().wait();
    }
    first.reset();
    for (auto& thread : threads) thread.join();
    CHECK(order == std::vector<std::string>{"a", "b", "c", "d"});
}
