"""History of a host, the status, and metrics: what was done on real agents is told, with why."""
import re
import unittest

from harness import until
from prove_master import Master


def states(text):
    return f"motd:\n  - fn: file.managed\n    path: {{}}/motd\n    content: '{text}'\nother:\n  - fn: file.managed\n    path: {{}}/other\n    content: x\n"


class History(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.master = Master()
        config = cls.master.config.read_text()
        cls.file = cls.master.folder / "prove-master.prom"
        cls.master.config.write_text(config + f"metrics_file: {cls.file}\n")
        cls.files = cls.master.folder / "files"
        cls.files.mkdir()
        cls.master.write("targets.yml", "targets:\n  - {name: web1, states: [site]}\n  - {name: web2, states: [site]}\n")
        cls.wants("hello")
        cls.master.start()
        cls.agent_file = cls.master.folder / "prove-agent.prom"
        cls.agent = cls.master.agent("web1", extra=f"metrics_file: {cls.agent_file}\n")

    @classmethod
    def tearDownClass(cls):
        cls.master.stop()

    @classmethod
    def wants(cls, text):
        cls.master.write("states/site.yml", states(text).format(cls.files, cls.files))

    def apply(self):
        return self.master.json("states", "apply", "web1")[-1]

    def test_1_history_names_what_changed_and_whether_it_was_intended_or_drift(self):
        self.apply()
        self.apply()
        (self.files / "motd").write_text("somebody was here\n")
        self.apply()
        self.wants("hello again")
        self.apply()
        runs = self.master.json("history", "web1")
        told = [[(state["state"], state["outcome"], state["cause"]) for state in run["summary"].get("states", [])]
                for run in runs if run["operation"] == "states"]
        self.assertEqual(told, [[("motd", "changed", "intended")], [("motd", "changed", "drift")], [],
                                [("motd", "changed", "intended"), ("other", "changed", "intended")]])
        text = self.master.cli("history", "web1").out
        self.assertRegex(text, r"~ motd  drift     file\.managed /.*/files/motd")
        notable = self.master.json("history", "web1", "--changes")
        self.assertEqual(len([run for run in notable if run["operation"] == "states"]), 3)

    def test_2_a_run_is_shown_with_its_diffs(self):
        drifted = next(run for run in self.master.json("history", "web1") if run.get("summary", {}).get("drift"))
        text = self.master.cli("history", "web1", drifted["job"][:10]).out
        self.assertIn("-somebody was here", text)
        self.assertIn("+hello", text)
        done = self.master.cli("history", "web2", drifted["job"][:10], check=False)
        self.assertEqual(done.code, 2)
        self.assertIn("had no target 'web2'", done.err)

    def test_3_the_history_of_a_name_that_nobody_has_is_an_error(self):
        done = self.master.cli("history", "wbe1", check=False)
        self.assertEqual(done.code, 2)
        self.assertIn("did you mean 'web1'?", done.err)

    def test_4_the_status_is_one_look(self):
        self.master.cli("ping", "web2", check=False)
        text = self.master.cli("status").out
        self.assertRegex(text, r"targets +1 connected, 1 unknown")
        self.assertRegex(text, r"web2  ping unreachable .* ago: ")
        status = self.master.json("status")[0]
        self.assertEqual(status["targets"], {"connected": 1, "unknown": 1})
        self.assertGreaterEqual(status["states_drifted"], 1)

    def test_5_metrics_say_the_same_through_the_socket_and_in_the_file(self):
        text = self.master.cli("metrics").out
        self.assertIn('prove_targets{executor="agent",status="connected"} 1\n', text)
        self.assertRegex(text, r'prove_runs_total\{operation="states",mode="apply",by="operator",end="done"\} \d+\n')
        self.assertRegex(text, r'prove_run_changes_total\{cause="drift"\} [1-9]')
        until(lambda: self.file.exists() and 'cause="drift"} 0' not in self.file.read_text(), 40, "the master's file is written anew")
        names = set(re.findall(r"^# TYPE (\S+)", text, re.M))
        self.assertEqual(names, set(re.findall(r"^# TYPE (\S+)", self.file.read_text(), re.M)))

    def test_6_an_agent_writes_figures_of_its_own(self):
        until(lambda: self.agent_file.exists() and 'what="states apply"' in self.agent_file.read_text(), 20, "the agent's file has its runs")
        text = self.agent_file.read_text()
        self.assertIn("prove_agent_connected 1\n", text)
        self.assertRegex(text, r'prove_agent_run_changes_total\{cause="drift"\} 1\n')
        self.assertIn('prove_agent_last_run_well{what="states apply"} 1\n', text)

    def test_7_no_line_of_metrics_is_one_that_prometheus_refuses(self):
        sample = re.compile(r'[a-z_]+(\{[a-z_]+="([^"\\\n]|\\.)*"(,[a-z_]+="([^"\\\n]|\\.)*")*\})? -?[0-9.e+-]+$')
        for text in (self.master.cli("metrics").out, self.agent_file.read_text()):
            for line in text.splitlines():
                self.assertTrue(line.startswith(("# HELP ", "# TYPE ")) or sample.match(line), line)
            families = re.findall(r"^# TYPE (\S+)", text, re.M)
            self.assertEqual(len(families), len(set(families)))

    def test_8_of_a_run_that_did_not_compile_the_errors_are_shown(self):
        self.master.write("states/late.yml", "motd: [{fn: file.managed, path: '${vars.nothing}', content: x}]\n")
        self.master.write("targets.yml", "targets: [{name: web1, states: [site]}, {name: web3, states: [late]}]\n")
        self.master.write("schedules.yml", "schedules: {often: {targets: web3, run: states plan, every: 1s, splay: 0s}}\n")
        self.master.cli("catalog", "reload")
        self.master.agent("web3")                    # only now it is known what is compiled for it
        run = until(lambda: next((run for run in self.master.json("history", "web3") if "not compile" in run.get("reason", "")), None), 30,
                    "a run that did not compile")
        self.assertIn("states/late.yml:1:41: vars has no 'nothing'", self.master.cli("history", "web3", run["job"][:10]).out)


if __name__ == "__main__":
    unittest.main()
