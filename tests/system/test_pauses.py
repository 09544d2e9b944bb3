"""Operators' hands on schedules that agents keep: paused and resumed, through the master's absence."""
import json
import time

from harness import until
from prove_master import LocalCase


class Paused(LocalCase):
    agents = ("a1", "a2")

    def setUp(self):
        super().setUp()
        self.files = {name: self.file(f"ticks-{name}") for name in self.agents}
        self.master.write("targets.yml", "targets: [{name: a1}, {name: a2}]\n")
        self.write({name: {"targets": name, "run": "cmd", "cmd": f"date >> {path}", "every": "2s", "splay": "0s"}
                    for name, path in self.files.items()})
        until(lambda: all(path.exists() for path in self.files.values()), 30, "that the schedules run")

    def tearDown(self):
        if not self.master.program.running():
            self.master.start()
        for pause in self.master.json("pauses"):
            self.cli("resume", pause["target"], *(["--schedule", pause["schedule"]] if "schedule" in pause else []))
        self.write({})
        until(lambda: not any(self.agent(name).status()["schedules"].get("entries") for name in self.agents), 20,
              "that the agents have no schedules any more")

    def write(self, schedules):
        self.master.write("schedules.yml", json.dumps({"schedules": schedules}))
        self.cli("catalog", "reload")

    def size(self, name):
        return self.files[name].stat().st_size

    def goes_on(self, name, seconds=30):
        before = self.size(name)
        until(lambda: self.size(name) > before, seconds, f"that {name} goes on")

    def stands_still(self, name, seconds=6):
        """It is held: nothing more comes in several intervals, once what had begun is over."""
        until(lambda: "moving racks" in self.agent(name).prove_agent("status", "--output", "json", check=False).out, 20,
              f"that {name} knows of its pause")
        time.sleep(2)
        before = self.size(name)
        time.sleep(seconds)
        self.assertEqual(before, self.size(name))

    def test_a_pause_holds_one_host_with_and_without_the_master_and_the_other_goes_on(self):
        self.cli("pause", "a1", "--for", "1h", "--why", "moving racks")
        self.stands_still("a1")
        self.goes_on("a2")
        self.assertIn("moving racks", self.cli("targets").out)
        self.assertIn("moving racks", self.cli("schedules", "show", "a1").out)
        self.assertIn("'a1' is paused until", self.cli("cmd", "a1", "--", "true").err)
        self.master.program.kill()
        self.stands_still("a1")
        self.agent("a1").restart()
        self.stands_still("a1")
        self.master.start()
        self.master.answers("a1")
        self.assertIn("'a1' goes on", self.cli("resume", "a1").out)
        self.goes_on("a1")

    def test_a_pause_ends_by_itself_also_where_nobody_is_left_to_end_it(self):
        self.cli("schedules", "pause", "a1", "--for", "15s", "--why", "moving racks")
        self.stands_still("a1", 4)
        self.goes_on("a2")
        self.goes_on("a1", 60)
        self.assertEqual([], self.master.json("pauses"))
