"""states plan and apply, and prove-agent run: a catalog, a master and two agents as processes on this machine."""
import json
import subprocess

from harness import BIN, tree, until
from prove_master import LocalCase

SITE = """page:
  - fn: file.managed
    path: ${vars.root}/${target.name}/page
    source: prove://page.mako
    template: mako
    mode: "0640"
    make_dirs: true
    notify: [count]
link:
  - fn: file.symlink
    path: ${vars.root}/${target.name}/link
    target: page
    requires: [page]
count:
  lazy: true
  parts:
    - fn: cmd.run
      cmd: echo reload >> ${vars.root}/${target.name}/reloads
"""


def results(done):
    return {line["target"]: line for line in done.lines() if line.get("event") == "result"}


def outcomes(row):
    """{state id: outcome} of the latest invocation of each state in a result."""
    return {i["state"]: i["outcome"] for i in row["body"]["report"]["invocations"]}


class States(LocalCase):
    agents = ("a1", "a2")

    def setUp(self):
        super().setUp()
        self.root = self.file("root")
        self.root.mkdir()
        self.master.write("prove.yml", f"variables: {{root: {self.root}, greeting: hello}}\n")
        self.master.write("targets.yml", "targets:\n  - {name: a1, states: [site]}\n  - {name: a2, states: [site]}\n")
        self.master.write("states/site.yml", SITE)
        self.master.write("files/page.mako", "${vars.greeting} from ${target.name}\n")

    def states(self, mode, *arguments, code=0):
        return self.cli("--output", "json", "states", mode, *arguments, code=code)

    def test_a_plan_says_what_would_change_and_touches_nothing(self):
        before = tree(self.root)
        done = self.states("plan", "*")
        self.assertEqual(set(results(done)), {"a1", "a2"})
        self.assertEqual(outcomes(results(done)["a1"])["page"], "would_change")
        self.assertEqual(tree(self.root), before)
        self.states("plan", "a1", "--detailed-exit-code", code=6)
        text = self.cli("states", "plan", "*").out
        self.assertIn("would change", text)
        self.assertIn("states/site.yml:2", text)
        self.assertIn("hello from a1", text)

    def test_apply_makes_it_so_and_a_second_apply_changes_nothing(self):
        done = self.states("apply", "*")
        self.assertEqual({row["end"] for row in results(done).values()}, {"done"})
        for name in ("a1", "a2"):
            self.assertEqual((self.root / name / "page").read_text(), f"hello from {name}\n")
            self.assertEqual((self.root / name / "page").stat().st_mode & 0o7777, 0o640)
            self.assertEqual((self.root / name / "link").readlink().name, "page")
            self.assertEqual((self.root / name / "reloads").read_text(), "reload\n")
        before = tree(self.root)
        again = self.states("apply", "*")
        self.assertEqual(set(outcomes(results(again)["a1"]).values()), {"ok"})
        self.assertEqual(tree(self.root), before)
        self.states("plan", "*", "--detailed-exit-code")
        self.assertIn("done", self.cli("targets").out)

    def test_state_and_var_choose_and_change(self):
        self.states("apply", "a1", "--var", "greeting=good day")
        self.assertEqual((self.root / "a1/page").read_text(), "good day from a1\n")
        # A lazy state runs when it is named; nothing else does.
        done = self.states("apply", "a1", "--state", "count")
        self.assertEqual(list(outcomes(results(done)["a1"])), ["count"])
        self.assertEqual((self.root / "a1/reloads").read_text(), "reload\nreload\n")
        done = self.cli("states", "apply", "a1", "--state", "pge", code=2)
        self.assertIn("did you mean 'page'?", done.err)

    def test_states_stream_as_they_run(self):
        go = self.root / "go"
        self.master.write("states/site.yml", f"one:\n  - {{fn: cmd.run, cmd: 'true'}}\n"
                                             f"two:\n  - {{fn: cmd.run, cmd: 'until [ -e {go} ]; do sleep 0.05; done'}}\n")
        process = subprocess.Popen([BIN / "prove-cli", "--master", self.master.socket, "--output", "json", "states", "apply", "a1"],
                                   stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        seen = []
        while ("state_started", "two") not in seen:
            event = json.loads(process.stdout.readline())
            seen.append((event["event"], event.get("state") or event.get("invocation", {}).get("state")))
        self.assertIn(("state_finished", "one"), seen)
        go.touch()
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0)

    def test_a_failing_state_leaves_the_rest_of_the_run_and_other_targets_going(self):
        self.master.write("states/site.yml",
                          "bad:\n  - fn: cmd.run\n    cmd: '[ ${target.name} = a2 ] || { echo no luck >&2; exit 3; }'\n"
                          "hangs_on_it:\n  - {fn: cmd.run, cmd: 'true', requires: [bad]}\n" + SITE)
        done = self.states("apply", "*", code=4)
        rows = results(done)
        self.assertEqual((rows["a1"]["end"], rows["a2"]["end"]), ("failed", "done"))
        a1 = outcomes(rows["a1"])
        self.assertEqual((a1["bad"], a1["hangs_on_it"], a1["page"]), ("failed", "skipped", "changed"))
        self.assertTrue((self.root / "a1/page").exists())
        text = self.cli("states", "apply", "*", code=4).out
        self.assertIn("states/site.yml:2", text)
        self.assertIn("exit code 3", text)
        self.assertIn("no luck", text)
        self.assertIn("because bad failed: hangs_on_it", text)
        self.assertRegex(text, r"2 targets: .*1 failed")

    def test_an_agent_runs_its_own_states_when_asked_on_its_host(self):
        agent = self.agent("a1")
        before = tree(self.root)
        plan = agent.prove_agent("run", "--plan")
        self.assertIn("would change", plan.out)
        self.assertEqual(tree(self.root), before)
        done = agent.prove_agent("run")
        self.assertIn("changed", done.out)
        self.assertEqual((self.root / "a1/page").read_text(), "hello from a1\n")
        self.assertFalse((self.root / "a2").exists())
        self.assertIn("ok", agent.prove_agent("run").out)
        result = json.loads(agent.prove_agent("run", "--output", "json").out)
        self.assertEqual(result["end"], "done")
        # The master knows of it as of any other job.
        self.assertEqual(self.master.json("jobs", "list")[0]["operation"], "states")
        self.master.write("states/site.yml", "bad:\n  - {fn: cmd.run, cmd: 'exit 1'}\n")
        self.assertEqual(agent.prove_agent("run", check=False).code, 4)

    def test_status_says_how_the_agent_stands(self):
        status = self.agent("a1").status()
        self.assertEqual((status["name"], status["connection"], status["jobs_running"]), ("a1", "connected", 0))
        self.assertIn("connected for", self.agent("a1").prove_agent("status").out)
        other = self.master.agent("asleep", accept=False)
        done = other.prove_agent("status", check=False)
        self.assertEqual(done.code, 9)
        self.assertIn("no prove-agent is running", done.err)

    def test_cancel_stops_what_has_not_begun(self):
        mark = self.root / "mark"
        self.master.write("states/site.yml", f"slow:\n  - {{fn: cmd.run, cmd: 'touch {mark}; sleep 60'}}\n"
                                             f"after:\n  - {{fn: cmd.run, cmd: 'touch {self.root}/after'}}\n")
        job = self.master.running_job("states", "apply", "a1")
        until(lambda: mark.exists(), 20, "the first state runs")
        self.cli("jobs", "cancel", job)
        self.assertEqual(self.master.ends(job)["a1"][0], "cancelled")
        self.assertFalse((self.root / "after").exists())
        self.cli("jobs", "show", job, code=7)
