"""A real host whose master is away for hours, and for longer than it may apply without it. Hours pass for the agent as in a
host that was suspended, or quickly: its clocks are libfaketime's, and so is the master's when it comes back.
"""
import time
import unittest

from fleet_hosts import Fleet, needs_hosts, packages
from harness import until
from prove_master import Master
from scheduled_fleet import ClockedFleet, clock_library

HOUR = 3_600_000
SLOT = HOUR // 2
QUICKLY = 1200          # a slot in 1.5 s
SITE = """
motd:
  - fn: file.managed
    path: /etc/motd
    content: "kept by Prove\\n"
page:
  - fn: file.managed
    path: /srv/page
    source: prove://page
names:
  - fn: cmd.read
    cmd: cat /srv/names
each:
  late: true
  requires: [names]
  fn: meta.block
  states:
% for name in results.names.stdout.split():
    ${name}:
      fn: file.managed
      path: /srv/of-${name}
      content: ${name}
% endfor
"""


class ClockedMaster(Master):
    """A master on a fleet's network whose clock is set by a file."""

    def __init__(self, fleet):
        def start(command, log):
            clock = [f"LD_PRELOAD={clock_library()}", f"FAKETIME_TIMESTAMP_FILE={self.clock}", "FAKETIME_CACHE_DURATION=1",
                     "FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1"]
            return fleet.start_on_master("env", *clock, *command, log=log)
        super().__init__(None, "10.77.0.1", start, "offline_days: 1\n")
        self.clock = self.folder / "clock"
        self.clock.write_text("+0\n")
        self.write("targets.yml", "targets: [{name: h1, states: [site]}]\n")
        self.write("files/page", "a page that is fetched\n" * 10_000)
        self.write("states/site.yml", SITE)
        self.start()


