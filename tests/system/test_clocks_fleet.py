"""Hosts whose clock is hours wrong: they go by the master's time, skip nothing, run nothing twice, and somebody is told."""
import datetime
import unittest

from fleet_hosts import needs_hosts
from harness import until
from scheduled_fleet import ClockedFleet

STEP = 4000
AHEAD, BEHIND = "h1", "h2"
THREE_HOURS = "(3 h|2 h 59 min)"
WRONG = {AHEAD: "+3h", BEHIND: "-3h"}


def window_at(hours):
    """Two hours of the day around so many hours from now."""
    middle = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return [f"{middle + datetime.timedelta(hours=-1):%H:%M}-{middle + datetime.timedelta(hours=1):%H:%M}"]


@needs_hosts
class WrongClocks(ClockedFleet):
    hosts = 2
    catalog = "scheduled"

    def ticks(self, host):
        return self.lines(host, "/var/log/ticks")

    def more_ticks(self, count):
        before = {host: len(self.ticks(host)) for host in WRONG}
        until(lambda: all(len(self.ticks(host)) >= before[host] + count for host in WRONG), 60, f"{count} more runs on each host")

    def test_a_clock_that_is_hours_wrong_and_is_put_right_skips_no_slot_and_doubles_none_and_windows_are_the_masters(self):
        tick = {"run": "cmd", "cmd": "echo $PROVE_JOB >>/var/log/ticks", "every": "4s", "splay": "0s"}
        there = {host: {**tick, "targets": host, "cmd": f"echo $PROVE_JOB >>/var/log/there"} for host in WRONG}
        self.schedule(tick={**tick, "targets": "*"},
                      here={**tick, "targets": "*", "cmd": "echo $PROVE_JOB >>/var/log/here", "windows": window_at(0)},
                      ahead={**there[AHEAD], "windows": window_at(3)}, behind={**there[BEHIND], "windows": window_at(-3)})
        self.more_ticks(2)
        for host, said in WRONG.items():
            self.set_clock(host, said)
        for host, differs in ((AHEAD, "ahead of"), (BEHIND, "behind")):
            until(lambda: abs(self.status(host)["clock_ahead_ms"]) > 3_600_000, 20, f"{host} has another clock")
            self.assertRegex(self.fleet.exec(host, "prove-agent", "status").out, rf"clock +{THREE_HOURS} {differs} the master's")
        clocks = until(lambda: (lambda wrong: wrong if len(wrong) == 2 else None)(self.master.json("status")[0]["wrong_clocks"]), 80,
                       "the master has heard of it with the next heartbeats", step=1)
        self.assertEqual({AHEAD: 3, BEHIND: -3}, {clock["target"]: round(clock["ahead_ms"] / 3_600_000) for clock in clocks})
        self.assertRegex(self.master.cli("status").out, rf"the clock of h1 is {THREE_HOURS} ahead of the master's\n +the clock of h2 is")
        self.assertRegex(self.master.cli("targets").out, rf"h2 +{THREE_HOURS} behind the master's")
        self.assertIn("an agent's clock is wrong", self.master.program.log())
        self.more_ticks(2)
        for host in WRONG:
            self.set_clock(host, "+0")
        self.more_ticks(3)
        self.schedule()
        for host in WRONG:
            for schedule, path in (("tick", "ticks"), ("here", "here")):
                runs = self.history(host, schedule)
                slots = [run["slot_ms"] for run in runs]
                self.assertEqual(list(range(slots[0], slots[-1] + STEP, STEP)), slots, f"{schedule} on {host}: each slot once")
                # On a machine that is busy a run may take longer than 4 s; the slot that came meanwhile is told as not started.
                self.assertLessEqual({run["end"] for run in runs}, {"done", "refused"})
                self.assertEqual([run["job"] for run in runs if run["end"] == "done"], self.lines(host, f"/var/log/{path}"))
            self.assertEqual([], self.lines(host, "/var/log/there"), "its own clock opens no window")


if __name__ == "__main__":
    unittest.main()
