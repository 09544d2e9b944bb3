"""Targets with `executor: ssh` through a master, on a real sshd: jobs, results and facts as for agents, and a named end for
whatever becomes of the host, the connection or the master."""
import json
import os
import pathlib
import re
import signal
import time
import unittest

from fleet_hosts import Fleet, needs_hosts
from harness import BIN, free_ports, run, until
from prove_master import Master
from reports import changed, report_of
from ssh_hosts import SshHost, give_keys, needs_sshd


@needs_sshd
class ThroughTheMaster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = SshHost()
        cls.addClassCleanup(cls.host.stop)

    def setUp(self):
        self.master = Master()
        self.addCleanup(self.master.stop)
        self.ssh = give_keys(self.host, self.master)
        self.known_hosts = self.ssh / "known_hosts"

    def set_up(self, sessions):
        text = self.master.config.read_text().split("ssh:")[0]
        self.master.config.write_text(f"{text}ssh: {{folder: {self.ssh}, sessions: {sessions}}}\n")

    def target(self, name, user="plain", port=None, **more):
        ssh = ", ".join(f"{key}: {value}" for key, value in {"user": user, "port": port or self.host.port, **more}.items())
        return f"  - {{name: {name}, host: 127.0.0.1, executor: ssh, ssh: {{{ssh}}}, states: [main], variables: {{home: {self.host.home('plain')}}}}}\n"

    def start(self, *targets, states="greeting: [{fn: file.managed, path: '${vars.home}/greeting', content: hello}]\n"):
        self.master.write("targets.yml", "targets:\n" + "".join(targets))
        self.master.write("states/main.yml", states)
        self.master.start()
        return self.master

    def no_exec_is_left(self, seconds=60):
        until(lambda: not any("/exec-" in line for line in self.host.commands()), seconds, "that no prove-exec is left")

    def runs(self, text):
        return any(text in line for line in self.host.commands())

    def test_plan_apply_and_apply_again_as_through_an_agent(self):
        master = self.start(self.target("box1"), states="greeting: [{fn: file.managed, path: '${vars.home}/greeting', content: \"${facts['kernel']['name']}\"}]\n")
        greeting = self.host.home("plain") / "greeting"
        greeting.unlink(missing_ok=True)
        self.assertEqual("ssh", master.target("box1")["status"])
        self.assertNotIn("seen_ms", master.target("box1"))
        self.assertIn("never", master.cli("targets").out)
        plan = master.cli("states", "plan", "box1", "--detailed-exit-code", check=False)
        self.assertEqual(6, plan.code, plan)
        self.assertFalse(greeting.exists())
        done = master.cli("--output", "json", "states", "apply", "box1")
        self.assertEqual(["greeting"], changed(report_of(done, "box1")))
        self.assertEqual("Linux", greeting.read_text(), "states see the facts of the host, which was never seen before")
        self.assertEqual([], changed(report_of(master.cli("--output", "json", "states", "apply", "box1"), "box1")))
        row = master.target("box1")
        self.assertEqual("done", row["last_run"]["end"])
        self.assertLess(time.time() * 1000 - row["seen_ms"], 60_000)
        self.assertIn("ssh, seen", master.cli("targets").out)
        self.assertIn("box1", master.cli("ping", "fact:kernel.name=Linux").out)
        job = master.json("jobs", "list")[0]
        self.assertIn("box1", master.cli("jobs", "show", job["job"]).out)
        self.assertIn("states.apply", master.cli("audit", "list").out)
        self.no_exec_is_left(10)

    def test_ping_facts_cmd_and_adopt_over_agents_and_hosts_without_one_beside_one_that_is_dead(self):
        dead = free_ports(1)[0]
        master = self.start(self.target("box1"), self.target("box2", become="sudo"), self.target("dead", port=dead),
                            self.target("asked", user="asked", become="sudo"), "  - {name: web1}\n",
                            "  - {name: here, executor: local}\n")
        master.agent("web1")
        done = master.cli("cmd", "box*,web1,dead,asked,here", "--", "id", "-un", check=False)
        ends = master.ends(master.json("jobs", "list")[0]["job"])
        self.assertEqual(4, done.code, done)
        self.assertRegex(done.out, r"(?m)^box1 .*\n?.*plain")
        self.assertEqual({"box1": "done", "box2": "done", "web1": "done", "dead": "unreachable", "asked": "unreachable", "here": "refused"},
                         {name: end for name, (end, _) in ends.items()})
        self.assertRegex(ends["dead"][1], "Connection refused")
        self.assertIn("nobody can be asked in prove-master", ends["asked"][1])
        self.assertIn("it is not root there", ends["here"][1])
        for operation in ("ping", "facts"):
            done = master.cli(operation, "box1,web1")
            self.assertIn("box1", done.out)
        survey = master.cli("adopt", "box2", "--file", "/etc/hostname", "--into", master.catalog)
        self.assertIn("/etc/hostname", survey.out + survey.err, survey)

    def test_late_states_and_contents_come_from_the_master(self):
        big = "x" * 300_000
        master = self.master
        master.write("files/big", big)
        self.start(self.target("box1"), states="reads: [{fn: cmd.read, cmd: [echo, -n, hello]}]\n"
                   "big: [{fn: file.managed, path: '${vars.home}/big', source: prove://big}]\n"
                   "late: {late: true, requires: [reads], parts: [{fn: file.managed, path: '${vars.home}/late', content: 'heard ${results.reads.stdout}'}]}\n")
        master.cli("states", "apply", "box1")
        self.assertEqual("heard hello", (self.host.home("plain") / "late").read_text())
        self.assertEqual(big, (self.host.home("plain") / "big").read_text())

    def test_a_single_state_and_files_in_both_directions(self):
        master = self.start(self.target("box1"), self.target("box2", become="sudo"))
        home = self.host.home("plain")
        master.cli("state", "box1", "file.managed", f"path={home}/single", "content=x")
        self.assertEqual("x", (home / "single").read_text())
        source = self.master.folder / "some bytes"
        source.write_bytes(bytes(range(256)) * 4000)
        master.cli("copy", source, f"box1:{home}/copied")
        self.assertEqual(source.read_bytes(), (home / "copied").read_bytes())
        master.cli("copy", f"box2:{home}/copied", self.master.folder / "back")
        self.assertEqual(source.read_bytes(), (self.master.folder / "back").read_bytes())

    def test_S91_a_secret_reaches_the_host_and_stands_in_nothing_that_the_master_keeps(self):
        word = "canary-4712-flies"
        key = self.master.folder / "secret.key"
        catalog = self.master.catalog
        self.assertEqual(0, run([*self.cli_alone(), "secret", "init", "--key", key]).code)
        encrypted = run([*self.cli_alone(), "secret", "encrypt"], input=word.encode()).out.strip()
        (self.master.folder / "master/keys").mkdir(parents=True, exist_ok=True)
        for folder in ("master", "master/keys"):
            (self.master.folder / folder).chmod(0o700)
        self.master.config.write_text(f"secret_key: {key}\n" + self.master.config.read_text())
        target = self.target("box1").replace("variables: {", f"variables: {{v: {encrypted}, ")
        self.start(target, states="a: [{fn: file.managed, path: '${vars.home}/secret', content: 'it is ${vars.v}', mode: '0600'}]\n"
                                  "b: [{fn: cmd.run, cmd: 'cat; exit 1', stdin: '${vars.v}'}]\n")
        done = self.master.cli("--output", "json", "states", "apply", "box1", check=False)
        self.assertEqual(4, done.code, done)
        self.assertEqual(f"it is {word}", (self.host.home("plain") / "secret").read_text())
        self.assertNotIn(word, done.out + done.err)
        found = [path for path in self.master.folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]
        self.assertEqual([], found)
        self.assertTrue(catalog.exists())

    def cli_alone(self):
        return [BIN / "prove-cli", "--catalog", self.master.catalog]

    def test_a_cancel_stops_the_command_on_the_host(self):
        master = self.start(self.target("box1"))
        job = master.running_job("cmd", "box1", "--shell", "sleep 61.5")
        until(lambda: self.runs("sleep 61.5"), 30, "the command")
        self.assertEqual("running", master.json("jobs", "show", job)[0]["targets_ends"][0].get("phase", "running"))
        master.cli("jobs", "cancel", job)
        end, reason = master.ends(job)["box1"]
        self.assertEqual("cancelled", end)
        self.assertIn("cancelled by", reason)
        until(lambda: not self.runs("sleep 61.5"), 10, "that it is gone")

    def test_P1_a_master_that_is_killed_leaves_nothing_running_and_does_nothing_twice(self):
        self.set_up(sessions=1)
        mark = self.host.home("plain") / "marks"
        master = self.start(self.target("box1"), self.target("box2"))
        job = master.running_job("cmd", "box*", "--shell", f"echo one >> {mark}; sleep 30.5")
        until(lambda: self.runs("sleep 30.5"), 30, "the command")
        master.program.kill()
        until(lambda: not self.runs("sleep 30.5"), 60, "that the command is gone")
        self.no_exec_is_left()
        self.assertEqual("one\n", mark.read_text())
        master.start()
        until(lambda: self.runs("sleep 30.5"), 30, "the other one's command")
        ends = {row["target"]: row for row in master.json("jobs", "show", job)[0]["targets_ends"] if "end" in row}
        self.assertEqual(["box1"], list(ends))
        self.assertEqual("interrupted", ends["box1"]["end"])
        self.assertIn("prove-master ended while it ran over ssh", ends["box1"]["reason"])
        before = time.monotonic()
        master.program.stop()
        self.assertLess(time.monotonic() - before, 10, "P26")
        self.assertEqual(0, master.program.process.returncode, master.program.log())
        self.no_exec_is_left()
        self.assertEqual("one\none\n", mark.read_text())
        master.start()
        self.assertEqual({"box1": "interrupted", "box2": "interrupted"}, {name: end for name, (end, _) in master.ends(job).items()})
        self.assertEqual("one\none\n", mark.read_text())

    def test_P31_a_connection_that_breaks_ends_its_target_within_a_minute(self):
        master = self.start(self.target("box1"))
        job = master.running_job("cmd", "box1", "--shell", "sleep 62.5")
        until(lambda: self.runs("sleep 62.5"), 30, "the command")
        children = pathlib.Path("/proc").glob("[0-9]*")
        ssh = [int(entry.name) for entry in children if self.is_ssh_of_the_master(entry)]
        self.assertEqual(1, len(ssh))
        before = time.monotonic()
        os.kill(ssh[0], signal.SIGKILL)
        end, reason = master.ends(job)["box1"]
        self.assertLess(time.monotonic() - before, 60)
        self.assertEqual("interrupted", end)
        self.assertIn("the connection was lost", reason)
        until(lambda: not self.runs("sleep 62.5"), 60, "that the command is gone")

    def is_ssh_of_the_master(self, entry):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = re.search(r"PPid:\t(\d+)", (entry / "status").read_text()).group(1)
        except OSError:
            return False
        return words[0] == b"ssh" and int(parent) == self.master.program.process.pid

    def test_S87_unknown_and_changed_host_keys_are_refused_with_what_to_do(self):
        master = self.start(self.target("box1"))
        right = self.known_hosts.read_text()
        self.known_hosts.write_text("")
        done = master.cli("ping", "box1", check=False)
        self.assertEqual(5, done.code, done)
        scan = re.search(r"'(ssh-keyscan [^|']*[^|' ]) \| ssh-keygen -lf -'", done.out + done.err)
        self.assertTrue(scan, done)
        self.assertIn(f"'{scan.group(1)} >> {self.known_hosts}'", done.out + done.err)
        self.assertEqual(0, run(["sh", "-c", f"{scan.group(1)} >> {self.known_hosts}"]).code, "as it was told")
        self.assertEqual(0, master.cli("ping", "box1").code)
        other = self.master.folder / "other"
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other])
        self.known_hosts.write_text(f"{right.split()[0]} {' '.join((self.master.folder / 'other.pub').read_text().split()[:2])}\n")
        done = master.cli("ping", "box1", check=False)
        self.assertEqual(5, done.code, done)
        self.assertIn("either it was installed anew, or somebody stands between", done.out + done.err)
        self.assertIn(f"-f {self.known_hosts}", done.out + done.err)
        self.known_hosts.write_text(right)
        self.known_hosts.chmod(0o666)
        done = master.cli("ping", "box1", check=False)
        self.assertIn("may be written by others", done.out + done.err)

    def test_the_operators_own_configuration_counts_for_names_and_ways(self):
        (self.ssh / "config").write_text(f"Host box1.internal\n  HostName 127.0.0.1\n  Port {self.host.port}\n  User plain\n")
        master = self.start("  - {name: box1, host: box1.internal, executor: ssh}\n", states="{}\n")
        self.assertIn("plain", master.cli("cmd", "box1", "--", "id", "-un").out)


