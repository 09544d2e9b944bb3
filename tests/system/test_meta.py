"""Meta functions on this machine, by prove-cli alone: blocks with a rescue, included files, states run in place."""
import pathlib
import shutil
import tempfile
import unittest

from harness import BIN, run
from reports import outcomes, report_of

DEPLOY = """prepared:
  fn: file.directory
  path: ${vars.root}
deploy:
  fn: meta.block
  requires: [prepared]
  states:
    unpacked: {fn: file.managed, path: "${vars.root}/app", content: "new"}
    migrated: {fn: cmd.run, cmd: "test -e ${vars.root}/database"}
    announced: {fn: cmd.run, cmd: "touch ${vars.root}/announced", creates: "${vars.root}/announced"}
  rescue:
    restored: {fn: file.managed, path: "${vars.root}/app", content: "old"}
  always:
    cleaned: {fn: file.managed, path: "${vars.root}/cleaned", content: "yes"}
after:
  fn: file.managed
  path: ${vars.root}/after
  content: "yes"
  requires: [deploy]
"""

SITES = """_include: [site_file]
blog: {fn: meta.include, file: site_file, with: {name: blog}}
shop: {fn: meta.include, file: site_file, with: {name: shop}}
tools:
  - {fn: meta.assert, that: {exists: "${vars.root}/blog"}}
  - {fn: meta.run, state: page, with: {name: tool}}
"""
SITE_FILE = """_params: {name: main}
page:
  fn: file.managed
  path: ${vars.root}/${params.name}
  content: this is ${params.name}
  make_dirs: true
"""


class Meta(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="prove-meta-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.root = self.folder / "root"
        self.write("prove.yml", f"variables: {{root: {self.root}}}\n")
        self.write("targets.yml", "targets: [{name: here, executor: local, states: [main]}]\n")

    def write(self, path, text):
        file = self.folder / "catalog" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def cli(self, *arguments, code=0):
        done = run([BIN / "prove-cli", "--catalog", self.folder / "catalog", *arguments])
        self.assertEqual(done.code, code, done)
        return done

    def run_states(self, verb, code=0):
        report = report_of(self.cli("--output", "json", "states", verb, "here", code=code), "here")
        return outcomes(report), report

    def text(self, name):
        return (self.root / name).read_text()

    def test_a_block_whose_body_fails_is_rescued_and_cleaned_up_and_the_run_is_a_good_one(self):
        self.write("states/main.yml", DEPLOY)
        done, report = self.run_states("apply")
        self.assertEqual(done, [("prepared", "changed"), ("unpacked", "changed"), ("migrated", "failed"), ("announced", "skipped"),
                                ("restored", "changed"), ("cleaned", "changed"), ("deploy", "rescued"), ("after", "changed")])
        self.assertEqual(report["end"], "done")
        self.assertEqual([i["rescued_by"] for i in report["invocations"] if i["state"] == "migrated"], ["deploy"])
        self.assertEqual((self.text("app"), self.text("cleaned"), self.text("after")), ("old", "yes", "yes"))
        self.assertFalse((self.root / "announced").exists())
        text = self.cli("states", "apply", "here").out
        self.assertIn("rescued by deploy", text)
        self.assertIn("rescued: 'migrated' failed", text)
        self.assertIn("1 rescued", text)

    def test_a_block_whose_body_succeeds_needs_no_rescue(self):
        self.write("states/main.yml", DEPLOY)
        self.root.mkdir()
        (self.root / "database").touch()
        done, _ = self.run_states("apply")
        self.assertEqual([state for state, _ in done],
                         ["prepared", "unpacked", "migrated", "announced", "cleaned", "deploy", "after"])
        self.assertEqual(self.text("app"), "new")

    def test_a_plan_of_a_block_shows_its_body_and_its_always(self):
        self.write("states/main.yml", DEPLOY)
        done, _ = self.run_states("plan")
        self.assertEqual([state for state, _ in done],
                         ["prepared", "unpacked", "migrated", "announced", "cleaned", "deploy", "after"])
        self.assertFalse(self.root.exists())

    def test_a_block_without_a_rescue_that_worked_fails_and_so_does_the_run(self):
        self.write("states/main.yml", DEPLOY.replace('fn: file.managed, path: "${vars.root}/app", content: "old"',
                                                     'fn: meta.fail, message: there is no older one'))
        done, report = self.run_states("apply", code=4)
        self.assertEqual(dict(done)["deploy"], "failed")
        self.assertEqual((dict(done)["cleaned"], dict(done)["after"], report["end"]), ("changed", "skipped", "failed"))

    def test_one_state_file_serves_several_sites(self):
        self.write("states/main.yml", SITES)
        self.write("states/site_file.yml", SITE_FILE)
        done, _ = self.run_states("apply")
        self.assertEqual([state for state, _ in done], ["page", "blog/page", "blog", "shop/page", "shop", "tools", "tools/page"])
        self.assertEqual([self.text(name) for name in ("main", "blog", "shop", "tool")],
                         ["this is main", "this is blog", "this is shop", "this is tool"])
        again, _ = self.run_states("apply")
        self.assertEqual({outcome for _, outcome in again}, {"ok"})


if __name__ == "__main__":
    unittest.main()
