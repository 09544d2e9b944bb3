"""Late states over an agent: asked for once, kept, and what a killed master or a changed host does to that."""
import json
import shutil
import unittest

from harness import BIN, run, until
from prove_master import LocalCase
from test_states import outcomes, results

SITE = """names:
  fn: cmd.read
  cmd: cat ${vars.root}/names
all:
  late: true
  requires: [names]
  notify: [count]
  fn: meta.block
  states:
<% import time; time.sleep(vars.slow if results.names.stdout else 0) %>
% for name in results.names.stdout.split():
    ${name}:
      fn: file.managed
      path: ${vars.root}/${name}
      source: prove://page.mako
      context: {name: ${name}}
% endfor
count:
  lazy: true
  parts: {fn: cmd.run, cmd: echo counted >> ${vars.root}/count}
other:
  fn: file.managed
  path: ${vars.root}/other
  content: other
"""


class Late(LocalCase):
    agents = ("a1",)

    def setUp(self):
        super().setUp()
        self.root = self.file("root")
        self.root.mkdir()
        (self.root / "names").write_text("one two\n")
        self.site(SITE)
        self.master.write("targets.yml", "targets:\n  - {name: a1, states: [site]}\n")
        self.master.write("files/page.mako", "page of ${name} on ${target.name}\n")
        self.seen = self.asked()

    def site(self, text, slow=0):
        self.master.write("prove.yml", f"variables: {{root: {self.root}, slow: {slow}}}\n")
        self.master.write("states/site.yml", text)

    def asked(self):
        return self.agent("a1").program.log().count("asking for a late state")

    def asked_since(self):
        before, self.seen = self.seen, self.asked()
        return self.seen - before

    def apply(self, code=0):
        return results(self.cli("--output", "json", "states", "apply", "a1", code=code))["a1"]

    def test_the_first_run_asks_once_and_the_second_asks_nothing(self):
        first = outcomes(self.apply())
        self.assertEqual(first, {"names": "ok", "one": "changed", "two": "changed", "all": "changed", "count": "changed",
                                 "other": "changed"})
        self.assertEqual((self.root / "two").read_text(), "page of two on a1\n")
        self.assertEqual(self.asked_since(), 1)
        second = outcomes(self.apply())
        self.assertEqual(set(second.values()), {"ok"})
        self.assertEqual(set(second), {"names", "one", "two", "all", "other"})
        self.assertEqual(self.asked_since(), 0)
        plan = results(self.cli("--output", "json", "states", "plan", "a1", "--detailed-exit-code"))["a1"]
        self.assertEqual(outcomes(plan)["two"], "ok")
        self.assertEqual(self.asked_since(), 0)
        # What the host says differs: then what is made of it does, too.
        (self.root / "names").write_text("one three\n")
        third = outcomes(self.apply())
        self.assertEqual((third["one"], third["three"], "two" in third), ("ok", "changed", False))
        self.assertEqual(self.asked_since(), 1)
        self.assertEqual((self.root / "count").read_text(), "counted\n" * 3)       # of each new page

    def test_what_was_kept_brings_a_lost_file_back(self):
        self.apply()
        self.asked_since()
        (self.root / "one").unlink()
        self.assertEqual(outcomes(self.apply())["one"], "changed")
        self.assertEqual(self.asked_since(), 0)         # its content was kept as well
        (self.root / "one").unlink()
        shutil.rmtree(self.agent("a1").folder / "data/cache")
        self.agent("a1").restart()
        self.master.answers("a1")
        self.seen = self.asked()
        self.assertEqual(outcomes(self.apply())["one"], "changed")
        self.assertEqual((self.root / "one").read_text(), "page of one on a1\n")
        self.assertEqual(self.asked_since(), 1)         # for the content: the master has to know what it is for

    def test_a_master_that_is_killed_while_it_is_asked_answers_when_it_is_back(self):
        self.site(SITE, slow=4)
        job = self.master.running_job("states", "apply", "a1")
        until(lambda: self.asked() > self.seen, 30, "the agent asks")
        self.master.program.kill()
        self.master.start()
        self.assertEqual(self.master.ends(job)["a1"][0], "done")
        self.assertTrue((self.root / "two").exists())

    def test_an_agent_that_is_killed_while_it_waits_loses_nothing(self):
        self.site(SITE, slow=4)
        job = self.master.running_job("states", "apply", "a1")
        until(lambda: self.asked() > self.seen, 30, "the agent asks")
        self.agent("a1").program.kill()
        self.agent("a1").program.start()
        self.assertEqual(self.master.ends(job)["a1"][0], "interrupted")
        self.master.answers("a1")
        self.assertEqual(outcomes(self.apply())["two"], "changed")

    def test_a_late_state_that_does_not_compile_fails_with_its_place_and_the_rest_goes_on(self):
        self.site(SITE.replace("path: ${vars.root}/${name}\n", "pth: ${vars.root}/${name}\n"))
        row = self.apply(code=4)
        self.assertEqual((outcomes(row)["all"], outcomes(row)["other"]), ("failed", "changed"))
        reason = next(i["reason"] for i in row["body"]["report"]["invocations"] if i["state"] == "all")
        self.assertIn("states/site.yml:14:7: one: unknown argument 'pth' of file.managed; did you mean 'path'?", reason)

    def test_in_one_process_it_is_the_same(self):
        done = run([BIN / "prove-cli", "--catalog", self.master.catalog, "--output", "json", "states", "apply", "a1", "--here"],
                   env={"XDG_STATE_HOME": str(self.file("state")), "HOME": str(self.touched)})
        self.assertEqual(done.code, 0, done)
        self.assertEqual(outcomes(results(done)["a1"])["two"], "changed")
        self.assertEqual((self.root / "one").read_text(), "page of one on a1\n")


if __name__ == "__main__":
    unittest.main()
