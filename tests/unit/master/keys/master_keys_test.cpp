// The master's own keys, and the numbers that it signs with.
#include "master/keys/master_keys.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "common/files/files.hpp"
#include "master/keys/signer.hpp"
#include "master/store/memory_store.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

using namespace prove;
using namespace prove::test;

namespace {

struct Cluster {
    TemporaryFolder folder;
    FakeClock clock;
    SeededRandom random;
    std::string keys() const { return folder.path() + "/keys"; }
    void make() { MasterKeys::make(keys(), clock, random); }
    MasterKeys load() const { return MasterKeys::load(keys(), clock); }
};

struct Signing {
    FakeClock clock;
    SeededRandom random;
    MemoryStore store;
    SigningKey key = SigningKey::generate();
    KeyEnvelopeSigner online{key};
    LocalSigner make() { return LocalSigner(online, random.bytes<ClusterId>(), 1, store, clock, random); }
};

}  // namespace

TEST_CASE("S16 S17 init makes a cluster id and four keys, and a keyset that its own root key signed", "[master_keys]") {
    Cluster cluster;
    cluster.make();
    const auto keys = cluster.load();
    CHECK_FALSE(keys.cluster().is_zero());
    const auto keyset = read_keyset(keys.signed_keyset(), keys.roots(), keys.cluster());
    CHECK(keyset.version == 1);
    CHECK(keyset.online.front().key == keys.online().public_key());
    CHECK(keyset.transport == std::vector{keys.transport().public_key()});
    CHECK(keyset.enrol == keys.enrol().public_key());
    CHECK(keyset.roots.threshold == 1);
    CHECK(keyset.roots.keys.front() != keys.online().public_key());
}

TEST_CASE("what was made is loaded again the same, after a restart", "[master_keys]") {
    Cluster cluster;
    cluster.make();
    const auto first = cluster.load(), second = cluster.load();
    CHECK(first.cluster() == second.cluster());
    CHECK(first.fingerprint() == second.fingerprint());
    CHECK(first.signed_keyset() == second.signed_keyset());
}

TEST_CASE("keys that are there are never replaced by init", "[master_keys]") {
    Cluster cluster;
    cluster.make();
    CHECK_THROWS_WITH(cluster.make(), Catch::Contains("they are not replaced"));
}

TEST_CASE("an init that was cut short is made anew", "[master_keys]") {
    Cluster cluster;
    cluster.make();
    const auto before = cluster.load().fingerprint();
    remove_file(cluster.keys() + "/cluster");  // written last
    CHECK_FALSE(MasterKeys::exists_in(cluster.keys()));
    cluster.make();
    CHECK(cluster.load().fingerprint() != before);
}

TEST_CASE("S94 keys that others may read are refused", "[master_keys]") {
    Cluster cluster;
    cluster.make();
    SECTION("the folder") {
        REQUIRE(::chmod(cluster.keys().c_str(), 0755) == 0);
    }
    SECTION("the online key") {
        REQUIRE(::chmod((cluster.keys() + "/online.key").c_str(), 0644) == 0);
    }
    SECTION("the root key") {
        REQUIRE(::chmod((cluster.keys() + "/root.key").c_str(), 0640) == 0);
    }
    CHECK_THROWS_AS(cluster.load(), Error);
}

TEST_CASE("S2 a missing or changed key file stops the start", "[master_keys]") {
    Cluster cluster;
    cluster.make();
    SECTION("missing") {
        remove_file(cluster.keys() + "/online.key");
    }
    SECTION("another cluster's") {
        Cluster other;
        other.make();
        write_file_durably(cluster.keys() + "/online.key", read_whole_file(other.keys() + "/online.key"));
    }
    SECTION("a keyset of somebody else") {
        Cluster other;
        other.make();
        write_file_durably(cluster.keys() + "/keyset", read_whole_file(other.keys() + "/keyset"));
    }
    SECTION("no cluster id") {
        write_file_durably(cluster.keys() + "/cluster", "nonsense");
    }
    CHECK_THROWS_AS(cluster.load(), Error);
}

TEST_CASE("S18 a keyset that is about to expire is signed anew, one version up", "[master_keys]") {
    Cluster cluster;
    cluster.make();
    constexpr std::int64_t day = 24LL * 3600 * 1000;
    cluster.clock.pass(Milliseconds(200 * day));
    CHECK(cluster.load().keyset().version == 1);
    cluster.clock.pass(Milliseconds(100 * day));
    const auto renewed = cluster.load();
    CHECK(renewed.keyset().version == 2);
    CHECK(renewed.keyset().expires_ms > cluster.clock.wall + 300 * day);
    CHECK(renewed.keyset().online_key(renewed.online().key_id(), cluster.clock.wall) != nullptr);
    CHECK(cluster.load().keyset().version == 2);
}

TEST_CASE("S48 a sequence rises, and after a crash it skips numbers and repeats none", "[signer]") {
    MemoryStore store;
    std::uint64_t last = 0;
    for (int life = 0; life < 5; ++life) {
        Sequence sequence(store, "sequence.x", 0);
        for (int i = 0; i < 100; ++i) {
            const auto next = sequence.take();
            CHECK(next > last);
            last = next;
        }
    }
}

TEST_CASE("S48 no number is given out above what is durable", "[signer]") {
    MemoryStore store;
    Sequence sequence(store, "sequence.x", 0);
    const auto bound = std::stoull(*store.setting("sequence.x"));
    CHECK(sequence.take() <= bound);
    store.fail_with(Error(ErrorKind::full, "no space left"));
    std::uint64_t last = 0;
    CHECK_THROWS_AS(
        [&] {
            while (true) last = sequence.take();
        }(),
        Error);
    CHECK(last == bound);
}

TEST_CASE("P27 a database that was lost or set back does not bring old numbers back", "[signer]") {
    Signing signing;
    std::uint64_t before = 0;
    {
        auto signer = signing.make();
        before = signer.take_sequence();
    }
    signing.store = MemoryStore();
    signing.clock.pass(Milliseconds(60'000));
    CHECK(signing.make().take_sequence() > before);
}

TEST_CASE("P6 a master that finds no space for its next number says what is missing, and what to do", "[signer]") {
    MemoryStore store;
    store.fail_with(Error(ErrorKind::full, "cannot use the database: database or disk is full"));
    CHECK_THROWS_WITH(Sequence(store, "sequence.x", 0), Catch::Contains("make some on its file system and start again"));
}

TEST_CASE("S9 the signer refuses types that a master does not send, and lives that are too long", "[signer]") {
    Signing signing;
    auto signer = signing.make();
    Issue what;
    for (const auto type :
         {MessageType::hello, MessageType::result, MessageType::accepted, MessageType::enrol_request}) {
        what.type = type;
        CHECK_THROWS_AS(signer.issue(what, "{}"), Error);
    }
    what.type = MessageType::command;
    what.kind = AudienceKind::agent;
    what.sealed = true;
    what.not_after_ms = signing.clock.wall + 7LL * 24 * 3600 * 1000 + 1;
    CHECK_THROWS_AS(signer.issue(what, "{}"), Error);
    what.not_after_ms = signing.clock.wall + 60'000;
    CHECK_NOTHROW(signer.issue(what, "{}"));
}