@needs_hosts
class WithoutMaster(ClockedFleet):
    hosts = 1
    also_boot = True

    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet(1)
        cls.addClassCleanup(cls.fleet.down)
        cls.master = ClockedMaster(cls.fleet)
        cls.addClassCleanup(cls.master.stop)
        packages()
        cls.join("h1")
        cls.fleet.shell("h1", "echo one two >/srv/names")

    def now(self):
        """What the agent takes for the time."""
        return self.status("h1")["schedules"]["time_ms"]

    def run_from(self, ahead_ms, speed=QUICKLY):
        """Starts the agent anew, so far ahead of the real time, with so quick a clock."""
        self.fleet.exec("h1", "systemctl", "stop", "prove-agent")
        self.set_clock("h1", f"+{ahead_ms / 1000:.3f} x{speed}")
        self.fleet.exec("h1", "systemctl", "start", "prove-agent")
        until(lambda: self.fleet.exec("h1", "prove-agent", "status", check=False).code == 0, 20, "the agent runs")

    def ahead(self):
        return self.now() - time.time() * 1000

    def last(self):
        return self.entries("h1")["enforce"].get("last", "")

    def motd(self):
        return self.fleet.read("h1", "/etc/motd")

    def by_hand(self):
        self.fleet.shell("h1", "echo by hand >/etc/motd")

    def slots_pass(self, count):
        end = self.now() + count * SLOT
        until(lambda: self.now() > end, 60, f"{count} slots pass")

    def test_the_host_is_kept_as_it_should_be_while_the_master_is_away_and_all_of_it_is_told_once_and_in_order(self):
        self.schedule(enforce={"targets": "h1", "run": "states apply", "every": "30m", "splay": "0s"})
        self.master.cli("states", "apply", "h1")
        self.assertEqual("two", self.fleet.read("h1", "/srv/of-two"))
        self.master.program.kill()

        self.run_from(0)
        self.by_hand()
        until(lambda: "kept by Prove" in self.motd(), 30, "drift is mended without the master")
        self.what_needs_the_master_is_held()
        status = until(lambda: (lambda text: text if "  last " in text else None)(self.fleet.exec("h1", "prove-agent", "status").out),
                       20, "a moment between two runs")
        self.assertRegex(status, r"(?m)^master +10\.77\.0\.1:\d+, (waiting|connecting) for .*\ntrouble +nobody answers at tcp://")
        self.assertRegex(status, r"(?m)^jobs +\d running, ([3-9]|\d\d) results not stored yet$")
        self.assertRegex(status, r"(?m)^schedule +enforce: states apply\n +last [-0-9]+ [0-9:]+ UTC: done")
        self.assertRegex(status, r"\n +next [-0-9]+ [0-9:]+ UTC\n")
        self.assertRegex(status, r"(?m)^without master +states may be applied until ")
        self.run_from(self.ahead() + 30 * HOUR)
        self.by_hand()
        self.slots_pass(2)
        self.assertEqual("by hand\n", self.motd(), "the time of what is kept is over")
        self.the_master_is_back()
        self.history_is_whole()
        self.assertRegex(self.master.cli("drift").out, r"~ motd .*\n +h1: open, first found")

        applied = self.master.cli("states", "apply", "h1").out
        self.assertNotIn("held", applied)
        self.assertEqual(("kept by Prove\n", "three"), (self.motd(), self.fleet.read("h1", "/srv/of-three")))
        self.assertIn("a page that is fetched", self.fleet.read("h1", "/srv/page"))

    def what_needs_the_master_is_held(self):
        self.fleet.shell("h1", "echo another >/srv/page; find /var/lib/prove-agent/cache -type f -size +100k -delete; echo one two three >/srv/names")
        self.by_hand()
        until(lambda: "kept by Prove" in self.motd(), 30, "all else is mended")
        self.slots_pass(2)
        self.assertEqual("another\n", self.fleet.read("h1", "/srv/page"))

    def the_master_is_back(self):
        ahead = self.ahead() + 5_000
        self.fleet.exec("h1", "systemctl", "stop", "prove-agent")
        self.master.clock.write_text(f"+{ahead / 1000:.3f}\n")
        self.master.start()
        self.run_from(ahead, 1)
        until(lambda: self.connected("h1") and self.status("h1")["results_waiting"] == 0, 60, "all is told")

    def history_is_whole(self):
        runs = [run for run in self.history("h1", "enforce") if run["from"] == "agent h1, by itself"]
        begun = self.fleet.shell("h1", "journalctl -u prove-agent | grep -c 'running without the master'").out
        self.assertEqual(int(begun), len(runs), "each is told once")
        self.assertEqual({"done"}, {run["end"] for run in runs}, "what is held is no failure")
        slots = [run["slot_ms"] for run in runs]
        steps = [after - before for before, after in zip(slots, slots[1:])]
        self.assertEqual(SLOT, min(steps), "they are told in their order")
        self.assertEqual(1, len([step for step in steps if step != SLOT]), "no slot is missing but those while it was suspended")
        for run in runs:
            self.assertLess(run["slot_ms"], run["accepted_ms"])
            self.assertLess(run["ended_ms"], run["slot_ms"] + SLOT)
            self.assertIn("run without the master: no connection to it for ", run["reason"])

        suspended = 1 + steps.index(max(steps))
        alone, over = runs[:suspended], runs[suspended:]
        self.assertEqual([("motd", "drift")] * 2, [(state["state"], state["cause"]) for run in alone
                                                   for state in run["summary"]["states"] if state["outcome"] == "changed"])
        self.assertEqual({"page", "each"}, {state["state"] for state in alone[-1]["summary"]["states"] if state["outcome"] == "held"})
        self.assertEqual(({"apply"}, {"plan"}), ({run["summary"]["mode"] for run in alone}, {run["summary"]["mode"] for run in over}))
        for run in over:
            self.assertRegex(run["reason"], "the states that are kept here may not be applied without it: this is only a plan")
        self.assertIn(("motd", "would_change"), [(state["state"], state["outcome"]) for state in over[-1]["summary"]["states"]])
        told = self.master.cli("history", "h1").out
        self.assertRegex(told, r"schedule enforce +states apply +1 changed, 2 held, 1 ok\n.*run without the master")


if __name__ == "__main__":
    unittest.main()
