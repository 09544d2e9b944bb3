// prove-cli schedules, as typed, to a master's API that answers as it was told to; and without one.
#include <catch2/catch.hpp>

#include "tests/support/catalog_on_disk.hpp"
#include "tests/unit/master/cli/typed.hpp"

using namespace prove;
using namespace prove::test;
using Catch::Matchers::Contains;

TEST_CASE("schedules list shows what runs where and when, when it is next, and what holds it", "[cli][schedules]") {
    Typed cli;
    CHECK(cli({"schedules", "list"}).out ==
          "SCHEDULE  RUNS          ON    WHEN                                    TARGETS  NEXT                  PAUSED\n"
          "nightly   states apply  web*  at '0 3 * * *' UTC, spread over 30 min  2        2027-01-15 10:00 UTC  web1: moving racks "
          "(alice, until 2027-01-15 10:00 UTC)\n");
    CHECK(read_json(cli({"--output", "json", "schedules", "list"}).out).at("name").text() == "nightly");
}

TEST_CASE("schedules show has its limits, and for each target whose clock it is, its delay, its next time and its last",
          "[cli][schedules]") {
    Typed cli;
    const Ran ran = cli({"schedules", "show", "nightly"});
    CHECK(ran.out ==
          "nightly  states apply on web*  (schedules.yml:2:3)\n"
          "  keep them\n"
          "  at '0 3 * * *' UTC, spread over 30 min\n"
          "  changes only within mon-fri 22:00-04:00 (UTC); at most 50 targets at once; given up after 1 h; until 2030-03-17 17:46 UTC\n"
          "\n"
          "TARGET  CLOCK OF  BEGINS AFTER  NEXT                  LAST                                            PAUSED\n"
          "web1    agent     12 min        2027-01-15 10:12 UTC  never\n"
          "web2    master    0 ms          2027-01-15 10:00 UTC  done, of 2027-01-15 07:00 UTC (job 01jd8zk400)\n");
}

TEST_CASE("schedules run asks for what the schedule does, on its targets or some of them, as a job of who asks",
          "[cli][schedules]") {
    Typed cli;
    cli.master.tell("target_ended", "web1", read_json(R"({"end": "done"})"));
    cli.master.tell("job_ended");
    CHECK(cli({"schedules", "run", "nightly", "--detach"}).code == 0);
    CHECK(cli.asked() == R"(states.apply: submit states web* {"mode":"apply"})");
    CHECK(cli({"schedules", "run", "nightly", "web1,web2", "--detach"}).code == 0);
    CHECK(cli.asked() == R"(states.apply: submit states (web*) and (web1,web2) {"mode":"apply"})");
}

TEST_CASE("schedules run of more targets than the schedule has at once wants to be told that this is meant", "[cli][schedules]") {
    Typed cli;
    cli.master.at_once = 2;
    const Ran ran = cli({"schedules", "run", "nightly", "--detach"});
    CHECK(ran.code == 2);
    CHECK_THAT(ran.err, Contains("schedule 'nightly' runs on at most 2 targets at once, and this means 3; say which ones with EXPR, "
                                 "or --all-at-once"));
    CHECK(cli({"schedules", "run", "nightly", "--detach", "--all-at-once"}).code == 0);
}

TEST_CASE("schedules pause and resume mean the whole schedule, or some targets of it", "[cli][schedules][pauses]") {
    Typed cli;
    CHECK(cli({"schedules", "pause", "nightly", "--for", "3d", "--why", "holidays"}).code == 0);
    CHECK(cli.asked() == "schedules.write: pause * nightly 259200000 holidays");
    CHECK(cli({"schedules", "resume", "nightly"}).code == 0);
    CHECK(cli.asked() == "schedules.write: resume * nightly");
    CHECK(cli({"schedules", "pause", "nightly", "web*", "--for", "3d", "--why", "holidays"}).code == 0);
    CHECK(cli.asked() == "schedules.write: pause web* nightly 259200000 holidays");
    CHECK(cli({"schedules", "pause", "nightly"}).code == 2);
}

TEST_CASE("without a master schedules show what the catalog says, and when each target begins", "[cli][schedules]") {
    const CatalogOnDisk disk{{"targets.yml", "targets: [{name: web1}]\n"},
                             {"schedules.yml", "schedules:\n  hourly: {targets: 'web*', run: cmd, cmd: uptime, every: 1h, splay: 5m}\n"}};
    CHECK(run({"--catalog", disk.path(), "schedules", "list"}).out ==
          "SCHEDULE  RUNS        ON    WHEN\n"
          "hourly    cmd uptime  web*  every 1 h, spread over 5 min\n");
    const Ran shown = run({"--catalog", disk.path(), "schedules", "show", "hourly"});
    CHECK_THAT(shown.out, Contains("hourly  cmd uptime on web*  (schedules.yml:2:3)\n  every 1 h, spread over 5 min\n"));
    CHECK_THAT(shown.out, Contains("\nweb1    agent     "));
    const Ran missing = run({"--catalog", disk.path(), "schedules", "show", "hurly"});
    CHECK(missing.code == 2);
    CHECK_THAT(missing.err, Contains("there is no schedule 'hurly'; did you mean 'hourly'?"));
}
