// The loop with its threads: real time, a real database, a transport in memory.
#include "master/server/event_loop.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <thread>

#include "common/files/files.hpp"
#include "common/keys/keys.hpp"
#include "common/transport/memory.hpp"
#include "master/server/loop_store.hpp"
#include "master/server/maintenance.hpp"
#include "master/server/periodic.hpp"
#include "master/server/workers.hpp"
#include "tests/support/fake_carrier.hpp"

using namespace prove;

namespace {

class EchoOperations final : public Operations {
  public:
    struct Echo final : Preparer {
        Prepared prepare(const TargetId&, const Value&) const override {
            Prepared prepared;
            prepared.body = Value::object();
            return prepared;
        }
    };
    std::shared_ptr<const Preparer> preparer(const JobRow&) const override { return std::make_shared<Echo>(); }
    Judged judge(const JobRow&, const JobResult&, const Value&) const override { return {}; }
};

struct Served {
    TemporaryFolder folder;
    SystemClock clock;
    SystemRandom random;
    Logger log = silent_logger();
    Mailbox mailbox;
    std::unique_ptr<Store> store = open_sqlite_store(folder.path() + "/db", log);
    SigningKey online = SigningKey::generate();
    KeyEnvelopeSigner online_signer{online};
    LoopStore loop_store{*store, mailbox};
    KeyTable keys;
    KeyDesk desk{loop_store, keys, clock, log};
    LocalSigner signer{online_signer, random.bytes<ClusterId>(), 1, *store, clock, random};
    Connections connections;
    TransportNet net;
    EchoOperations operations;
    Workers workers{2, log};
    WorkerPool pool{workers, mailbox};
    test::FakeCarrier carrier;
    Dispatch dispatch{{clock, net, loop_store, keys, desk, signer, pool, carrier, operations, connections, log},
                      {1, "keyset"}};
    MemoryNetwork network{keys};
    std::unique_ptr<ServerTransport> transport = network.server();
    Enrolment enrolment{{keys, desk, signer, clock, random, log, [](const Route&, const Frames&) {}}, {}};
    EventLoop loop{*transport, mailbox, dispatch, enrolment, desk, clock, log};
    std::thread thread;

    Served() {
        net.use(transport.get());
        pool.on_ready([this](ReadyCommand ready) {
            dispatch.prepared(std::move(ready));
            dispatch.settle();
        });
        thread = std::thread([this] { loop.run(); });
    }
    ~Served() {
        loop.stop();
        thread.join();
        mailbox.close();
    }
    JobId submit(const std::string& target) {
        NewJob job;
        job.row.id = JobId(random.bytes<JobId::Raw>());
        job.row.operation = "ping";
        job.row.created_ms = clock.wall_ms();
        job.row.not_after_ms = job.row.created_ms + 60'000;
        job.targets = {{TargetId(target), ""}};
        job.preparer = operations.preparer(job.row);
        const auto id = job.row.id;
        std::promise<bool> durable;
        mailbox.post(
            [&] { dispatch.submit(std::move(job), [&](const Error* error) { durable.set_value(error == nullptr); }); });
        REQUIRE(durable.get_future().get());
        return id;
    }
};

}  // namespace

TEST_CASE("A7 work in the loop that fails ends alone, and the loop goes on", "[loop]") {
    Served served;
    served.mailbox.post([] { throw Error(ErrorKind::full, "no space left"); });
    std::promise<void> reached;
    served.mailbox.post([&] { reached.set_value(); });
    CHECK(reached.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
}

TEST_CASE("a job goes through loop, pool and database, and ends", "[loop]") {
    Served served;
    const auto job = served.submit("web1");                            // which nobody is
    while (!served.store->job(job)->ended) std::this_thread::yield();  // the test has a time limit
    CHECK(served.store->job_targets(job).front().end == TargetEnd::unreachable);
}

TEST_CASE("the store's answers come in the loop's thread", "[loop]") {
    Served served;
    std::promise<std::thread::id> answered;
    served.mailbox.post([&] {
        served.loop_store.write({SettingRow{"a", "b"}},
                                [&](const Error*) { answered.set_value(std::this_thread::get_id()); });
    });
    CHECK(answered.get_future().get() == served.thread.get_id());
}

TEST_CASE("work that is posted runs in order, and none after the mailbox is closed", "[loop]") {
    Mailbox mailbox;
    std::vector<int> order;
    int woken = 0;
    mailbox.set_wake([&] { ++woken; });
    for (int i = 0; i < 3; ++i) mailbox.post([&order, i] { order.push_back(i); });
    for (const auto& work : mailbox.take()) work();
    CHECK(order == std::vector{0, 1, 2});
    CHECK(woken == 1);
    mailbox.post([&] { order.push_back(3); });
    mailbox.close();
    mailbox.post([&] { order.push_back(4); });
    CHECK(mailbox.take().empty());
}

TEST_CASE("workers finish what they began and drop what waits; a fault in one piece harms no other", "[loop]") {
    std::promise<void> begun, go;
    std::atomic<int> done{0};
    auto workers = std::make_unique<Workers>(1, silent_logger());
    workers->post([] { throw std::runtime_error("fault"); });
    workers->post([&] {
        begun.set_value();
        go.get_future().wait();
        ++done;
    });
    workers->post([&] { done += 100; });
    begun.get_future().wait();
    std::thread stopper([&] { workers.reset(); });
    // The stopper may or may not have asked yet; both ways the one that began is finished.
    go.set_value();
    stopper.join();
    CHECK(done.load() % 100 == 1);
}

TEST_CASE("A13 maintenance forgets old jobs by itself and stops at once", "[loop]") {
    Served served;
    JobRow old;
    old.id = JobId(served.random.bytes<JobId::Raw>());
    old.ended = true;
    old.ended_ms = 1;
    write_and_wait(*served.store, {old});
    {
        const Periodic maintenance([&] { return forget_some(*served.store, {}, served.clock, served.log); });
        while (served.store->job(old.id)) std::this_thread::yield();
    }
    CHECK_FALSE(served.store->job(old.id));
}
