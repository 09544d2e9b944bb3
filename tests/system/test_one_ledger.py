"""What is owed on a host is owed to whoever runs there next, and only one runs at a time: an agent and runs over SSH share one ledger.
The host is a real sshd in a mount namespace, whose /var/lib/prove the agent beside it has as its own."""
import os
import pathlib
import signal
import unittest

from harness import until
from prove_master import Master
from ssh_hosts import SshHost, needs_sshd

STATES = """
config:
  - fn: file.managed
    path: {folder}/config
    content: "{content}"
    notify: [handler]
slow:
  - fn: cmd.run
    cmd: "touch {folder}/begun; test -e {folder}/go || sleep 100"
    requires: [config]
handler:
  lazy: true
  defer: true
  parts:
    - fn: cmd.run
      cmd: "echo paid >> {folder}/paid"
"""


@needs_sshd
class OneLedger(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = SshHost()
        cls.addClassCleanup(cls.host.stop)
        cls.folder = cls.host.folder / "work"
        cls.folder.mkdir()
        cls.catalog = cls.host.catalog({"targets.yml": "targets:\n  - {name: box, states: [main]}\n"
                                                       "  - {name: root, executor: ssh, states: [main]}\n",
                                        "states/main.yml": STATES.format(folder=cls.folder, content="first")})
        cls.master = Master(cls.catalog)
        cls.addClassCleanup(cls.master.stop)
        cls.master.start()
        cls.agent = cls.master.agent("box", extra=f"ledger: {cls.host.folder}/var-lib-prove/ledger\n")

    def setUp(self):
        for name in ("begun", "go", "paid", "config"):
            (self.folder / name).unlink(missing_ok=True)

    def has(self, name):
        return (self.folder / name).exists()

    def paid(self):
        return (self.folder / "paid").read_text().count("paid") if self.has("paid") else 0

    def end_sleepers(self):
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if f"test -e {self.folder}/go" in (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode():
                    os.kill(int(entry.name), signal.SIGKILL)
            except (OSError, UnicodeDecodeError):
                pass

    def test_a_handler_owed_by_a_killed_ssh_run_is_paid_by_the_agents_next_run(self):
        cli = self.host.start_cli(self.catalog, "states", "apply", "root")
        self.addCleanup(cli.wait)
        until(lambda: self.has("begun"), 60, "the run over SSH has begun")
        for pid in self.host.processes():
            if "prove-exec" in self.host.command_of(pid):
                os.kill(pid, signal.SIGKILL)
        self.end_sleepers()
        output = cli.communicate()[0]
        self.assertEqual(0, self.paid(), output)
        (self.folder / "go").touch()
        done = self.master.cli("states", "apply", "box")
        self.assertEqual(1, self.paid(), done.out)
        self.assertIn("handler", done.out)
        self.master.cli("states", "apply", "box")
        self.assertEqual(1, self.paid(), "a debt is paid once")

    def test_a_handler_owed_by_a_killed_agent_is_paid_by_the_next_run_over_ssh(self):
        self.master.running_job("states", "apply", "box")
        until(lambda: self.has("begun"), 60, "the agent's run has begun")
        self.agent.program.kill()
        self.end_sleepers()
        self.addCleanup(lambda: (self.agent.program.start(), self.master.answers("box")))
        self.assertEqual(0, self.paid())
        (self.folder / "go").touch()
        done = self.host.cli(self.catalog, "states", "apply", "root")
        self.assertEqual(0, done.code, done)
        self.assertEqual(1, self.paid(), done)

    def test_a_run_over_ssh_waits_for_the_agents_and_says_for_whom(self):
        job = self.master.running_job("states", "apply", "box")
        until(lambda: self.has("begun"), 60, "the agent's run has begun")
        cli = self.host.start_cli(self.catalog, "--output", "json", "states", "apply", "root")
        until(lambda: any("prove-exec" in command for command in self.host.commands()), 60, "prove-exec is there")
        self.addCleanup(cli.kill)
        waiting = next(line for line in cli.stdout if '"note"' in line)
        self.assertIn(f"waiting for job {job[:10]}", waiting)
        (self.folder / "go").touch()
        self.end_sleepers()
        rest = cli.stdout.read()
        self.assertIsNotNone(cli.wait(60), rest)
        self.assertIn('"event":"summary"', rest)


if __name__ == "__main__":
    unittest.main()
