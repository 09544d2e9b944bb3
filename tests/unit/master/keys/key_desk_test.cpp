// The states of a key, who moves it between them, and how an operator names one.
#include "master/keys/key_desk.hpp"

#include <catch2/catch.hpp>

#include "common/keys/keys.hpp"
#include "master/store/memory_store.hpp"
#include "tests/support/fake_clock.hpp"

using namespace prove;
using namespace prove::test;

namespace {

struct Desk {
    FakeClock clock;
    MemoryStore store;
    KeyTable table;
    KeyDesk desk{store, table, clock, silent_logger()};
    std::vector<std::string> lost;
    Decider alice{"alice", "socket uid 1000"};
    std::string outcome;
    KeyDesk::Done done = [this](const Error* error, const KeyRow& row) {
        outcome = error != nullptr ? error->text() : name_of(row.state);
    };

    Desk() {
        desk.on_lost([this](const KeyRow& row) { lost.push_back(row.fingerprint); });
    }
    KeyRow row(const std::string& name, KeyState state = KeyState::pending) {
        const auto sign = SigningKey::generate();
        KeyRow made;
        made.id = sign.key_id();
        made.sign = sign.public_key();
        made.transport = TransportKey::generate().public_key();
        made.name = TargetId(name);
        made.state = state;
        made.fingerprint = fingerprint_of(made.sign);
        made.first_seen_ms = made.last_seen_ms = clock.wall;
        return made;
    }
    KeyRow known(const std::string& name, KeyState state) {
        auto made = row(name, state);
        write_and_wait(store, {made});
        table.put(made);
        return made;
    }
    KeyState state(const KeyRow& of) const { return table.find(of.id)->state; }
};

}  // namespace

TEST_CASE("S24 a key waits until an operator accepts it, and only then its transport key is let in", "[keys]") {
    Desk desk;
    const auto key = desk.row("web1");
    desk.desk.pend(key);
    CHECK(desk.state(key) == KeyState::pending);
    CHECK_FALSE(desk.table.accepted(key.transport));
    desk.desk.accept(desk.alice, "web1", {}, false, desk.done);
    CHECK(desk.outcome == "accepted");
    CHECK(desk.table.accepted(key.transport) == std::optional(key.id));
    CHECK(desk.store.keys().front().decided_by == "alice");
    CHECK(desk.store.audit(0, 10).back().command == "keys.accept");
}

TEST_CASE("a name is waited for as long as a key that asks for it is not decided on", "[keys]") {
    Desk desk;
    auto one = desk.known("web1", KeyState::pending);
    const auto other = desk.known("web1", KeyState::pending);
    desk.table.put(one);                             // seen once more
    one.state = KeyState::rejected;
    desk.table.put(one);
    CHECK(desk.table.is_waiting(TargetId("web1")));
    desk.table.drop(other.id);
    CHECK_FALSE(desk.table.is_waiting(TargetId("web1")));
    CHECK_FALSE(desk.table.is_waiting(TargetId("web2")));
}

TEST_CASE("a key is not let in before its acceptance is durable", "[keys]") {
    Desk desk;
    const auto key = desk.known("web1", KeyState::pending);
    desk.store.hold();
    desk.desk.accept(desk.alice, "web1", {}, false, desk.done);
    CHECK_FALSE(desk.table.accepted(key.transport));
    desk.store.commit();
    CHECK(desk.table.accepted(key.transport));
}

TEST_CASE("S2 an acceptance that cannot be stored lets nobody in", "[keys]") {
    Desk desk;
    const auto key = desk.known("web1", KeyState::pending);
    desk.store.fail_with(Error(ErrorKind::full, "no space left"));
    desk.desk.accept(desk.alice, "web1", {}, false, desk.done);
    CHECK(desk.outcome == "no space left");
    CHECK_FALSE(desk.table.accepted(key.transport));
}

TEST_CASE("S68 a revocation counts at once, whatever the disk says", "[keys]") {
    Desk desk;
    const auto key = desk.known("web1", KeyState::accepted);
    desk.store.fail_with(Error(ErrorKind::full, "no space left"));
    desk.desk.revoke(desk.alice, "web1", desk.done);
    CHECK_FALSE(desk.table.accepted(key.transport));
    CHECK(desk.lost == std::vector{key.fingerprint});
    CHECK(desk.outcome == "no space left");
}

TEST_CASE("S68 a revocation that found no space can be asked for again, and then survives a restart", "[keys]") {
    Desk desk;
    const auto key = desk.known("web1", KeyState::accepted);
    desk.store.fail_with(Error(ErrorKind::full, "no space left"));
    desk.desk.revoke(desk.alice, "web1", desk.done);
    desk.store.fail_with(std::nullopt);
    desk.desk.revoke(desk.alice, "web1", desk.done);
    CHECK(desk.outcome == "revoked");
    CHECK(desk.store.keys().at(0).state == KeyState::revoked);
    CHECK_THROWS_WITH(desk.desk.revoke(desk.alice, key.fingerprint, desk.done), Catch::Contains("is revoked"));
}

