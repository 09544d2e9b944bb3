"""The language over master and agent, on a real host: outputs, blocks with their rescue, files and states called with
parameters, retries, tags, states side by side, and a late state."""
import unittest

from fleet_hosts import FleetCase, needs_hosts
from reports import messages, outcomes, report_of

ROOT = "/srv/language"

SITE = f"""_include: [waits_a, waits_b]
ready:
  fn: file.directory
  path: {ROOT}
version:
  fn: cmd.read
  cmd: cat /etc/debian_version
  tags: [versions]
# An output in an argument, in a condition, and in the context of a template.
argument:
  fn: file.managed
  path: {ROOT}/argument
  content: !out version.stdout
  requires: [ready]
condition:
  onlyif: {{equals: [!out version.exit_code, 0]}}
  requires: [ready]
  parts: {{fn: file.managed, path: {ROOT}/condition, content: "it was 0"}}
context:
  fn: file.managed
  path: {ROOT}/context
  source: prove://context.mako
  context: {{version: !out version.stdout}}
  requires: [ready]
# A body that fails, what makes it good, and what comes always.
deploy:
  fn: meta.block
  requires: [ready]
  states:
    unpacked: {{fn: file.managed, path: {ROOT}/app, content: new}}
    migrated: {{fn: cmd.run, cmd: test -e {ROOT}/database, creates: {ROOT}/database}}
  rescue:
    restored: {{fn: file.managed, path: {ROOT}/rescued, content: "yes"}}
  always:
    cleaned: {{fn: file.managed, path: {ROOT}/cleaned, content: "yes"}}
blog: {{fn: meta.include, file: folder, with: {{name: blog}}, requires: [ready]}}
shop: {{fn: meta.include, file: folder, with: {{name: shop}}, requires: [ready]}}
twice:
  requires: [ready]
  parts:
    - {{fn: meta.run, state: marked, with: {{}}}}
    - {{fn: file.managed, path: {ROOT}/after_run, content: "yes"}}
marked:
  lazy: true
  parts: {{fn: file.managed, path: {ROOT}/marked, content: "yes"}}
patient:
  requires: [ready]
  fn: cmd.run
  cmd: echo try >> {ROOT}/tries; test $(wc -l < {ROOT}/tries) -ge 3 && touch {ROOT}/third
  creates: {ROOT}/third
  retry: {{attempts: 5, delay: 100ms}}
sites:
  fn: cmd.read
  cmd: cat {ROOT}/argument | head -c 0; echo one two
  requires: [argument]
late:
  late: true
  requires: [sites]
  fn: meta.block
  states:
% for site in results.sites.stdout.split():
    late_${{site}}: {{fn: file.managed, path: {ROOT}/late_${{site}}, content: "${{site}}"}}
% endfor
"""
FOLDER = f"""_params: {{name: main}}
folder:
  fn: file.managed
  path: {ROOT}/${{params.name}}/page
  content: this is ${{params.name}}
  make_dirs: true
"""
# Each waits for the other: only side by side do both come to an end.
WAITS = "waits_{0}:\n  fn: cmd.run\n  cmd: touch /run/{0}; until [ -e /run/{1} ]; do sleep 0.05; done; touch /var/tmp/met_{0}\n" \
        "  creates: /var/tmp/met_{0}\n  timeout: 60s\n"


@needs_hosts
class TheLanguageOverAnAgent(FleetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.master.write("prove.yml", "options: {parallelism: 3}\n")
        cls.master.write("targets.yml", "targets: [{name: h1, states: [site]}]\n")
        cls.master.write("states/site.yml", SITE)
        cls.master.write("states/folder.yml", FOLDER)
        cls.master.write("states/waits_a.plain.yml", WAITS.format("a", "b"))
        cls.master.write("states/waits_b.plain.yml", WAITS.format("b", "a"))
        cls.master.write("files/context.mako", "Debian ${version}.\n")

    def states(self, *arguments, code=0):
        done = self.master.cli("--output", "json", "states", *arguments, check=False, timeout=180)
        self.assertEqual(code, done.code, done)
        return report_of(done, "h1")

    def read(self, name):
        return self.fleet.read("h1", f"{ROOT}/{name}")

    def asked(self):
        return self.fleet.shell("h1", "journalctl -u prove-agent --no-pager | grep -c 'asking for a late state'", check=False).out.strip()

    def test_one_catalog_planned_applied_and_applied_again(self):
        plan = dict(outcomes(self.states("plan", "h1")))
        self.assertEqual((plan["ready"], plan["blog/folder"], plan["marked"]), ("would_change", "would_change", "would_change"))
        self.assertNotEqual(0, self.fleet.exec("h1", "test", "-e", ROOT, check=False).code)

        report = self.states("apply", "h1")
        self.assertEqual({}, {state: text for state, text in messages(report).items() if state != "migrated"})
        first = dict(outcomes(report))
        self.assertEqual((first["waits_a"], first["waits_b"]), ("changed", "changed"), "they met")
        version = self.fleet.read("h1", "/etc/debian_version").strip()
        self.assertEqual((version, "it was 0", f"Debian {version}.\n"),
                         (self.read("argument"), self.read("condition"), self.read("context")))
        self.assertEqual((first["migrated"], first["restored"], first["cleaned"], first["deploy"]),
                         ("failed", "changed", "changed", "rescued"))
        self.assertEqual(("this is blog", "this is shop"), (self.read("blog/page"), self.read("shop/page")))
        self.assertEqual((first["marked"], first["twice"], self.read("after_run")), ("changed", "changed", "yes"))
        self.assertEqual((first["patient"], self.read("tries")), ("changed", "try\n" * 3))
        self.assertEqual((first["late_one"], first["late_two"], self.read("late_two")), ("changed", "changed", "two"))
        self.assertEqual("1", self.asked())

        again = outcomes(self.states("apply", "h1"))
        self.assertEqual([("migrated", "failed"), ("deploy", "rescued")],
                         [(state, outcome) for state, outcome in again if outcome not in ("ok", "skipped")])
        self.assertEqual("1", self.asked(), "the host is as it should be: nothing is asked")

        tagged = dict(outcomes(self.states("apply", "h1", "--tags", "versions")))
        self.assertEqual({"version": "ok"}, tagged)


if __name__ == "__main__":
    unittest.main()
