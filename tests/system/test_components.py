"""Components over the agent, and the catalog in Git: a function that travels with its run, and snapshots by commit."""
import os

from harness import run, until
from prove_master import LocalCase

FUNCTION = """#!/usr/bin/python3
import json, pathlib, sys
request = json.load(sys.stdin)
file = pathlib.Path(request["args"]["path"])
has = file.exists() and request["args"]["line"] in file.read_text().splitlines()
if request["verb"] == "apply" and not has:
    with file.open("a") as out: out.write(request["args"]["line"] + "\\n")
print(json.dumps({"changed": not has, "changes": [] if has else ["the line " + request["args"]["line"]]}))
"""


class Components(LocalCase):
    agents = ("a1",)

    def function(self, name, text):
        self.master.write(f"components/shop/functions/{name}", text)
        os.chmod(self.master.catalog / f"components/shop/functions/{name}", 0o755)

    def test_a_component_s_own_function_travels_with_the_run_and_is_planned_applied_and_proved(self):
        path = self.file("lines")
        self.function("line", FUNCTION)
        self.master.write("components/shop/component.yml",
                          "functions: {line: {arguments: {path: {type: path, required: true}, line: {type: text, required: true}}}}\n")
        self.master.write("states/shop.yml", f"it: {{fn: shop.line, path: {path}, line: milk}}\n")
        self.master.write("targets.yml", "targets: [{name: a1, states: [shop]}]\n")
        plan = self.cli("states", "plan", "a1", "--detailed-exit-code", code=6).out
        self.assertIn("shop.line", plan)
        self.assertIn("the line milk", plan)
        self.assertFalse(path.exists())
        self.assertIn("1 changed", self.cli("states", "apply", "a1").out)
        self.assertEqual(path.read_text(), "milk\n")
        self.assertIn("1 ok", self.cli("states", "apply", "a1").out)
        self.function("line", "#!/bin/sh\necho no milk today >&2\nexit 3\n")
        self.assertIn("'shop.line', told to plan, ended with exit code 3: no milk today",
                      self.cli("states", "apply", "a1", code=4).out)

    def test_a_catalog_in_git_counts_by_its_commits(self):
        folder = self.master.catalog
        def git(*arguments):
            done = run(["git", "-c", "user.name=x", "-c", "user.email=x@y", *arguments], cwd=folder)
            self.assertEqual(done.code, 0, done)
        def site(name):
            self.master.write("targets.yml", "targets: [{name: a1, states: [site]}]\n")
            self.master.write("states/site.yml", f"it: {{fn: file.managed, path: {self.file(name)}, content: x}}\n")
        def commit():
            git("add", "--all")
            git("commit", "--quiet", "--message", "x")
        def applied(name):
            self.cli("states", "apply", "a1")
            return self.file(name).exists()
        git("init", "--quiet", "--initial-branch=main")
        self.addCleanup(lambda: run(["rm", "-rf", folder / ".git"]))
        site("one")
        commit()
        self.assertTrue(applied("one"))
        self.assertIn("of branch main; what is not committed is not in it", self.cli("catalog", "status").out)
        site("two")
        self.assertFalse(applied("two"))
        commit()
        self.assertTrue(applied("two"))
        before = self.cli("--output", "json", "catalog", "status").lines()[0]["hash"]

        # A commit that breaks something is refused, and the one before it stays in force.
        self.master.write("states/site.yml", "it: {fn: file.manged, path: /x}\n")
        commit()
        done = self.cli("states", "apply", "a1", code=3)
        self.assertIn("states/site.yml:1:10: it: unknown function 'file.manged'", done.out + done.err)
        status = self.cli("--output", "json", "catalog", "status", code=3).lines()[0]
        self.assertTrue(status["refused"])
        self.assertEqual(status["hash"], before)
        self.file("two").unlink()
        self.cli("states", "apply", "a1", "--in-force")
        self.assertTrue(self.file("two").exists())
        self.assertEqual(self.agent("a1").prove_agent("run").code, 0)

        # A branch is checked out: what it has is in force.
        git("checkout", "--quiet", "-b", "trial", "HEAD~2")
        self.file("one").unlink()
        self.assertTrue(applied("one"))
        self.assertNotEqual(self.cli("--output", "json", "catalog", "status").lines()[0]["hash"], before)

    def test_edits_in_the_middle_of_writing_are_never_applied_by_half(self):
        path = self.file("whole")
        self.master.write("targets.yml", "targets: [{name: a1, states: [site]}]\n")
        whole = f"it: {{fn: file.managed, path: {path}, content: x}}\n"
        self.master.write("states/site.yml", whole)
        self.cli("states", "apply", "a1")
        path.unlink()
        self.master.write("states/site.yml", whole[:20])
        self.cli("states", "apply", "a1", code=3)
        self.assertFalse(path.exists())
        self.master.write("states/site.yml", whole)
        self.cli("states", "apply", "a1")
        self.assertTrue(path.exists())
        (self.master.catalog / "states/site.yml").unlink()
        done = self.cli("states", "apply", "a1", code=3)
        self.assertIn("there is no state file 'site'", done.out + done.err)
        until(lambda: "the catalog cannot be used" in self.master.program.log(), 10, "the log tells of it")
