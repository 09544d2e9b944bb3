"""Hosts whose clock is hours wrong: they go by the master's time, skip nothing, run nothing twice, and somebody is told."""
import datetime
import time
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
                self.assertEqual({"done"}, {run["end"] for run in runs})
                self.assertEqual([run["job"] for run in runs], self.lines(host, f"/var/log/{path}"))
            self.assertEqual([], self.lines(host, "/var/log/there"), "its own clock opens no window")


@needs_hosts
class WrongClocksAfterAReboot(ClockedFleet):
    """Without a master's time there is only this machine's: until there is a master again. Time passes quickly meanwhile."""

    hosts = 2
    also_boot = True

    def boot_with_clock(self, said):
        boots = {host: self.boot(host) for host in WRONG}
        for host in WRONG:
            self.fleet.shell(host, f"echo '{said[host]}' >/etc/clock.next")
            self.fleet.exec(host, "systemctl", "reboot", check=False)
        for host in WRONG:
            until(lambda: self.boot(host) not in ("", boots[host]), 60, f"{host} is down, and up")

    def begun_alone(self, host):
        return int(self.fleet.shell(host, "journalctl -b -u prove-agent | grep -c 'running without the master'", check=False).out or 0)

    def told(self, host):
        return self.connected(host) and self.status(host)["results_waiting"] == 0

    def done(self, host, own):
        """The slots that were run, from the oldest to the newest: by the agent itself, or as jobs of the master's."""
        return [run["slot_ms"] for run in self.history(host, "tick") if run.get("end") == "done" and run["from"].endswith("by itself") == own]

    def test_a_host_that_starts_with_a_wrong_clock_and_no_master_runs_no_slot_twice_and_skips_none_when_it_is_put_right(self):
        self.schedule(tick={"targets": "*", "run": "cmd", "cmd": "echo $PROVE_JOB >>/var/log/ticks", "every": "20s", "splay": "0s"})
        begun = time.time() * 1000
        for host in WRONG:
            self.fleet.call("cut", host)
        self.boot_with_clock({host: f"{said} x30" for host, said in WRONG.items()})
        until(lambda: all(self.begun_alone(host) >= 5 for host in WRONG), 60, "they run by themselves")
        self.boot_with_clock({host: "+0" for host in WRONG})
        for host in WRONG:
            self.fleet.call("heal", host)
        until(lambda: all(self.told(host) for host in WRONG), 60, "they are back, and all is told")
        right = time.time() * 1000
        until(lambda: all(len([slot for slot in self.done(host, False) if slot > right]) >= 2 for host in WRONG), 90,
              "they go on by the master's time", step=0.5)
        self.schedule()
        for host in WRONG:
            alone, asked = self.done(host, True), self.done(host, False)
            self.assertEqual(len(alone + asked), len(set(alone + asked)), f"no slot is run twice on {host}: {alone} {asked}")
            self.assertEqual(len(alone + asked), len(set(self.lines(host, "/var/log/ticks"))))
            self.assertEqual(len(alone + asked), len(self.lines(host, "/var/log/ticks")))
            after = [slot for slot in asked if slot > right]
            self.assertEqual(list(range(after[0], after[-1] + 1, 20_000)), after)
            self.assertLess(after[0], right + 20_000)
        self.assertEqual([3] * len(self.done(AHEAD, True)), [round((slot - begun) / 3_600_000) for slot in self.done(AHEAD, True)])
        self.assertGreater(min(self.done(BEHIND, True)), begun - 20_000, "time does not go back behind what the master told last")
        self.assertIn("slots that it had taken do not count", self.fleet.exec(AHEAD, "journalctl", "-u", "prove-agent").out)


if __name__ == "__main__":
    unittest.main()
