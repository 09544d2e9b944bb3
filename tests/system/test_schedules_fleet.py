"""Schedules on real hosts with systemd: drift made by hand is mended though nobody starts anything, a host goes down in the
middle of a run, and a paused host says so itself.
"""
import time
import unittest

from fleet_hosts import needs_hosts
from harness import until
from scheduled_fleet import ScheduledFleet

CONFIG = "/etc/nginx/conf.d/kept.conf"


@needs_hosts
class Scheduled(ScheduledFleet):
    hosts = 2
    catalog = "scheduled"

    def tearDown(self):
        self.schedule()

    def page(self, port=8080):
        return self.fleet.exec("h1", "curl", "--silent", f"http://127.0.0.1:{port}/", check=False).out

    def changes(self, runs):
        """What runs of states changed, and why: {(state, cause)}."""
        return {(state["state"], state.get("cause")) for run in runs for state in run.get("summary", {}).get("states", [])
                if state["outcome"] == "changed"}

    def test_drift_made_by_hand_is_mended_by_the_next_run_that_nobody_starts_and_is_told_as_drift(self):
        self.schedule(enforce={"targets": "h1", "run": "states apply", "every": "4s", "splay": "0s"})
        until(lambda: "kept by Prove" in self.page(), 30, "the first run")
        until(lambda: self.history("h1") and self.history("h1")[-1].get("end") == "done", 20, "the first run ended")
        self.assertIn(("conf", "intended"), self.changes(self.history("h1")))
        before = {run["job"] for run in self.history("h1")}

        self.fleet.shell("h1", f"sed -i s/Prove/nobody/ {CONFIG} && systemctl stop nginx")
        until(lambda: self.fleet.exec("h1", "systemctl", "is-active", "nginx", check=False).code == 0
              and "kept by Prove" in self.page(), 30, "both are mended")
        new = until(lambda: (lambda runs: runs if {("conf", "drift"), ("nginx", "drift")} <= self.changes(runs) else None)(
            [run for run in self.history("h1") if run["job"] not in before]), 20, "the history has what was mended")
        self.assertEqual({"drift"}, {cause for _, cause in self.changes(new)})
        self.assertEqual({("enforce", "done")}, {(run["schedule"], run["end"]) for run in new if "end" in run})
        self.assertRegex(self.master.cli("history", "h1").out, r"schedule enforce")
        drift = self.master.cli("drift").out
        self.assertRegex(drift, r"~ conf  states/nginx.yml:1:1\n +h1: mended, found")
        self.assertIn("|-    return 200 \"kept by nobody", drift)
        self.assertRegex(drift, r"~ nginx  states/nginx.yml:6:1\n +h1: mended, found")
        slots = self.slots("h1", "enforce")
        self.assertEqual(sorted(set(slots)), slots)

    def goes_down_in_the_middle(self, go_down):
        """Has h2 go down while a run goes on. Gives that run, as the history has it when the host is back."""
        begun, boot = len(self.lines("h2", "/var/log/slow")), self.boot("h2")
        self.fleet.exec("h2", "touch", "/var/lib/take-long")
        until(lambda: self.fleet.exec("h2", "test", "-e", "/var/lib/take-long", check=False).code != 0, 30, "a run takes long")
        running = until(lambda: (lambda run: run if "end" not in run else None)(self.history("h2")[-1]), 10, "it is known to run")
        go_down()
        until(lambda: self.boot("h2") not in ("", boot), 60, "h2 is down, and up")
        until(lambda: self.connected("h2"), 60, "h2 is back")
        told = until(lambda: next((run for run in self.history("h2") if run["job"] == running["job"] and "end" in run), None),
                     20, "what became of it")
        until(lambda: self.history("h2")[-1]["slot_ms"] > told["slot_ms"] and self.history("h2")[-1].get("end") == "done", 30,
              "the next slot is run")
        self.assertIn("over", self.lines("h2", "/var/log/slow")[begun:])
        return told

    def test_a_host_that_goes_down_in_the_middle_of_a_run_says_so_and_goes_on_with_the_next_slot(self):
        self.schedule(slow={"targets": "h2", "run": "states apply", "every": "5s", "splay": "0s"})
        until(lambda: self.lines("h2", "/var/log/slow"), 30, "the first run")

        def power_cut():
            self.fleet.call("crash", "h2")
            self.fleet.call("start", "h2", timeout=300)

        def reboot():
            self.fleet.exec("h2", "systemctl", "reboot", check=False)

        cut = self.goes_down_in_the_middle(power_cut)
        self.assertEqual("interrupted", cut["end"], cut)
        stopped = self.goes_down_in_the_middle(reboot)
        self.assertEqual(("cancelled", True), (stopped["end"], "prove-agent was stopped" in stopped["reason"]), stopped)
        told = self.master.cli("history", "h2").out
        self.assertRegex(told, r"schedule slow +states apply +interrupted")
        self.assertRegex(told, r"schedule slow +states apply +cancelled")
        self.schedule()
        runs = self.history("h2", "slow")
        slots = [run["slot_ms"] for run in runs]
        self.assertEqual(sorted(set(slots)), slots, "no slot is there twice")
        begun = [run for run in runs if run["end"] != "refused"]     # a slot that came while a run went on
        lines = self.lines("h2", "/var/log/slow")
        self.assertEqual(len(begun), lines.count("begun"), "no slot was run twice")
        self.assertEqual(len(begun) - 2, lines.count("over"))

    def test_a_paused_host_says_by_whom_why_and_until_when(self):
        self.schedule(enforce={"targets": "h1", "run": "states apply", "every": "2s", "splay": "0s"})
        said = self.master.cli("pause", "h1", "--for", "2h", "--why", "moving racks").out
        until_when = said.split(" until ")[1].split(" by ")[0]
        status = until(lambda: (lambda text: text if "moving racks" in text else None)(self.fleet.exec("h1", "prove-agent", "status").out),
                       20, "h1 knows of its pause")
        self.assertRegex(status, rf"held: paused until {until_when} by \S+: moving racks")
        time.sleep(1)
        runs = len(self.history("h1"))
        time.sleep(5)
        self.assertEqual(runs, len(self.history("h1")))
        self.master.cli("resume", "h1")
        until(lambda: len(self.history("h1")) > runs, 20, "it goes on")
        self.assertNotIn("moving racks", self.fleet.exec("h1", "prove-agent", "status").out)


if __name__ == "__main__":
    unittest.main()
