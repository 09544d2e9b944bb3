// Who may do what.
#include "master/jobs/permit.hpp"

#include <catch2/catch.hpp>

#include <set>

#include "master/store/memory_store.hpp"
#include "tests/support/fake_clock.hpp"

using namespace prove;
using namespace prove::test;

namespace {

struct Door {
    MemoryStore store;
    FakeClock clock;
    Authorizer authorizer{{{0, 990}, {"prove"}}, store, clock};
    bool allows(const Caller& caller, Permission permission) {
        try {
            return authorizer.authorize(caller, permission, "web*").permission() == permission;
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::refused);
            return false;
        }
    }
};

}  // namespace

TEST_CASE("S71 S75 administrators may do everything, and nobody else anything", "[permit]") {
    Door door;
    const Caller root{0, "root", {}, ""}, runner{990, "prove", {}, ""}, member{1000, "alice", {"users", "prove"}, ""},
        stranger{1001, "mallory", {"users"}, ""}, nameless{1002, "", {}, ""};
    for (const auto permission : all_permissions()) {
        INFO(name_of(permission));
        CHECK(door.allows(root, permission));
        CHECK(door.allows(runner, permission));
        CHECK(door.allows(member, permission));
        CHECK_FALSE(door.allows(stranger, permission));
        CHECK_FALSE(door.allows(nameless, permission));
    }
}

TEST_CASE("S89 a denial is written down, with what was asked", "[permit]") {
    Door door;
    CHECK_THROWS_WITH(door.authorizer.authorize({1001, "mallory", {}, "socket uid 1001"}, Permission::cmd, "web*"),
                      Catch::Contains("mallory may not do cmd") && Catch::Contains("group prove"));
    const auto records = door.store.audit(0, 10);
    REQUIRE(records.size() == 1);
    CHECK(records[0].decision == "denied");
    CHECK(records[0].command == "cmd");
    CHECK(records[0].from == "socket uid 1001");
    CHECK(records[0].detail == "web*");
}

TEST_CASE("S5 a permit for one thing is none for another", "[permit]") {
    Door door;
    const auto permit = door.authorizer.authorize({0, "root", {}, ""}, Permission::keys_read, "");
    CHECK_NOTHROW(permit.expect(Permission::keys_read));
    CHECK_THROWS_AS(permit.expect(Permission::keys_write), Error);
}

TEST_CASE("S8 without administrators in the settings there are none", "[permit]") {
    Door door;
    Authorizer closed({{}, {}}, door.store, door.clock);
    CHECK_THROWS_AS(closed.authorize({0, "root", {""}, ""}, Permission::ping, ""), Error);
}

TEST_CASE("an agent may ask for runs of its own states and for nothing else", "[permit]") {
    Door door;
    for (const auto permission : all_permissions()) {
        const bool own = permission == Permission::states_plan || permission == Permission::states_apply;
        if (own)
            CHECK(door.authorizer.authorize_own_run(TargetId("web1"), permission).who() == "agent web1");
        else
            CHECK_THROWS_AS(door.authorizer.authorize_own_run(TargetId("web1"), permission), Error);
    }
}

TEST_CASE("S4 every permission has a name of its own", "[permit]") {
    std::set<std::string> names;
    for (const auto permission : all_permissions()) names.insert(name_of(permission));
    CHECK(names.size() == all_permissions().size());
    CHECK_FALSE(names.contains(""));
}
