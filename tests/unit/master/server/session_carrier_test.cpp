// Errands through sessions: real threads, a loop that is this test's own thread, and hosts that are scripted.
#include "master/server/session_carrier.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <set>
#include <thread>

#include "common/keys/keys.hpp"
#include "master/store/memory_store.hpp"
#include "proto/late.hpp"
#include "tests/support/master_world.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// What a host does; changed by the test before its job.
struct Host {
    std::optional<Error> closed;  // why it cannot be reached
    Value facts = Value::object();
    JobResult::End facts_end = JobResult::End::done;
    Value result = Value::object();
    std::string output, note;
    int outputs = 1;
    bool waits = false;  // until it is cancelled
    bool asks_late = false;
};

struct Hosts {
    std::map<std::string, Host> all;
    std::mutex mutex;
    std::vector<std::string> ran;  // "box1 ping", in the order in which it began
    std::vector<std::string> bodies, late_answers;
    int at_once = 0, most_at_once = 0;
};

class ScriptedSession final : public Session {
  public:
    ScriptedSession(Hosts& hosts, std::string name, LateSource* late)
        : hosts_(hosts), name_(std::move(name)), late_(late) {
        const std::lock_guard lock(hosts_.mutex);
        hosts_.most_at_once = std::max(hosts_.most_at_once, ++hosts_.at_once);
    }
    ~ScriptedSession() override {
        const std::lock_guard lock(hosts_.mutex);
        --hosts_.at_once;
    }
    ActionResult run(const std::string& operation, const Value& body, ActionEvents& events,
                     const Cancellation& cancellation) override {
        const Host host = hosts_.all[name_];
        if (operation == "facts") {
            Value told = Value::object();
            told.set("facts", host.facts);
            return {host.facts_end, host.facts_end == JobResult::End::done ? "" : "the pipe broke", told};
        }
        {
            const std::lock_guard lock(hosts_.mutex);
            hosts_.ran.push_back(name_ + " " + operation);
            hosts_.bodies.push_back(write_json(body));
        }
        for (int i = 0; !host.output.empty() && i < host.outputs; ++i)
            events.output("", OutputStream::out, host.output);
        if (!host.note.empty()) events.note(host.note);
        if (host.asks_late) ask_late();
        while (host.waits && !cancellation.cancelled()) (void)cancellation.wait_for(Milliseconds(1'000));
        if (cancellation.cancelled()) return {JobResult::End::cancelled, "", {}};
        return {JobResult::End::done, "", host.result};
    }

  private:
    void ask_late() {
        LateRequest asked;
        asked.states.push_back({StateId("vhosts"), Value::object()});
        std::string answer;
        try {
            answer = std::to_string(late_->piece(asked).outside);
        } catch (const Error& error) {
            answer = error.text();
        }
        const std::lock_guard lock(hosts_.mutex);
        hosts_.late_answers.push_back(answer);
    }
    Hosts& hosts_;
    const std::string name_;
    LateSource* late_;
};

// What they are told to do names the facts that it was made from.
struct FromFacts final : Preparer {
    Prepared prepare(const TargetId& target, const Value& facts) const override {
        if (target.text() == "broken") throw Error(ErrorKind::failed, "no secret key");
        Prepared prepared;
        prepared.body = facts;
        return prepared;
    }
    PreparedPiece late(const TargetId&, const LateRequest&, const Value& facts) const override {
        throw Error(ErrorKind::catalog, "of a " + facts.at("kernel").text());
    }
    Way way_to(const TargetId& target) const override {
        if (target.text() == "lost") return Preparer::way_to(target);
        return {target.text() + ".example.org", Value()};
    }
};

struct CarrierWorld {
    Hosts hosts;
    SystemClock clock;
    SeededRandom random;
    Mailbox mailbox;
    MemoryStore store;
    KeyTable keys;
    KeyDesk desk{store, keys, clock, silent_logger()};
    SigningKey online = SigningKey::generate();
    KeyEnvelopeSigner online_signer{online};
    LocalSigner signer{online_signer, random.bytes<ClusterId>(), 1, store, clock, random};
    Connections connections;
    FakeNet net;
    FakePool pool;
    FakeOperations operations;
    Workers compilers{2, silent_logger()};
    SessionCarrier carrier;
    Dispatch dispatch{{clock, net, store, keys, desk, signer, pool, carrier, operations, connections, silent_logger()},
                      {1, "keyset"}};

    explicit CarrierWorld(std::size_t sessions = 4)
        : carrier(
              sessions,
              [this](const Way& way, const JobId&, ContentSource&, LateSource* late, const Cancellation&) {
                  const std::string name = way.host.substr(0, way.host.find('.'));
                  if (const auto& closed = hosts.all[name].closed) throw Error(*closed);
                  return std::make_unique<ScriptedSession>(hosts, name, late);
              },
              mailbox, compilers, silent_logger()) {
        carrier.tell(dispatch);
    }
    // Known to the map before threads read it.
    Host& host(const std::string& name) {
        Host& host = hosts.all[name];
        host.facts.set("kernel", "Linux");
        return host;
    }
    JobId submit(const std::vector<std::string>& targets, const char* operation = "cmd") {
        NewJob job;
        job.row.id = JobId(random.bytes<JobId::Raw>());
        job.row.operation = operation;
        job.row.created_ms = clock.wall_ms();
        job.row.not_after_ms = job.row.created_ms + 600'000;
        for (const auto& name : targets) job.targets.push_back({TargetId(name), "", true});
        job.preparer = std::make_shared<FromFacts>();
        const auto id = job.row.id;
        dispatch.submit(std::move(job), [](const Error*) {});
        dispatch.settle();
        return id;
    }
    // The loop; the test has a time limit.
    void until(const std::function<bool()>& done) {
        while (!done()) {
            for (const auto& work : mailbox.take()) work();
            std::this_thread::yield();
        }
    }
    void until_ended(const JobId& job) {
        until([&] { return store.job(job)->ended; });
    }
    std::size_t begun() {
        const std::lock_guard lock(hosts.mutex);
        return hosts.ran.size();
    }
    JobTargetRow target(const JobId& job, const char* name) { return *store.job_target(job, TargetId(name)); }
};

}  // namespace

TEST_CASE("a host tells its facts, what it is to do is made from them, and it does it", "[carrier]") {
    CarrierWorld at;
    at.host("box1").output = "hello";
    at.host("box1").result.set("exit_code", 0);
    const auto job = at.submit({"box1"});
    at.until_ended(job);
    CHECK(at.target(job, "box1").end == TargetEnd::done);
    CHECK(at.hosts.ran == std::vector<std::string>{"box1 cmd"});
    CHECK(at.hosts.bodies == std::vector<std::string>{R"({"kernel":"Linux"})"});
    CHECK(at.store.facts(carried_key(TargetId("box1")))->facts == at.hosts.all["box1"].facts);
    CHECK(at.store.result(job, TargetId("box1"))->body == R"({"exit_code":0})");
    std::vector<std::string> kinds;
    for (const auto& row : at.store.events(job, 0, 100)) kinds.push_back(row.kind);
    CHECK(kinds == std::vector<std::string>{"accepted", "output", "target_ended", "job_ended"});
}

TEST_CASE("hosts that cannot be reached, or must not be, end with the reason while the others go on", "[carrier]") {
    CarrierWorld at;
    for (const char* name : {"box1", "dead", "refused", "cut", "broken", "lost"}) at.host(name);
    at.hosts.all["dead"].closed = Error(ErrorKind::unavailable, "Connection refused");
    at.hosts.all["refused"].closed = Error(ErrorKind::refused, "'known_hosts' may be written by others");
    at.hosts.all["cut"].facts_end = JobResult::End::interrupted;
    const auto job = at.submit({"box1", "dead", "refused", "cut", "broken", "lost"});
    at.until_ended(job);
    const auto told = [&](const char* name) {
        const auto row = at.target(job, name);
        return std::string(name_of(row.end)) + ": " + row.reason;
    };
    CHECK(told("box1") == "done: ");
    CHECK(told("dead") == "unreachable: Connection refused");
    CHECK(told("refused") == "refused: 'known_hosts' may be written by others");
    CHECK(told("cut") == "unreachable: the pipe broke");
    CHECK(told("broken") == "failed: no secret key");
    CHECK(told("lost") == "refused: the catalog does not say how it is reached without an agent");
    CHECK(at.hosts.ran == std::vector<std::string>{"box1 cmd"});
}

TEST_CASE("P1 nothing is begun on a host before that is durable", "[carrier]") {
    CarrierWorld at;
    at.host("box1");
    const auto job = at.submit({"box1"});
    at.store.hold();
    at.until([&] { return at.store.waiting() > 0; });
    CHECK(at.begun() == 0);
    at.store.hold(false);
    at.store.commit();
    at.until_ended(job);
    CHECK(at.begun() == 1);
}

TEST_CASE("no more sessions are open at once than may be, and those that wait are taken in order", "[carrier]") {
    CarrierWorld one(1);
    std::vector<std::string> names, expected;
    for (int i = 0; i < 20; ++i) {
        names.push_back("box" + std::to_string(10 + i));
        expected.push_back(names.back() + " cmd");
        one.host(names.back());
    }
    one.until_ended(one.submit(names));
    CHECK(one.hosts.ran == expected);
    CHECK(one.hosts.most_at_once == 1);

    CarrierWorld three(3);
    for (const auto& name : names) three.host(name);
    three.until_ended(three.submit(names));
    CHECK(three.hosts.ran.size() == 20);
    CHECK(three.hosts.most_at_once <= 3);
}

TEST_CASE("A7 a cancel stops what runs on a host and what waits for its turn", "[carrier]") {
    CarrierWorld at(1);
    at.host("box1").waits = true;
    at.host("box2");
    const auto job = at.submit({"box1", "box2"});
    at.until([&] { return at.begun() == 1; });
    at.dispatch.cancel(job, {}, {"bob", "socket"}, [](const Error*) {});
    at.dispatch.settle();
    CHECK(at.target(job, "box2").end == TargetEnd::cancelled);
    at.until_ended(job);
    CHECK(at.target(job, "box1").end == TargetEnd::cancelled);
    CHECK(at.target(job, "box1").reason == "cancelled by bob");
    CHECK(at.hosts.ran == std::vector<std::string>{"box1 cmd"});
}

TEST_CASE("S64 a result of more than 4 MiB is not taken from a host, nor facts of more than 256 KiB", "[carrier]") {
    CarrierWorld at;
    at.host("box1").result.set("text", std::string(5u << 20, 'x'));
    at.host("box2").facts.set("text", std::string(300u << 10, 'x'));
    const auto job = at.submit({"box1", "box2"});
    at.until_ended(job);
    CHECK(at.target(job, "box1").end == TargetEnd::failed);
    CHECK(at.target(job, "box1").reason == "its result is 5.0 MiB, and at most 4.0 MiB are taken");
    CHECK(at.store.result(job, TargetId("box1"))->body == "{}");
    CHECK(at.target(job, "box2").reason == "its facts are 300.0 KiB, and at most 256.0 KiB are taken");
    CHECK_FALSE(at.store.facts(carried_key(TargetId("box2"))));
}

TEST_CASE("S6 a host that tells no facts gets nothing to do", "[carrier]") {
    CarrierWorld at;
    at.hosts.all["box1"].facts = Value("Linux");
    at.hosts.all["box2"].facts = Value();
    const auto job = at.submit({"box1", "box2"});
    at.until_ended(job);
    CHECK(at.target(job, "box1").end == TargetEnd::failed);
    CHECK(at.target(job, "box2").end == TargetEnd::failed);
    CHECK(at.target(job, "box2").reason == "what it tells of itself makes no sense");
    CHECK(at.begun() == 0);
}

TEST_CASE("a host that tells faster than the loop takes it is not read from meanwhile", "[carrier]") {
    CarrierWorld at;
    at.host("box1").output = std::string(1u << 20, 'x');
    at.host("box1").outputs = 50;
    const auto job = at.submit({"box1"});
    at.until([&] { return at.begun() == 1; });
    std::size_t most = 0;
    at.until([&] {
        const auto work = at.mailbox.take();
        most = std::max(most, work.size());
        for (const auto& one : work) one();
        return at.store.job(job)->ended;
    });
    CHECK(most <= 130);  // of 32 KiB each, and its end; 1,600 in all
}

TEST_CASE("a late state is compiled from the facts that its host told, and why there is none is said to it",
          "[carrier]") {
    CarrierWorld at;
    at.host("box1").asks_late = true;
    at.until_ended(at.submit({"box1"}, "states"));
    CHECK(at.hosts.late_answers == std::vector<std::string>{"of a Linux"});
}

TEST_CASE("what people should know while they wait is told as a line of errors, as agents tell it", "[carrier]") {
    CarrierWorld at;
    at.host("box1").note = "waiting for job 01jd8zk4q2";
    const auto job = at.submit({"box1"});
    at.until_ended(job);
    const auto events = at.store.events(job, 0, 100);
    REQUIRE(events.size() == 4);
    CHECK(events[1].body.at("stream").text() == "stderr");
    CHECK(events[1].body.at("base64").text() == to_base64("waiting for job 01jd8zk4q2\n"));
}

TEST_CASE("P26 a master that stops leaves its sessions at once, and tells nothing of them any more", "[carrier]") {
    MemoryStore* store = nullptr;
    auto at = std::make_unique<CarrierWorld>(1);
    at->host("box1").waits = true;
    at->host("box2");
    const auto job = at->submit({"box1", "box2"});
    at->until([&] { return at->begun() == 1; });
    at->mailbox.close();
    store = &at->store;
    CHECK(store->job_target(job, TargetId("box1"))->phase == TargetPhase::running);
    CHECK(store->job_target(job, TargetId("box2"))->phase == TargetPhase::waiting);
    at.reset();  // would wait for ever where a session went on
}
