// prove-cli pause, resume and pauses, as typed, to a master's API that answers as it was told to.
#include <catch2/catch.hpp>

#include "tests/unit/master/cli/typed.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

TEST_CASE("pause says what is held, until when and why", "[cli][pauses]") {
    Typed cli;
    const Ran ran = cli({"pause", "web*", "--for", "2h", "--why", "moving racks"});
    CHECK(ran.code == 0);
    CHECK(cli.asked() == "schedules.write: pause web*  7200000 moving racks");
    CHECK(ran.out == "'web*' is paused until 2027-01-15 10:00 UTC by alice: moving racks\n  holds web1\n");
    const Ran one = cli({"--output", "json", "pause", "db1", "--schedule", "nightly", "--for", "30m", "--why", "upgrade"});
    CHECK(cli.asked() == "schedules.write: pause db1 nightly 1800000 upgrade");
    CHECK(read_json(one.out).at("schedule").text() == "nightly");
}

TEST_CASE("a pause wants a reason and an end, before anything is asked of the master", "[cli][pauses]") {
    Typed cli;
    CHECK_THAT(cli({"pause", "web1", "--why", "x"}).err, Contains("--for"));
    CHECK_THAT(cli({"pause", "web1", "--for", "2h"}).err, Contains("--why"));
    for (const char* time : {"soon", "0", "-1h", "2 h"}) {
        const Ran ran = cli({"pause", "web1", "--for", time, "--why", "x"});
        CHECK(ran.code == 2);
        CHECK_THAT(ran.err, Contains("--for"));
    }
    CHECK(cli.master.asked().empty());
}

TEST_CASE("resume says what goes on, and what was paused why", "[cli][pauses]") {
    Typed cli;
    CHECK(cli({"resume", "web*"}).out == "'web*' goes on; it was paused by alice: moving racks\n");
    CHECK(cli({"resume", "web*", "--schedule", "nightly"}).out ==
          "'web*' goes on with schedule nightly; it was paused by alice: moving racks\n");
    CHECK(cli.asked() == "schedules.write: resume web* nightly");
}

TEST_CASE("pauses lists what is held, and targets shows it where the host is", "[cli][pauses]") {
    Typed cli;
    CHECK(cli({"pauses"}).out ==
          "TARGETS  SCHEDULE  UNTIL                 WHO    WHY           HOLDS\n"
          "web*     all       2027-01-15 10:00 UTC  alice  moving racks  web1, web2\n");
    const Ran targets = cli({"targets"});
    CHECK_THAT(targets.out, Contains("PAUSED  WHY\n") &&
                                Contains("web1    nightly: moving racks (alice, until 2027-01-15 10:00 UTC)\n"));
}

TEST_CASE("targets shows whose clock is wrong", "[cli]") {
    Typed cli;
    CHECK_THAT(cli({"targets"}).out, Contains("\nTARGET  ITS CLOCK IS\nweb2    3 h behind the master's\n"));
}

TEST_CASE("drift says beside how hosts stand which of them are paused", "[cli][pauses]") {
    Typed cli;
    CHECK_THAT(cli({"drift"}).out, Contains("\n\n'web*' is paused until 2027-01-15 10:00 UTC by alice: moving racks\n"));
}

TEST_CASE("who starts something on a paused target is told of the pause, and it is started", "[cli][pauses]") {
    Typed cli;
    cli.master.tell("target_ended", "web1", read_json(R"({"end": "done"})"));
    cli.master.tell("job_ended");
    const Ran ran = cli({"cmd", "web1", "--shell", "uptime"});
    CHECK_THAT(ran.err, Contains("'web*' is paused until 2027-01-15 10:00 UTC by alice: moving racks") &&
                            Contains("it holds what schedules begin on web1; what you asked for goes on"));
    CHECK_THAT(cli({"ping", "web1"}).err, !Contains("paused"));
}