TEST_CASE("a revoked key is revoked for ever", "[keys]") {
    Desk desk;
    const auto key = desk.known("web1", KeyState::revoked);
    CHECK_THROWS_WITH(desk.desk.accept(desk.alice, key.fingerprint, {}, false, desk.done), Catch::Contains("final"));
    desk.desk.pend(key);
    CHECK(desk.state(key) == KeyState::revoked);
}

TEST_CASE("only a pending key is rejected, only an accepted one revoked", "[keys]") {
    Desk desk;
    desk.known("a", KeyState::accepted);
    desk.known("p", KeyState::pending);
    CHECK_THROWS_AS(desk.desk.reject(desk.alice, "a", desk.done), Error);
    CHECK_THROWS_AS(desk.desk.revoke(desk.alice, "p", desk.done), Error);
    desk.desk.reject(desk.alice, "p", desk.done);
    CHECK(desk.outcome == "rejected");
}

TEST_CASE(
    "S13 a name belongs to one key: a second one is accepted only in its place, and the old one is refused at once",
    "[keys]") {
    Desk desk;
    const auto old = desk.known("web1", KeyState::accepted);
    const auto rebuilt = desk.row("web1");
    desk.desk.pend(rebuilt);
    CHECK(desk.table.find(rebuilt.id)->note == "asks for the name of key " + old.fingerprint);
    // E2: the name means the key that waits.
    CHECK_THROWS_WITH(desk.desk.accept(desk.alice, "web1", {}, false, desk.done), Catch::Contains("--replace"));
    desk.desk.accept(desk.alice, "web1", {}, true, desk.done);
    CHECK(desk.state(old) == KeyState::revoked);
    CHECK(desk.state(rebuilt) == KeyState::accepted);
    CHECK(desk.lost == std::vector{old.fingerprint});
    CHECK(desk.table.holder(TargetId("web1"))->id == rebuilt.id);
}

TEST_CASE("S70 a name that comes back with a new key does not bring the old key's facts", "[keys]") {
    Desk desk;
    const auto old = desk.known("web1", KeyState::accepted);
    FactsRow facts{old.id, 1, Value::object()};
    write_and_wait(desk.store, {facts});
    const auto rebuilt = desk.known("web1", KeyState::pending);
    desk.desk.accept(desk.alice, rebuilt.fingerprint, {}, true, desk.done);
    CHECK_FALSE(desk.store.facts(desk.table.holder(TargetId("web1"))->id));
}

TEST_CASE("an operator may accept a key under another name than it asked for", "[keys]") {
    Desk desk;
    desk.known("localhost", KeyState::pending);
    desk.desk.accept(desk.alice, "localhost", TargetId("web1"), false, desk.done);
    CHECK(desk.table.holder(TargetId("web1")));
    CHECK_FALSE(desk.table.holder(TargetId("localhost")));
}

TEST_CASE("S13 names that could be mistaken for something else are refused", "[keys]") {
    const auto bad = GENERATE(as<std::string>(), "", "Web1", "web 1", "../etc", "a/b", "-a", "a-", ".a", "a.", "a..b",
                              "wéb", "a\n", std::string(254, 'a'), std::string("a\0b", 3));
    CHECK_THROWS_AS(check_agent_name(bad), Error);
}

TEST_CASE("S13 ordinary host names are names", "[keys]") {
    const auto good = GENERATE(as<std::string>(), "a", "web1", "web-1.example.com", "a_b", "0", std::string(253, 'a'));
    CHECK_NOTHROW(check_agent_name(good));
}

