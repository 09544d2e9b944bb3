"""Targets with `executor: ssh` on real hosts with systemd, over a real network: services, accounts, and a cable that is cut."""
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from fleet_hosts import Fleet, needs_hosts
from harness import BIN, until
from reports import changed, report_of


@needs_hosts
class SshToHosts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet(2)
        cls.addClassCleanup(cls.fleet.down)
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="prove-ssh-fleet-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        (cls.folder / "bin").mkdir()
        (cls.folder / "bin/ssh").write_text(f"#!/bin/sh\nexec /usr/bin/ssh -F {cls.fleet.folder}/ssh/config \"$@\"\n")
        (cls.folder / "bin/ssh").chmod(0o755)

    def arguments(self, states, *arguments):
        for name, text in (("targets.yml", "targets: [{name: h1, executor: ssh, states: [main]}, {name: h2, executor: ssh, states: [main]}]\n"),
                           ("states/main.yml", states)):
            path = self.folder / "catalog" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return ["env", f"PATH={self.folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin", BIN / "prove-cli", "--catalog",
                self.folder / "catalog", *arguments]

    def cli(self, states, *arguments):
        return self.fleet.call("exec", "master", "--", *self.arguments(states, *arguments), check=False)

    def test_services_units_and_accounts_are_made_so_and_a_second_run_finds_them_so(self):
        states = """
unit: [{fn: file.managed, path: /etc/systemd/system/tick.service, content: "[Service]\\nExecStart=/bin/sleep infinity\\nExecReload=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n"}]
enabled: [{fn: service.enabled, service: tick}]
running: [{fn: service.running, service: tick}]
group: [{fn: group.present, name: crew, gid: 4711}]
user: [{fn: user.present, name: kim, uid: 4712, group: crew}]
mine: [{fn: file.managed, path: /home/kim/note, content: hello, user: kim, group: crew, make_dirs: true}]
"""
        done = self.cli(states, "--output", "json", "states", "apply", "*")
        self.assertEqual(0, done.code, done)
        for host in ("h1", "h2"):
            self.assertEqual(["unit", "enabled", "running", "group", "user", "mine"], changed(report_of(done, host)))
            self.assertEqual("active", self.fleet.exec(host, "systemctl", "is-active", "tick").out.strip())
            self.assertEqual("enabled", self.fleet.exec(host, "systemctl", "is-enabled", "tick").out.strip())
            self.assertEqual("kim crew", self.fleet.exec(host, "stat", "-c", "%U %G", "/home/kim/note").out.strip())
        again = self.cli(states, "--output", "json", "states", "apply", "*")
        self.assertEqual([], changed(report_of(again, "h1")))
        self.assertEqual("", self.fleet.shell("h1", "pgrep -f '[p]rove-0/exec-'", check=False).out, "nothing is left running")

    def test_a_unit_that_does_not_start_is_told_with_its_last_words(self):
        states = """
unit: [{fn: file.managed, path: /etc/systemd/system/broken.service, content: "[Service]\\nExecStart=/bin/sh -c 'echo no luck; exit 7'\\n"}]
running: [{fn: service.running, service: broken, requires: unit}]
absent: [{fn: service.running, service: nowhere}]
"""
        done = self.cli(states, "states", "apply", "h1")
        self.assertEqual(4, done.code, done)
        self.assertIn("the unit 'broken.service' did not start", done.out)
        self.assertIn("no luck", done.out)
        self.assertRegex(done.out, "nowhere")

    def test_a_cable_that_is_cut_is_noticed_on_both_sides(self):
        log = open(self.folder / "log", "w+")
        self.addCleanup(log.close)
        cli = subprocess.Popen([str(a) for a in ("env", *(f"{k}={v}" for k, v in self.fleet.env.items()), pathlib.Path(__file__).parents[1] / "fleet/fleet", "exec", "master", "--",
                                                 *self.arguments("", "cmd", "*", "--shell", "sleep 66.6"))],
                               stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(cli.kill)
        for host in ("h1", "h2"):
            until(lambda: self.fleet.processes(host, "^sleep 66.6") or cli.poll() is not None, 60, f"the command on {host}")
        self.assertIsNone(cli.poll(), (self.folder / "log").read_text())
        self.fleet.call("cut", "h1")
        self.addCleanup(self.fleet.call, "heal", "h1")
        cut = time.monotonic()
        until(lambda: not self.fleet.processes("h1", "^sleep 66.6"), 45, "the end of the command on the host that was cut off", 1)
        self.assertGreater(time.monotonic() - cut, 10, "a short silence is none")
        self.assertTrue(self.fleet.processes("h2", "^sleep 66.6"))
        cli.wait(timeout=120)
        log.seek(0)
        out = log.read()
        self.assertRegex(out, r"h1  interrupted: the connection was lost: ")
        self.assertIn("h2  done", out)

    def test_a_host_that_is_not_there_is_unreachable_and_the_other_goes_on(self):
        self.fleet.call("stop", "h2", timeout=300)
        self.addCleanup(self.fleet.call, "start", "h2", timeout=300)
        done = self.cli("", "ping", "*")
        self.assertEqual(5, done.code, done)
        self.assertRegex(done.out, r"h1  answered in ")
        self.assertRegex(done.out, r"h2  unreachable: ")
