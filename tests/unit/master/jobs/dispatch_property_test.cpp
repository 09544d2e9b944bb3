// Whatever order messages, losses, crashes and delays come in: every target ends once, numbers have no gaps, nothing is
// confirmed before it is durable, and no agent gets a job twice from a master that knows it took it.
#include <catch2/catch.hpp>

#include "tests/support/fake_agent.hpp"

using namespace prove;
using namespace prove::test;

namespace {

// An agent that does what agents do, but loses, delays and crashes as the seed says.
struct Player {
    FakeAgent agent;
    std::map<JobId, bool> journal;  // accepted -> finished
    std::map<JobId, int> executed;
    std::set<JobId> confirmed;
    bool connected = false;

    Player(MasterWorld& world, const std::string& name) : agent(world, name) {}

    std::vector<JobId> unfinished() const {
        std::vector<JobId> jobs;
        for (const auto& [job, finished] : journal)
            if (!confirmed.contains(job)) jobs.push_back(job);
        return jobs;
    }
};

// A host without an agent, and the sessions that go there: they live as long as the master does.
struct Carried {
    std::map<JobId, int> executed;
    std::set<JobId> asked, running;
    void master_died() {
        asked.clear();
        running.clear();
    }
};

class Game {
  public:
    explicit Game(std::uint64_t seed) : chance_(seed) {
        world_.random = SeededRandom(seed);
        for (int i = 0; i < 4; ++i) players_.push_back(std::make_unique<Player>(world_, "n" + std::to_string(i)));
        world_.store.hold();
    }

    void play(int moves) {
        for (int i = 0; i < moves; ++i) move();
    }
    // No more faults: everything that can end does.
    void calm() {
        for (int i = 0; i < 40; ++i) {
            for (auto& player : players_) {
                if (!player->connected) connect(*player);
                listen(*player);
                work(*player, true);
            }
            commit();
            for (auto& [name, host] : hosts_) carry_on(name, host, true);
            commit();
            world_.pass(15'000);
        }
        world_.pass(5'000'000);
        commit();
    }
    void check() {
        for (const auto& job : jobs_) {
            INFO("job " << job.text());
            REQUIRE(world_.store.job(job));
            CHECK(world_.store.job(job)->ended);
            std::size_t ends = 0;
            for (const auto& row : world_.store.job_targets(job)) {
                CHECK(row.phase == TargetPhase::ended);
                CHECK_FALSE((row.end != TargetEnd::done && row.reason.empty()));
            }
            const auto events = world_.store.events(job, 0, 10'000);
            for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i].number == i + 1);
            for (const auto& event : events) ends += event.kind == "target_ended";
            CHECK(ends == world_.store.job_targets(job).size());
        }
        for (const auto& player : players_)
            for (const auto& [job, times] : player->executed) CHECK(times == 1);
        for (const auto& [name, host] : hosts_)
            for (const auto& [job, times] : host.executed) CHECK(times == 1);
        CHECK_FALSE(first_bad_audit(world_.store));
    }

  private:
    bool likely(int percent) { return chance_.below(100) < static_cast<std::uint64_t>(percent); }
    Player& somebody() { return *players_[chance_.below(players_.size())]; }
    void commit() {
        while (world_.store.commit() > 0) world_.settle();
    }
    void connect(Player& player) {
        player.agent.reconnect(player.unfinished());
        player.connected = true;
    }
    void listen(Player& player) {
        for (const auto& got : player.agent.got()) {
            const auto job = got.header.job;
            switch (got.header.type) {
                case MessageType::announcement:
                    if (!player.journal.contains(job)) player.agent.fetch(job);
                    break;
                case MessageType::welcome:
                    for (const auto& pending : welcome_from(got.body()).pending) player.agent.fetch(pending);
                    break;
                case MessageType::command:
                    if (player.journal.contains(job)) break;  // at most once (S50)
                    player.journal[job] = false;
                    ++player.executed[job];
                    if (likely(80)) player.agent.accept(job);
                    break;
                case MessageType::stored:
                    // Nothing is confirmed before it is durable.
                    CHECK(world_.store.job_target(job, TargetId(player.agent.name()))->phase == TargetPhase::ended);
                    player.confirmed.insert(job);
                    break;
                default:
                    break;
            }
        }
    }
    // What the carrier does with its errands: asks whether it may begin, begins once it may, tells how it ended.
    void carry_on(const std::string& name, Carried& host, bool all) {
        for (const auto& errand : std::vector(world_.carrier.errands)) {
            const auto job = errand.job;
            if (errand.target.text() != name || host.asked.contains(job) || !(all || likely(60))) continue;
            host.asked.insert(job);
            if (!all && likely(15)) {
                world_.dispatch().carried_ended(job, errand.target, NotBegun{TargetEnd::unreachable, "no route"});
            } else {
                world_.dispatch().carried_begins(job, errand.target, Value::object(), [&host, job](bool yes) {
                    if (!yes) return;
                    ++host.executed[job];
                    host.running.insert(job);
                });
            }
            world_.settle();
        }
        for (const auto& job : std::set(host.running)) {
            if (!(all || likely(50))) continue;
            host.running.erase(job);
            Ran ran;
            ran.result.job = job;
            ran.result.body = Value::object();
            ran.body_text = "{}";
            world_.dispatch().carried_ended(job, TargetId(name), std::move(ran));
            world_.settle();
        }
    }
    void work(Player& player, bool all) {
        for (auto& [job, finished] : player.journal) {
            if (player.confirmed.contains(job) || !(all || likely(50))) continue;
            finished = true;
            if (likely(90) || all) player.agent.finish(job);
        }
    }
    void move() {
        auto& player = somebody();
        switch (chance_.below(12)) {
            case 0:
                jobs_.push_back(world_.submit({"n0", "n1", "n2", "n3"}, {"box0", "box1"}));
                commit();
                break;
            case 1:
                connect(player);
                break;
            case 2:
                if (player.connected) player.agent.vanish();
                player.connected = false;
                break;
            case 3:
            case 4:
                if (player.connected) listen(player);
                break;
            case 5:
                if (player.connected) work(player, false);
                break;
            case 6:
                commit();
                break;
            case 7:
                world_.pass(static_cast<std::int64_t>(chance_.below(20'000)));
                break;
            case 8:
                if (!jobs_.empty() && likely(30)) cancel(jobs_[chance_.below(jobs_.size())]);
                break;
            case 9:
            case 10: {
                auto& [name, host] =
                    *std::next(hosts_.begin(), static_cast<std::ptrdiff_t>(chance_.below(hosts_.size())));
                carry_on(name, host, false);
                break;
            }
            default:
                if (likely(20)) {
                    for (auto& [name, host] : hosts_) host.master_died();
                    world_.restart();
                    for (auto& one : players_) one->connected = false;
                }
        }
    }
    void cancel(const JobId& job) {
        try {
            world_.dispatch().cancel(job, {}, {"bob", "test"}, [](const Error*) {});
            world_.settle();
        } catch (const Error&) {
            // it has ended already
        }
    }

    MasterWorld world_;
    SeededRandom chance_;
    std::vector<std::unique_ptr<Player>> players_;
    std::map<std::string, Carried> hosts_{{"box0", {}}, {"box1", {}}};
    std::vector<JobId> jobs_;
};

}  // namespace

TEST_CASE("A1 every target that was meant ends in exactly one named way, whatever happens", "[property]") {
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        INFO("seed " << seed);
        Game game(seed);
        game.play(180);
        game.calm();
        game.check();
    }
}
