"""Enforcement by the clock: with the master and without it, through kills of both, on this machine."""
import json
import time

from harness import until
from prove_master import LocalCase


def schedule(**said):
    return json.dumps({"schedules": {"often": said}})


class Local(LocalCase):
    agents = ("a1",)

    def setUp(self):
        super().setUp()
        self.path = self.file("kept")
        self.master.write("states/site.yml", f"kept: [{{fn: file.managed, path: {self.path}, content: as it should be}}]\n")
        self.master.write("targets.yml", "targets: [{name: a1, states: [site]}]\n")

    def tearDown(self):
        (self.master.catalog / "schedules.yml").unlink(missing_ok=True)
        self.cli("catalog", "reload")
        until(lambda: not self.entries(), 20, "the agent has no schedules any more")

    def write_schedule(self, **said):
        self.master.write("schedules.yml", schedule(targets="a1", **said))
        self.cli("catalog", "reload")
        until(self.entries, 20, "the agent has its schedule")

    def entries(self):
        return self.agent("a1").status()["schedules"].get("entries")

    def runs(self):
        return [row for row in self.master.json("jobs", "list", "--scheduled", "--limit", "100")]

    def test_drift_is_mended_at_the_next_run_and_the_history_says_so(self):
        self.write_schedule(run="states apply", every="5s", splay="0s")
        until(self.path.exists, 30, "the first run")
        self.path.write_text("another")
        until(lambda: self.path.read_text() == "as it should be", 30, "it is mended")
        self.assertTrue(self.runs())

    def test_without_the_master_it_goes_on_and_tells_all_of_it_later_once(self):
        self.write_schedule(run="states apply", every="10s", splay="0s")
        until(self.path.exists, 30, "the first run")
        self.master.program.kill()
        self.path.write_text("another")
        until(lambda: self.path.read_text() == "as it should be", 120, "it is mended without the master")
        status = self.agent("a1").status()
        self.assertTrue(status["schedules"]["may_apply_until_ms"] > time.time() * 1000)
        self.assertEqual(status["kept_contents"], {"needed": 1, "here": 1, "without_room": 0})
        self.agent("a1").restart()
        self.master.start()
        until(lambda: self.agent("a1").connected() and self.agent("a1").status()["results_waiting"] == 0, 90, "all is told")
        alone = [row for row in self.runs() if "by itself" in json.dumps(row)]
        self.assertTrue(alone, self.runs())
        self.assertEqual(len({row["job"] for row in alone}), len(alone))
