"""Metrics as they are meant to be read: a real node exporter shows the files of a master and an agent, a real Prometheus scrapes it,
and each question of the dashboard in docs/dashboard is put to that."""
import json
import subprocess
import unittest
import urllib.error
import urllib.parse
import urllib.request

from harness import ROOT, free_ports, until
from prove_master import Master

# What a healthy fleet has none of.
MAY_BE_EMPTY = {"prove_agent_last_run_well == 0"}


def questions():
    dashboard = json.loads((ROOT / "docs/dashboard/prove.json").read_text())
    return {target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])}


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.master = Master()
        cls.addClassCleanup(cls.master.stop)
        cls.figures = cls.master.folder / "node-exporter"
        cls.figures.mkdir()
        cls.master.config.write_text(cls.master.config.read_text() + f"metrics_file: {cls.figures}/prove-master.prom\n")
        cls.path = cls.master.folder / "kept"
        cls.master.write("states/site.yml", f"kept: [{{fn: file.managed, path: {cls.path}, content: as it should be}}]\n")
        cls.master.write("targets.yml", "targets:\n  - {name: 'web1', states: [site]}\n  - {name: web2, states: [site]}\n")
        cls.master.write("schedules.yml", json.dumps({"schedules": {"often": {
            "targets": "web1", "run": "states apply", "every": "2s", "splay": "0s"}}}))
        cls.master.start()
        cls.master.agent("web1", extra=f"metrics_file: {cls.figures}/prove-agent.prom\n")

        exporter, cls.port = free_ports(2)
        cls.program("prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile",
                    f"--collector.textfile.directory={cls.figures}", f"--web.listen-address=127.0.0.1:{exporter}")
        config = cls.master.folder / "prometheus.yml"
        config.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [
            {"job_name": "node", "static_configs": [{"targets": [f"127.0.0.1:{exporter}"]}]}]}))
        cls.program("prometheus", f"--config.file={config}", f"--storage.tsdb.path={cls.master.folder}/tsdb",
                    f"--web.listen-address=127.0.0.1:{cls.port}")

    @classmethod
    def program(cls, *arguments):
        with open(cls.master.folder / f"{arguments[0]}.log", "wb") as log:
            process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        cls.addClassCleanup(process.wait, 30)
        cls.addClassCleanup(process.terminate)

    def ask(self, question):
        """The series that Prometheus answers with; none while it is not there yet."""
        url = f"http://127.0.0.1:{self.port}/api/v1/query?" + urllib.parse.urlencode({"query": question})
        try:
            with urllib.request.urlopen(url, timeout=10) as reply:
                return json.load(reply)["data"]["result"]
        except urllib.error.HTTPError as error:
            self.fail(f"{question}: {error.read().decode()}")
        except OSError:
            return []

    def test_a_prometheus_has_what_the_master_says(self):
        until(lambda: self.ask("prove_run_changes_total{cause='intended'} >= 1"), 60, "the first run is seen")
        self.path.write_text("another")
        until(lambda: self.ask("prove_run_changes_total{cause='drift'} >= 1"), 60, "the drift is seen")
        until(lambda: self.ask("prove_agent_run_changes_total{cause='drift'} >= 1"), 90, "the agent's own figures have it, too")
        self.assertEqual({tuple(sorted(series["metric"].items()))[0] for series in self.ask("node_textfile_scrape_error > 0")}, set())
        ends = {series["metric"]["end"] for series in self.ask("prove_runs_total{by='schedule'} > 0")}
        self.assertEqual(ends, {"done"})

    def test_each_question_of_the_dashboard_has_an_answer(self):
        self.assertGreater(len(questions()), 15)
        for question in sorted(questions() - MAY_BE_EMPTY):
            until(lambda: self.ask(question), 90, f"an answer to {question}", step=1)
        for question in MAY_BE_EMPTY:
            self.assertEqual(self.ask(question), [])


if __name__ == "__main__":
    unittest.main()