TEST_CASE("S24 at most 1,000 keys wait, and what was not seen for a week goes", "[keys]") {
    Desk desk;
    for (int i = 0; i < 1'000; ++i) desk.desk.pend(desk.row("n" + std::to_string(i)));
    const auto one_more = desk.row("late");
    desk.desk.pend(one_more);
    CHECK_FALSE(desk.table.find(one_more.id));
    desk.clock.pass(Milliseconds(8LL * 24 * 3600 * 1000));
    desk.desk.drop_old();
    CHECK(desk.table.all().empty());
    CHECK(desk.store.keys().empty());
}

TEST_CASE("a key is named by its fingerprint, its beginning, or its id", "[keys]") {
    Desk desk;
    const auto key = desk.known("web1", KeyState::pending);
    desk.known("web2", KeyState::pending);
    CHECK(desk.table.select(key.fingerprint).id == key.id);
    CHECK(desk.table.select(key.fingerprint.substr(0, 11)).id == key.id);
    CHECK(desk.table.select(key.id.hex()).id == key.id);
    CHECK_THROWS_AS(desk.table.select(key.fingerprint.substr(0, 4)), Error);  // too short to mean a key
    CHECK_THROWS_WITH(desk.table.select("nobody"), Catch::Contains("no key is named 'nobody'"));
    CHECK_THROWS_AS(desk.table.select(""), Error);
}

TEST_CASE("two keys that wait for one name have to be told apart by their fingerprints", "[keys]") {
    Desk desk;
    const auto one = desk.known("web1", KeyState::pending), two = desk.known("web1", KeyState::pending);
    CHECK_THROWS_WITH(desk.table.select("web1"), Catch::Contains(one.fingerprint) && Catch::Contains(two.fingerprint));
}

TEST_CASE("S56 a key in conflict that is accepted again starts with whoever says hello next", "[keys]") {
    Desk desk;
    const auto key = desk.known("web1", KeyState::accepted);
    write_and_wait(desk.store, {AgentRow{key.id, "j", 50, {"i"}, "", "", 0, 0}});
    desk.desk.conflict(key.id, "two machines");
    CHECK(desk.state(key) == KeyState::conflict);
    CHECK(desk.lost == std::vector{key.fingerprint});
    desk.desk.accept(desk.alice, "web1", {}, false, desk.done);
    CHECK(desk.outcome == "accepted");
    CHECK(desk.store.agent(key.id)->counter == 0);
    CHECK(desk.store.agent(key.id)->journal.empty());
}

TEST_CASE("S68 a key that is revoked while its acceptance is being stored stays revoked", "[keys]") {
    Desk desk;
    const auto key = desk.known("web1", GENERATE(KeyState::conflict, KeyState::accepted));
    desk.store.hold();
    std::string accepted;
    desk.desk.accept(desk.alice, "web1", {}, false,
                     [&](const Error* error, const KeyRow&) { accepted = error != nullptr ? error->text() : "accepted"; });
    desk.desk.revoke(desk.alice, "web1", desk.done);
    desk.store.commit(1);
    CHECK_FALSE(desk.table.accepted(key.transport));
    CHECK_THAT(accepted, Catch::Contains("became revoked while this was being stored"));
    SECTION("when both are stored") {
        desk.store.commit();
        CHECK(desk.outcome == "revoked");
        CHECK(desk.store.keys().at(0).state == KeyState::revoked);
    }
    SECTION("when only the acceptance found space") {
        desk.store.fail_with(Error(ErrorKind::full, "no space left"));
        desk.store.commit();
        CHECK(desk.outcome == "no space left");
    }
    CHECK_FALSE(desk.table.accepted(key.transport));
    CHECK(desk.state(key) == KeyState::revoked);
}

TEST_CASE("S56 a key that two machines turn out to use while a new name for it is being stored is in conflict",
          "[keys]") {
    Desk desk;
    const auto key = desk.known("web1", KeyState::accepted);
    desk.store.hold();
    desk.desk.accept(desk.alice, "web1", TargetId("web2"), false, desk.done);
    desk.desk.conflict(key.id, "a copied machine");
    desk.store.commit();
    CHECK_THAT(desk.outcome, Catch::Contains("became conflict"));
    CHECK(desk.state(key) == KeyState::conflict);
    CHECK(desk.store.keys().at(0).state == KeyState::conflict);
}

TEST_CASE("a key is decided on once at a time, and asking again meanwhile does not make it wait anew", "[keys]") {
    Desk desk;
    const auto key = desk.known("web1", KeyState::pending);
    desk.clock.pass(Milliseconds(120'000));
    desk.store.hold();
    desk.desk.accept(desk.alice, "web1", {}, false, desk.done);
    CHECK_THROWS_WITH(desk.desk.reject(desk.alice, "web1", desk.done), Catch::Contains("just being stored"));
    CHECK_THROWS_WITH(desk.desk.accept(desk.alice, "web1", {}, false, desk.done), Catch::Contains("just being stored"));
    std::string by_token;
    desk.desk.accept_by_token(key, TokenRow{}, [&](const Error* error, const KeyRow&) {
        by_token = error != nullptr ? error->text() : "accepted";
    });
    CHECK_THAT(by_token, Catch::Contains("just being stored"));
    desk.desk.pend(key);
    desk.store.commit();
    CHECK(desk.store.keys().at(0).state == KeyState::accepted);
    CHECK(desk.state(key) == KeyState::accepted);
    desk.store.hold(false);
    desk.desk.revoke(desk.alice, "web1", desk.done);
    CHECK(desk.outcome == "revoked");
}

TEST_CASE("keys and tokens are known again after a restart", "[keys]") {
    Desk desk;
    const auto key = desk.known("web1", KeyState::accepted);
    TokenRow token;
    token.id = "00";
    desk.desk.add_token(desk.alice, token, [](const Error*) {});
    KeyTable table;
    const KeyDesk again(desk.store, table, desk.clock, silent_logger());
    CHECK(table.accepted(key.transport));
    CHECK(again.token("00"));
}

TEST_CASE("S89 who made a join token, and for which names, is in the audit log in the same transaction", "[keys]") {
    Desk desk;
    TokenRow token;
    token.id = "0123";
    token.pattern = "web*";
    desk.store.hold();
    desk.desk.add_token(desk.alice, token, [](const Error*) {});
    CHECK(desk.store.audit(0, 10).empty());
    CHECK(desk.desk.token("0123") == nullptr);
    desk.store.commit();
    REQUIRE(desk.store.audit(0, 10).size() == 1);
    const auto record = desk.store.audit(0, 10).front();
    CHECK(record.who == desk.alice.who);
    CHECK(record.command == "tokens.make");
    CHECK(record.detail == "token 0123 for names like web*");
    CHECK(desk.desk.token("0123") != nullptr);
}
