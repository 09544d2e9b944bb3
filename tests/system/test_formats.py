"""Every format of state and variable files: checked and applied by prove-cli alone, and by a master and its agent."""
import pathlib
import tempfile
import unittest

from harness import BIN, run
from prove_master import LocalCase

STATES = {
    "mako.yml": "mako: {fn: file.managed, path: '${vars.root}/mako', content: '${target.name} ${vars.port}'}\n",
    "jinja.yml.jinja": "jinja: {fn: file.managed, path: '{{ vars.root }}/jinja', source: 'prove://page.jinja'}\n",
    "json.json.mako": '{"json": {"fn": "file.managed", "path": "${vars.root}/json", "content": "${vars.port}"}}\n',
    "python.py": "def states(ctx):\n    ctx.state('python').file.managed(path=ctx.vars.root + '/python', content=ctx.target.name)\n",
    "plain.plain.yml": "plain: {fn: cmd.run, cmd: 'true ${HOME}', creates: /}\n",
}
FILES = {"variables/base.py": "def variables(ctx):\n    return {'port': 80 + len(ctx.target.roles)}\n",
         "files/page.jinja": "{% for i in range(2) %}\n{{ i }} {{ target.name }}\n{% endfor %}\n",
         **{f"states/{name}": text for name, text in STATES.items()}}
MADE = {"mako": "a1 80", "jinja": "0 a1\n1 a1\n", "json": "80", "python": "a1"}


def targets(root):
    return ("targets:\n  - {name: a1, states: [mako, jinja, json, python, plain], variable_files: [base], "
            f"variables: {{root: {root}}}}}\n")


def made(root):
    return {path.name: path.read_text() for path in pathlib.Path(root).iterdir()}


class WithoutMaster(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="prove-formats-")
        self.addCleanup(folder.cleanup)
        self.root, self.catalog = pathlib.Path(folder.name, "root"), pathlib.Path(folder.name, "catalog")
        self.root.mkdir()
        self.write("targets.yml", targets(self.root).replace("name: a1,", "name: a1, executor: local,"))
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.catalog / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def cli(self, *arguments):
        return run([BIN / "prove-cli", "--catalog", self.catalog, *arguments])

    def test_a_catalog_of_every_format_is_checked_and_applied(self):
        checked = self.cli("check")
        self.assertEqual(checked.code, 0, checked)
        applied = self.cli("states", "apply", "a1")
        self.assertEqual(applied.code, 0, applied)
        self.assertEqual(made(self.root), MADE)
        self.assertEqual(self.cli("states", "plan", "a1", "--detailed-exit-code").code, 0)

    def test_check_shows_what_is_wrong_in_every_format_at_its_own_line(self):
        self.write("states/jinja.yml.jinja", "a:\n  - {fn: cmd.run, cmd: '{{ nmae }}'}\n")
        self.write("states/python.py", "def states(ctx):\n    ctx.state('b').cmd.run(\n        cdm='x')\n")
        checked = self.cli("check")
        self.assertEqual(checked.code, 3, checked)
        for place in ("states/jinja.yml.jinja:2:28: 'nmae' is not defined", "states/python.py:3:9: b: unknown argument 'cdm'"):
            self.assertIn(place, checked.out + checked.err)


class ThroughAMaster(LocalCase):
    agents = ("a1",)

    def test_a_master_renders_every_format_for_its_agent(self):
        root = self.file("root")
        root.mkdir()
        for name, text in FILES.items():
            self.master.write(name, text)
        self.master.write("targets.yml", targets(root))
        self.cli("states", "apply", "a1")
        self.assertEqual(made(root), MADE)