@needs_hosts
class FromThePackage(unittest.TestCase):
    """The master as it is installed: a user of its own, within what systemd leaves it; the host over a real network."""

    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet(2)
        cls.addClassCleanup(cls.fleet.down)
        cls.fleet.install("h1", "prove-master", "prove-cli", "openssh-client")
        cls.fleet.write("h1", "/etc/prove/catalog/targets.yml", "targets: [{name: h2, executor: ssh, ssh: {user: deploy, become: sudo}, states: [main]}]\n")
        cls.fleet.write("h1", "/etc/prove/catalog/states/main.yml", "group: [{fn: group.present, name: crew}]\n")
        cls.fleet.exec("h1", "prove-cli", "catalog", "reload")
        cls.fleet.shell("h2", "useradd -m deploy && echo 'deploy ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy")

    def master(self, *arguments, check=False):
        return self.fleet.exec("h1", *arguments, check=check)

    def end_of_the_last_job(self):
        def ended():
            row = json.loads(self.master("prove-cli", "--output", "json", "jobs", "list").out.splitlines()[0])
            shown = json.loads(self.master("prove-cli", "--output", "json", "jobs", "show", row["job"]).out.splitlines()[0])
            return shown["targets_ends"][0] if shown["ended"] else None
        return until(ended, 90, "the job ends", 0.5)

    def test_set_up_as_the_manual_says_apply_a_cut_cable_and_a_restart(self):
        unknown = self.master("prove-cli", "ping", "h2")
        self.assertEqual(5, unknown.code, unknown)
        self.assertIn("ssh-keyscan h2 >> /etc/prove/ssh/known_hosts", unknown.out)
        self.fleet.shell("h1", "install -d -o prove -g prove -m 0700 /etc/prove/ssh && "
                               "runuser -u prove -- ssh-keygen -q -t ed25519 -N '' -f /etc/prove/ssh/id_ed25519 && "
                               "ssh-keyscan h2 >> /etc/prove/ssh/known_hosts")
        refused = self.master("prove-cli", "ping", "h2")
        self.assertIn("ssh was not let in", refused.out)
        key = self.fleet.read("h1", "/etc/prove/ssh/id_ed25519.pub")
        self.fleet.write("h2", "/home/deploy/.ssh/authorized_keys", key)
        self.fleet.shell("h2", "chown -R deploy: /home/deploy/.ssh && chmod 700 /home/deploy/.ssh")
        done = self.master("prove-cli", "states", "apply", "h2")
        self.assertEqual(0, done.code, done)
        self.assertIn("1 changed", done.out)
        self.assertIn("crew:", self.fleet.read("h2", "/etc/group"))
        self.assertRegex(self.master("prove-cli", "cmd", "h2", "--", "id", "-un").out, "(?m)root$")
        self.a_cut_cable()
        self.a_restart()

    def start_a_command(self):
        self.master("prove-cli", "cmd", "h2", "--detach", "--shell", "sleep 66.7", check=True)
        until(lambda: self.fleet.processes("h2", "^sleep 66.7"), 30, "the command")

    def a_cut_cable(self):
        self.start_a_command()
        self.fleet.call("cut", "h2")
        cut = time.monotonic()
        end = self.end_of_the_last_job()
        self.fleet.call("heal", "h2")
        self.assertLess(time.monotonic() - cut, 60, "P31")
        self.assertEqual("interrupted", end["end"])
        self.assertIn("the connection was lost", end["reason"])
        until(lambda: not self.fleet.processes("h2", "^sleep 66.7"), 60, "the end of the command on the host")

    def a_restart(self):
        self.start_a_command()
        before = time.monotonic()
        self.fleet.shell("h1", "systemctl restart prove-master")
        self.assertLess(time.monotonic() - before, 10, "P26")
        until(lambda: self.master("prove-cli", "targets").code == 0, 20, "the master answers")
        self.assertEqual("interrupted", self.end_of_the_last_job()["end"])
        until(lambda: not self.fleet.processes("h2", "^sleep 66.7"), 60, "the end of the command on the host")
        self.assertEqual(0, self.master("prove-cli", "ping", "h2").code)


if __name__ == "__main__":
    unittest.main()
