"""Hosts that start with a clock that is hours wrong, and without a master that would tell them the time."""
import time
import unittest

from fleet_hosts import needs_hosts
from harness import until
from scheduled_fleet import ClockedFleet

AHEAD, BEHIND = "h1", "h2"
WRONG = {AHEAD: "+3h", BEHIND: "-3h"}


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
        """The slots that were run: by the agent itself, or as jobs of the master's."""
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
            for slots in (alone, asked):
                self.assertEqual(sorted(set(slots)), sorted(slots), f"no slot is run twice on {host}")
            self.assertEqual(len(alone + asked), len(set(self.lines(host, "/var/log/ticks"))))
            self.assertEqual(len(alone + asked), len(self.lines(host, "/var/log/ticks")))
            after = [slot for slot in asked if slot > right]
            self.assertEqual(list(range(after[0], after[-1] + 1, 20_000)), after)
            self.assertLess(after[0], right + 20_000)
        # The other host's quick clock ended minutes ahead, too, and those slots do not count either.
        self.assertEqual(set(), set(self.done(AHEAD, True)) & set(self.done(AHEAD, False)))
        self.assertEqual([3] * len(self.done(AHEAD, True)), [round((slot - begun) / 3_600_000) for slot in self.done(AHEAD, True)])
        self.assertGreater(min(self.done(BEHIND, True)), begun - 20_000, "time does not go back behind what the master told last")
        self.assertIn("slots that it had taken do not count", self.fleet.exec(AHEAD, "journalctl", "-u", "prove-agent").out)


if __name__ == "__main__":
    unittest.main()
