"""Schedules for targets with `executor: ssh`: the master keeps their clock, on a real sshd."""
import sqlite3
import time
import unittest

from harness import until
from prove_master import Master
from ssh_hosts import SshHost, give_keys, needs_sshd


@needs_sshd
class TheMastersClock(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = SshHost()
        cls.addClassCleanup(cls.host.stop)

    def setUp(self):
        self.master = Master()
        self.addCleanup(self.master.stop)
        give_keys(self.host, self.master)
        self.greeting = self.host.home("plain") / "scheduled"
        self.greeting.unlink(missing_ok=True)

    def start(self, schedule):
        self.master.write("targets.yml", f"targets:\n  - {{name: box1, host: 127.0.0.1, executor: ssh, states: [main], "
                                         f"ssh: {{user: plain, port: {self.host.port}}}}}\n")
        self.master.write("states/main.yml", f"greeting: [{{fn: file.managed, path: {self.greeting}, content: hello}}]\n")
        self.master.write("schedules.yml", f"schedules:\n  often: {{targets: 'box*', {schedule}}}\n")
        self.master.start()

    def runs(self):
        """Of each slot that a job was made for: how many, by the database."""
        with sqlite3.connect(f"file:{self.master.folder}/master/prove.db?mode=ro", uri=True) as database:
            return dict(database.execute("SELECT slot_ms, count(*) FROM jobs WHERE schedule = 'often' GROUP BY slot_ms"))

    def last(self):
        return self.master.json("schedules", "show", "often")[0]["on"][0].get("last", {})

    def mended(self):
        self.greeting.unlink(missing_ok=True)
        until(self.greeting.exists, 30, "that the file is there again")

    def test_it_enforces_without_anybody_and_goes_on_after_the_master_was_killed(self):
        self.start("run: states apply, every: 2s")
        self.mended()
        until(lambda: self.last().get("end") == "done", 20, "that the last run is shown as done")
        self.master.program.kill()
        self.greeting.unlink()
        time.sleep(5)
        self.master.start()
        self.mended()
        counts = self.runs()
        self.assertGreaterEqual(len(counts), 2)
        self.assertEqual({1}, set(counts.values()), "no slot is run twice")

    def test_a_pause_holds_it_with_its_reason_until_it_is_resumed_and_operators_go_on(self):
        self.start("run: states apply, every: 2s")
        self.mended()
        self.master.cli("pause", "box1", "--for", "1h", "--why", "moving racks")
        until(lambda: "moving racks" in self.last().get("note", ""), 20, "that a slot was held")
        self.greeting.unlink(missing_ok=True)
        before = self.runs()
        time.sleep(5)
        self.assertEqual(before, self.runs())
        self.assertFalse(self.greeting.exists())
        for command in (["targets"], ["schedules", "list"], ["schedules", "show", "often"], ["pauses"]):
            self.assertIn("moving racks", self.master.cli(*command).out)
        applied = self.master.cli("states", "apply", "box1")
        self.assertIn("'box1' is paused until", applied.err)
        self.assertTrue(self.greeting.exists())
        self.assertIn("goes on", self.master.cli("resume", "box1").out)
        self.mended()
        self.assertIn("schedules.pause", self.master.cli("audit", "list").out)

    def test_a_run_longer_than_its_interval_is_not_started_twice_and_that_is_said(self):
        self.start("run: cmd, cmd: 'sleep 6; date >> scheduled', every: 2s")
        until(lambda: "was still running" in self.last().get("note", ""), 30, "that a slot was not begun")
        self.assertEqual(1, len(self.runs()))
        until(lambda: len(self.runs()) > 1, 30, "that the next one is begun")

    def test_what_a_schedule_does_is_done_now_for_who_asks(self):
        self.start("run: states apply, cron: '0 0 1 1 *'")
        done = self.master.cli("schedules", "run", "often", "box1")
        self.assertIn("1 changed", done.out)
        self.assertEqual("hello", self.greeting.read_text())
        self.assertEqual({}, self.runs(), "it is a job like any other")


if __name__ == "__main__":
    unittest.main()
