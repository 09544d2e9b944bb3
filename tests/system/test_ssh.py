"""Targets with `executor: ssh`, through a real sshd: whatever the login shell, whatever is wrong with the host."""
import hashlib
import os
import pathlib
import random
import re
import signal
import time
import unittest

from harness import BIN, run, until
from ssh_hosts import PASSWORD, SshHost, needs_sshd

EXEC = BIN / "prove-exec-x86_64"


def every_process(name):
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "comm").read_text().strip() == name:
                yield int(folder.name)
        except OSError:
            pass  # it has ended


def parent_of(pid):
    try:
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def in_terminal(host, answers, catalog, *arguments):
    """prove-cli with a terminal: (exit code, what it showed). `answers` maps prompts to what is typed."""
    import pty
    import select
    import time
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(host.environment())
        os.execv(BIN / "prove-cli", ["prove-cli", "--color", "never", "--catalog", str(catalog), *arguments])
    shown, asked = "", 0
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            shown += piece.decode("utf-8", "replace")
            for prompt, answer in answers.items():
                if shown.count(prompt) > asked:
                    asked += 1
                    os.write(terminal, answer.encode() + b"\n")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown


@needs_sshd
class OverSsh(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = SshHost()
        cls.addClassCleanup(cls.host.stop)

    def tearDown(self):
        until(lambda: not any("prove-exec" in line or "/exec-" in line for line in self.host.commands()), 10,
              "that no prove-exec is left")

    def one_file(self, *names, content="hello"):
        targets = "targets:\n" + "".join(
            f"  - {{name: {name}, executor: ssh, states: [main], variables: {{home: {self.host.home(name)}}}"
            + "}\n" for name in names)
        return self.host.catalog({"targets.yml": targets,
                                  "states/main.yml": "greeting: [{fn: file.managed, path: ${vars.home}/greeting, content: " + content + "}]\n"})

    def test_plan_apply_and_apply_again_with_one_copy_of_prove_exec_on_the_host(self):
        catalog = self.one_file("plain")
        greeting = self.host.home("plain") / "greeting"
        plan = self.host.cli(catalog, "states", "plan", "plain", "--detailed-exit-code")
        self.assertEqual(6, plan.code, plan)
        self.assertIn("1 target: 1 would change", plan.out)
        self.assertFalse(greeting.exists())
        done = self.host.cli(catalog, "states", "apply", "plain")
        self.assertEqual(0, done.code, done)
        self.assertIn("1 target: 1 changed", done.out)
        self.assertEqual("hello", greeting.read_text())
        copies = list(self.host.home("plain").glob(".cache/prove-*/*"))
        self.assertEqual(["exec-" + hashlib.sha256(EXEC.read_bytes()).hexdigest()], [copy.name for copy in copies])
        written = copies[0].stat().st_mtime_ns
        again = self.host.cli(catalog, "states", "apply", "plain")
        self.assertIn("1 target: 1 ok", again.out)
        self.assertEqual(written, copies[0].stat().st_mtime_ns, "it was not copied again")

    def test_every_login_shell_will_do_and_what_a_profile_prints_is_passed_over(self):
        for user in ("bashful", "csh", "fish", "noisy"):
            with self.subTest(user):
                done = self.host.cli(self.one_file(user), "states", "apply", user)
                self.assertEqual(0, done.code, done)
                self.assertEqual("hello", (self.host.home(user) / "greeting").read_text())

    def test_ping_facts_and_cmd_on_several_hosts_in_the_order_of_their_names(self):
        catalog = self.host.catalog({"targets.yml": self.host.targets("plain", "bashful", "csh", states="")})
        done = self.host.cli(catalog, "ping", "*")
        self.assertEqual(0, done.code, done)
        self.assertEqual(["bashful", "csh", "plain"], re.findall(r"^(\w+)  answered", done.out, re.M))
        self.assertTrue(all(int(ms) > 10 for ms in re.findall(r"answered in (\d+) ms", done.out)), "connecting takes time, too: " + done.out)
        done = self.host.cli(catalog, "cmd", "*", "--shell", "sleep 0.$(( $$ % 5 )); id -un")
        self.assertEqual(["bashful  bashful", "csh  csh", "plain  plain"],
                         [line for line in done.out.splitlines() if re.match(r"(\w+)  \1$", line)], done)
        done = self.host.cli(catalog, "--output", "json", "facts", "plain", "host.name")
        self.assertEqual(0, done.code, done)

    def test_templates_see_the_facts_of_the_host_and_not_of_this_machine(self):
        catalog = self.host.catalog({"targets.yml": self.host.targets("plain"),
                                     "states/main.yml": "seen: [{fn: file.managed, path: %s/seen, content: \"${facts['kernel']['name']}\"}]\n"
                                                        % self.host.home("plain")})
        done = self.host.cli(catalog, "states", "apply", "plain")
        self.assertEqual(0, done.code, done)
        self.assertEqual("Linux", (self.host.home("plain") / "seen").read_text())

    def test_late_states_are_compiled_here_while_the_run_waits_there(self):
        home = self.host.home("plain")
        catalog = self.host.catalog({
            "targets.yml": self.host.targets("plain"),
            "states/main.yml": "reads: [{fn: cmd.read, cmd: [echo, -n, hello]}]\n"
                               "late: {late: true, requires: [reads], parts: [{fn: file.managed, path: %s/late, "
                               "content: 'heard ${results.reads.stdout}'}]}\n" % home})
        done = self.host.cli(catalog, "states", "apply", "plain")
        self.assertEqual(0, done.code, done)
        self.assertEqual("heard hello", (home / "late").read_text())

    def test_S91_a_secret_reaches_the_host_and_stands_in_nothing_else_there_or_here(self):
        word = "canary-4711-flies"
        key = self.host.folder / "user/.config/prove/keys/secret.key"
        catalog = self.host.catalog({"targets.yml": ""})
        done = self.host.cli(catalog, "secret", "init", "--key", key)
        self.assertEqual(0, done.code, done)
        encrypted = self.host.cli(catalog, "secret", "encrypt", input=word.encode()).out.strip()
        (catalog / "targets.yml").write_text(f"targets: [{{name: plain, executor: ssh, states: [main], variables: {{v: {encrypted}}}}}]\n")
        (catalog / "states").mkdir()
        home = self.host.home("plain")
        (catalog / "states/main.yml").write_text(f"a: [{{fn: file.managed, path: {home}/secret, content: 'it is ${{vars.v}}', mode: '0600'}}]\n"
                                                 "b: [{fn: cmd.run, cmd: 'cat; exit 1', stdin: '${vars.v}'}]\n")
        done = self.host.cli(catalog, "--output", "json", "states", "apply", "plain")
        self.assertEqual(4, done.code, done)
        self.assertEqual(f"it is {word}", (home / "secret").read_text())
        self.assertNotIn(word, done.out + done.err)
        found = [path for path in self.host.folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]
        self.assertEqual([home / "secret"], found)

    def test_sudo_without_a_password(self):
        catalog = self.host.catalog({"targets.yml": self.host.targets("plain", "csh", "fish", become="sudo", states="")})
        done = self.host.cli(catalog, "cmd", "*", "--", "id", "-un")
        self.assertEqual(0, done.code, done)
        self.assertEqual(3, len(re.findall(r"  root$", done.out, re.M)), done)
        self.assertEqual(1, len(list((self.host.folder / "var-cache").glob("prove-0/exec-*"))))

    def test_sudo_with_a_password_is_asked_once_for_all_hosts(self):
        targets = "targets:\n" + "".join(f"  - {{name: a{i}, host: asked, executor: ssh, ssh: {{become: sudo}}}}\n" for i in range(3))
        catalog = self.host.catalog({"targets.yml": targets})
        code, shown = in_terminal(self.host, {"password for sudo: ": PASSWORD}, catalog, "cmd", "*", "--", "id", "-un")
        self.assertEqual(0, code, shown)
        self.assertEqual(3, shown.count("root"), shown)
        self.assertEqual(1, shown.count("password for sudo"), shown)
        self.assertNotIn(PASSWORD, shown)

    def test_ctrl_c_at_the_prompt_ends_it_all(self):
        catalog = self.host.catalog({"targets.yml": self.host.targets("asked", become="sudo", states="")})
        code, shown = in_terminal(self.host, {"password for sudo: ": "half a pass\x03"}, catalog, "cmd", "asked", "--", "true")
        self.assertEqual(7, code, shown)
        self.assertIn("asked  cancelled", shown)

    def test_su_with_a_password(self):
        catalog = self.host.catalog({"targets.yml": self.host.targets("csh", become="su", states="")})
        code, shown = in_terminal(self.host, {"password for su: ": PASSWORD}, catalog, "cmd", "csh", "--", "id", "-un")
        self.assertEqual(0, code, shown)
        self.assertIn("root", shown)

    def test_doas_with_and_without_a_password(self):
        catalog = self.host.catalog({"targets.yml": self.host.targets("asked", "forbidden", "plain", become="doas", states="")})
        done = self.host.cli(catalog, "cmd", "plain", "--", "id", "-un")
        self.assertEqual((0, "root\n"), (done.code, done.out), done)
        code, shown = in_terminal(self.host, {"password for doas: ": PASSWORD}, catalog, "cmd", "asked", "--", "id", "-un")
        self.assertEqual(0, code, shown)
        self.assertIn("root", shown)
        code, shown = in_terminal(self.host, {"password for doas: ": "wrong"}, catalog, "cmd", "asked", "--", "id", "-un")
        self.assertIn("asked  unreachable: doas did not take the password", shown)
        done = self.host.cli(catalog, "cmd", "forbidden", "--", "id", "-un")
        self.assertIn("forbidden  unreachable: doas does not let this user become root there", done.out)

    def test_a_wrong_password_no_terminal_and_no_right_end_in_one_message_while_others_go_on(self):
        catalog = self.host.catalog({"targets.yml": self.host.targets("asked", "forbidden", "plain", become="sudo", states="")})
        done = self.host.cli(catalog, "cmd", "*", "--", "true")
        self.assertEqual(5, done.code, done)
        self.assertIn("asked  unreachable: sudo asks for a password, and there is no terminal to ask you for it", done.out)
        self.assertIn("plain  done", done.out)
        code, shown = in_terminal(self.host, {"password for sudo: ": "wrong"}, catalog, "cmd", "asked", "--", "true")
        self.assertEqual(5, code, shown)
        self.assertIn("asked  unreachable: sudo did not take the password", shown)
        code, shown = in_terminal(self.host, {"password for sudo: ": PASSWORD}, catalog, "cmd", "forbidden", "--", "true")
        self.assertIn("forbidden  unreachable: sudo does not let this user become root there", shown)

    def test_a_changed_and_an_unknown_host_key_are_refused_with_what_to_do(self):
        catalog = self.host.catalog({"targets.yml": self.host.targets("plain", states="")})
        right = self.host.known_hosts.read_text()
        try:
            other = (self.host.folder / "user/.ssh/id.pub").read_text().split()[:2]
            self.host.known_hosts.write_text(f"[127.0.0.1]:{self.host.port} {' '.join(other)}\n")
            done = self.host.cli(catalog, "ping", "plain")
            self.assertEqual(5, done.code, done)
            self.assertIn("the host's key is not the one that was seen before", done.out)
            self.host.known_hosts.write_text("")
            done = self.host.cli(catalog, "ping", "plain")
            self.assertIn("the host's key is not known: connect once with 'ssh plain'", done.out)
        finally:
            self.host.known_hosts.write_text(right)

    def test_a_connection_that_is_killed_is_a_named_result_and_leaves_nothing_running(self):
        catalog = self.host.catalog({"targets.yml": self.host.targets("plain", "csh", states="")})
        cli = self.host.start_cli(catalog, "cmd", "*", "--shell", "sleep 77.7")
        until(lambda: self.host.commands().count("sleep 77.7 ") == 2, 20, "the commands")
        for pid in self.host.processes():
            if re.match("sshd: (plain|csh)", self.host.command_of(pid)):
                os.kill(pid, signal.SIGKILL)
        out = cli.communicate(timeout=60)[0]
        self.assertEqual(4, cli.returncode, out)
        self.assertEqual(2, out.count("interrupted: the connection was lost"), out)
        until(lambda: not any("sleep 77.7" in line for line in self.host.commands()), 20, "that nothing is left")

    def test_ctrl_c_ends_what_runs_on_the_hosts(self):
        catalog = self.host.catalog({"targets.yml": self.host.targets("plain", states="")})
        cli = self.host.start_cli(catalog, "cmd", "*", "--shell", "sleep 78.8")
        until(lambda: any("sleep 78.8" in line for line in self.host.commands()), 20, "the command")
        cli.send_signal(signal.SIGINT)
        out = cli.communicate(timeout=60)[0]
        self.assertEqual(7, cli.returncode, out)
        until(lambda: not any("sleep 78.8" in line for line in self.host.commands()), 10, "that nothing is left")

    def test_prove_cli_that_is_killed_leaves_nothing_running_on_the_hosts(self):
        catalog = self.host.catalog({"targets.yml": self.host.targets("plain", states="")})
        cli = self.host.start_cli(catalog, "cmd", "*", "--shell", "sleep 79.9")
        until(lambda: any("sleep 79.9" in line for line in self.host.commands()), 20, "the command")
        cli.kill()
        cli.communicate(timeout=60)
        until(lambda: not any("sleep 79.9" in line for line in self.host.commands()), 10, "that nothing is left")

    def test_a_host_that_is_out_of_descriptors_is_told_and_the_others_go_on(self):
        catalog = self.host.catalog({"targets.yml": self.host.targets("few", "plain", states="")})
        done = self.host.cli(catalog, "cmd", "*", "--", "true")
        self.assertIn("plain  done", done.out, done)
        self.assertRegex(done.out, r"few  (failed|unreachable): .*too many open files")

    def test_a_hundred_hosts_go_few_at_a_time_over_one_connection_each_and_stand_in_the_order_of_their_names(self):
        names = [f"t{i:03}" for i in range(100)]
        targets = "targets:\n" + "".join(f"  - {{name: {name}, host: plain, executor: ssh}}\n" for name in names)
        catalog = self.host.catalog({"targets.yml": targets})
        before = len(re.findall("Accepted publickey", self.host.log_text()))
        cli = self.host.start_cli(catalog, "--parallel", "7", "ping", "*")
        most = 0
        while cli.poll() is None:
            most = max(most, sum(parent_of(pid) == cli.pid for pid in every_process("ssh")))
            time.sleep(0.005)
        out = cli.stdout.read()
        self.assertEqual(0, cli.returncode, out)
        self.assertEqual(names, re.findall(r"^(t\d+)  answered", out, re.M))
        self.assertLessEqual(most, 7)
        self.assertGreaterEqual(most, 5)
        self.assertEqual(before + 100, len(re.findall("Accepted publickey", self.host.log_text())))

    def test_P31_connections_that_are_killed_at_any_moment_end_in_a_named_result_and_leave_nothing(self):
        catalog = self.host.catalog({"targets.yml": "targets: [{name: plain, executor: ssh, states: [main]}]\n",
                                     "states/main.yml": "".join(f"s{n}: [{{fn: cmd.run, cmd: 'sleep 0.0{n}; true'}}]\n" for n in range(10))})
        moments, ends = random.Random(int(os.environ.get("PROVE_SEED", "1"))), set()
        for _ in range(int(os.environ.get("PROVE_RUNS", "25"))):
            cli = self.host.start_cli(catalog, "states", "apply", "plain")
            time.sleep(moments.uniform(0.05, 0.9))
            for pid in self.host.processes():
                if re.match("sshd: plain", self.host.command_of(pid)):
                    os.kill(pid, signal.SIGKILL)
            out = cli.communicate(timeout=60)[0]
            self.assertIn(cli.returncode, (0, 4, 5), out)
            self.assertRegex(out, r"plain +(10 changed|interrupted|unreachable)")
            ends.add(cli.returncode)
        self.assertLessEqual({4}, ends, "none was hit in the middle")
        until(lambda: not any("sleep 0.0" in line for line in self.host.commands()), 20, "that nothing is left")
        done = self.host.cli(catalog, "states", "apply", "plain")
        self.assertEqual(0, done.code, done)
        self.assertEqual([], [path for path in (self.host.home("plain") / ".cache").rglob("new-*")], "what was begun is gone")


@needs_sshd
class AsTheUserHasIt(unittest.TestCase):
    """What ssh is told by its user's own configuration works as always."""

    def setUp(self):
        self.host = SshHost(users={"plain": "/bin/sh", "bashful": "/bin/bash"})
        self.addCleanup(self.host.stop)
        self.config = self.host.folder / "user/.ssh/config"
        self.key = self.host.folder / "user/.ssh/id"
        self.catalog = self.host.catalog({"targets.yml": self.host.targets("plain", states="")})

    def answers(self, env=None):
        done = self.host.cli(self.catalog, "cmd", "plain", "--", "id", "-un", **({"env": env} if env else {}))
        self.assertEqual(0, done.code, done)
        self.assertIn("plain", done.out)
        return done

    def test_a_jump_host(self):
        wrapper = self.host.folder / "user/bin/ssh"
        self.config.write_text(f"Host plain\n  ProxyCommand {wrapper} -W 127.0.0.1:{self.host.port} bashful\n" + self.config.read_text())
        self.answers()
        self.assertIn("Accepted publickey for bashful", self.host.log_text())

    def test_a_key_that_only_the_agent_has(self):
        agent = run(["ssh-agent", "-s"]).out
        socket, pid = re.search("SSH_AUTH_SOCK=([^;]+)", agent).group(1), int(re.search("SSH_AGENT_PID=([0-9]+)", agent).group(1))
        self.addCleanup(os.kill, pid, signal.SIGTERM)
        self.assertEqual(0, run(["ssh-add", self.key], env={"SSH_AUTH_SOCK": socket}).code)
        self.config.write_text(re.sub("  IdentityFile .*\n  IdentitiesOnly yes\n", "", self.config.read_text()))
        self.key.rename(self.host.folder / "away")
        os.environ["SSH_AUTH_SOCK"] = socket
        self.addCleanup(os.environ.pop, "SSH_AUTH_SOCK")
        self.answers()
        run(["ssh-add", "-D"], env={"SSH_AUTH_SOCK": socket})
        done = self.host.cli(self.catalog, "ping", "plain")
        self.assertEqual(5, done.code, done)
        self.assertRegex(done.out, "plain  unreachable: .*key")

    def test_why_it_failed_is_told_though_the_user_has_silenced_ssh(self):
        self.config.write_text("LogLevel QUIET\n" + self.config.read_text())
        self.host.known_hosts.write_text("")
        done = self.host.cli(self.catalog, "ping", "plain")
        self.assertEqual(5, done.code, done)
        self.assertIn("the host's key is not known: connect once with 'ssh plain'", done.out)

    def test_certificates_of_users_and_hosts(self):
        authority = self.host.folder / "authority"
        for command in (["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", authority],
                        ["ssh-keygen", "-q", "-s", authority, "-I", "kim", "-n", "plain", f"{self.key}.pub"],
                        ["ssh-keygen", "-q", "-s", authority, "-h", "-I", "host", "-n", "127.0.0.1,plain", self.host.folder / "host.pub"]):
            self.assertEqual(0, run(command).code)
        self.host.restart(f"TrustedUserCAKeys {authority}.pub\nHostCertificate {self.host.folder}/host-cert.pub\n")
        (self.host.folder / "authorized").write_text("")
        self.host.known_hosts.write_text("@cert-authority * " + pathlib.Path(f"{authority}.pub").read_text())
        self.config.write_text(self.config.read_text() + f"  CertificateFile {self.key}-cert.pub\n")
        self.answers()
        self.assertIn("ID kim", self.host.log_text())


@needs_sshd
class BadPlaces(unittest.TestCase):
    """Where a copy of prove-exec cannot be run, or does not fit."""

    def host(self, mounts):
        host = SshHost(mounts, users={"plain": "/bin/sh"})
        self.addCleanup(host.stop)
        return host, host.catalog({"targets.yml": host.targets("plain", states="")})

    def mounts(self, options, *folders):
        return "".join(f"mount -t tmpfs -o mode=1777,{options} none {folder}\n" for folder in folders)

    def test_another_place_is_taken_where_one_forbids_execution_or_is_full(self):
        host, catalog = self.host("mount -t tmpfs -o mode=1777,noexec none $(getent passwd plain | cut -d: -f6)\n" +
                                  self.mounts("size=1m", "/var/tmp"))
        done = host.cli(catalog, "ping", "plain")
        self.assertEqual(0, done.code, done)

    def test_where_no_place_will_do_each_is_named_with_its_reason(self):
        host, catalog = self.host("mount -t tmpfs -o mode=1777,noexec none $(getent passwd plain | cut -d: -f6)\n" +
                                  self.mounts("noexec", "/tmp") + self.mounts("size=1m", "/var/tmp", "/dev/shm"))
        done = host.cli(catalog, "ping", "plain")
        self.assertEqual(5, done.code, done)
        self.assertIn("prove-exec can be put nowhere on the host: ", done.out)
        self.assertIn("/.cache/prove-64001 forbids execution; /var/tmp/prove-64001 is full; /tmp/prove-64001 forbids execution; "
                      "/dev/shm/prove-64001 is full", done.out)
