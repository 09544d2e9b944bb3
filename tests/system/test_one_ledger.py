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

    def sleepers(self):
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue  # it has ended
            if str(self.folder).encode() in command and command.endswith(b"|| sleep 100\0"):
                found.append(int(entry.name))
        return found

    def kill(self, pids):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def kill_prove_exec(self):
        """At once with the process that watches over its command, which is a fork of it and would end it in order."""
        status = pathlib.Path(f"/proc/{self.sleepers()[0]}/status").read_text()
        program = os.readlink(f"/proc/{status.split('PPid:')[1].split()[0]}/exe")
        self.kill(sorted(pid for pid in self.host.processes() if os.readlink(f"/proc/{pid}/exe") == program))
        self.kill(self.sleepers())

    def test_a_handler_owed_by_a_killed_ssh_run_is_paid_by_the_agents_next_run(self):
        cli = self.host.start_cli(self.catalog, "states", "apply", "root")
        self.addCleanup(cli.wait)
        until(lambda: self.has("begun"), 60, "the run over SSH has begun")
        self.kill_prove_exec()
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
        self.kill(self.sleepers())
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
        self.addCleanup(cli.kill)
        waiting = next(line for line in cli.stdout if '"note"' in line)
        self.assertIn(f"waiting for job {job[:10]}", waiting)
        (self.folder / "go").touch()
        self.kill(self.sleepers())
        rest = cli.stdout.read()
        self.assertIsNotNone(cli.wait(60), rest)
        self.assertIn('"event":"summary"', rest)


if __name__ == "__main__":
    unittest.main()
