"""prove-cli as people meet it: on a terminal, with Ctrl-C, completion, manual pages, and bad input."""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from harness import BIN, run, until
from prove_master import LocalCase

CLI = BIN / "prove-cli"


class Terminal:
    """A command on a terminal of its own: what it shows, and what is typed."""

    def __init__(self, arguments, env=None):
        master, slave = pty.openpty()
        self.process = subprocess.Popen([str(a) for a in arguments], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                                        env={**os.environ, "TERM": "xterm", **(env or {})})
        os.close(slave)
        self.master, self.text = master, ""

    def read(self, wanted, seconds=20):
        """Reads until `wanted` is on the screen; None: until the end."""
        deadline = time.monotonic() + seconds
        while wanted is None or wanted not in self.text:
            ready, _, _ = select.select([self.master], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"{wanted!r} did not come: {self.text!r}")
            try:
                chunk = os.read(self.master, 4096)
            except OSError:         # the other side has been closed
                chunk = b""
            if not chunk:
                if wanted is None:
                    break
                raise AssertionError(f"it ended without {wanted!r}: {self.text!r}")
            self.text += chunk.decode("utf-8", "replace")
        return self.text

    def type(self, text):
        os.write(self.master, text.encode())

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def end(self):
        self.read(None)
        return self.process.wait(20)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


class OnATerminal(LocalCase):
    agents = ("term1",)

    def on_terminal(self, *arguments, env=None):
        terminal = Terminal([CLI, "--master", self.master.socket, *arguments], env)
        self.addCleanup(terminal.close)
        return terminal

    def started(self, terminal):
        """Waits until the command of a job runs, and gives the job's id."""
        terminal.read("started")
        return self.master.json("jobs", "list", "--active")[0]["job"]

    def test_ctrl_c_asks_and_no_leaves_the_job_running(self):
        terminal = self.on_terminal("cmd", "term1", "--shell", "echo started; sleep 600")
        job = self.started(terminal)
        terminal.interrupt()
        terminal.read("cancel the job? otherwise it goes on without you [y/N]")
        terminal.type("n\n")
        self.assertEqual(terminal.end(), 7)
        self.assertIn("prove-cli jobs watch " + job[:10], terminal.text)
        self.assertFalse(self.master.json("jobs", "show", job)[0]["ended"])
        self.cli("jobs", "cancel", job)
        self.assertEqual(self.cli("jobs", "watch", job, code=7).code, 7)

    def test_ctrl_c_and_yes_cancels_the_job_and_waits_for_its_end(self):
        terminal = self.on_terminal("cmd", "term1", "--shell", "echo started; sleep 600")
        self.started(terminal)
        terminal.interrupt()
        terminal.read("[y/N]")
        terminal.type("y\n")
        self.assertEqual(terminal.end(), 7)
        self.assertIn("cancelled", terminal.text)

    def test_a_second_ctrl_c_detaches_at_once(self):
        terminal = self.on_terminal("cmd", "term1", "--shell", "echo started; sleep 600")
        job = self.started(terminal)
        terminal.interrupt()
        terminal.read("[y/N]")
        terminal.interrupt()
        self.assertEqual(terminal.end(), 7)
        self.assertIn("detached", terminal.text)
        self.cli("jobs", "cancel", job)

    def test_colours_are_for_terminals_and_can_be_turned_off(self):
        colour = "\033[1m"
        shown = self.on_terminal("ping", "term1")
        self.assertEqual(shown.end(), 0)
        self.assertIn(colour, shown.text)
        plain = self.on_terminal("ping", "term1", env={"NO_COLOR": "1"})
        self.assertEqual(plain.end(), 0)
        self.assertNotIn(colour, plain.text)
        self.assertNotIn("\033", self.cli("ping", "term1").out)
        self.assertIn(colour, self.cli("--color", "always", "ping", "term1").out)

    def test_one_line_moves_while_a_job_runs_and_is_gone_at_the_end(self):
        terminal = self.on_terminal("cmd", "term1", "--shell", "echo started; sleep 1")
        self.assertEqual(terminal.end(), 0)
        self.assertIn("0 of 1 done", terminal.text)
        self.assertRegex(terminal.text, r"\x1b\[K$|started\r\n\Z")

    def test_output_json_and_yaml_are_whole_documents_whatever_happens(self):
        for arguments in (["ping", "term1"], ["facts", "term1", "os"], ["cmd", "term1", "--", "false"], ["targets"], ["keys", "list"],
                          ["jobs", "list"], ["functions"], ["functions", "cmd.run"], ["audit", "list"], ["audit", "verify"],
                          ["catalog", "status"]):
            with self.subTest(arguments):
                done = run([CLI, "--master", self.master.socket, "--output", "json", *arguments])
                self.assertTrue(done.lines(), done)
                done = run([CLI, "--master", self.master.socket, "--output", "yaml", *arguments])
                self.assertTrue(done.out.startswith("---\n"), done)
        for arguments in (["ping", "nobody"], ["functions", "no.such"], ["jobs", "show", "zzzzzzzz"]):
            with self.subTest(arguments):
                done = run([CLI, "--master", self.master.socket, "--output", "json", *arguments])
                self.assertEqual(done.code, 2, done)
                self.assertEqual(json.loads(done.err)["event"], "error")
                self.assertEqual(done.out, "")


class Alone(unittest.TestCase):
    """What needs no master."""

    def test_a_master_that_is_down_is_one_clear_error(self):
        done = run([CLI, "--master", "/nowhere/api.sock", "ping", "*"])
        self.assertEqual(done.code, 9)
        self.assertEqual(len(done.err.splitlines()), 1, done)
        self.assertIn("systemctl status prove-master", done.err)

    def test_every_program_tells_of_a_wrong_option_in_the_same_words(self):
        for program, option, near in (("prove-cli", "--outptu", "--output"), ("prove-agent", "--confgi", "--config"),
                                      ("prove-master", "--confg", "--config")):
            with self.subTest(program):
                done = run([BIN / program, option, "x"])
                self.assertEqual(done.code, 2, done)
                self.assertEqual(done.err, f"{program}: there is no option '{option}'; did you mean '{near}'?\n"
                                           f"see '{program} --help'\n")

    def test_wrong_settings_are_2_and_all_told_at_once_with_their_places(self):
        with tempfile.TemporaryDirectory() as folder:
            for program, text, lines in (
                    ("prove-master", "datta: x\nlog_level: info\nadministrators: [no-such-group]\n",
                     ["1:1: unknown setting 'datta', did you mean 'data'?", "2:1: unknown setting 'log_level'",
                      "3:18: administrators: this machine has no group 'no-such-group'; addgroup makes one"]),
                    ("prove-agent", "name: Web 1\npin: prove-master-x\n",
                     ["1:7: name: 'Web 1' cannot be an agent's name; it takes small letters, digits and . _ - within, at most 253 of them",
                      "2:6: pin: not a master's pin: copied wrongly: a foreign character, or an end cut off"])):
                with self.subTest(program):
                    file = pathlib.Path(folder) / "settings.yml"
                    file.write_text(text)
                    file.chmod(0o600)
                    done = run([BIN / program, "--config", file])
                    self.assertEqual(done.code, 2, done)
                    self.assertEqual(done.err, f"{program}: " + "".join(f"{file}:{line}\n" for line in lines))

    def test_variables_explain_names_every_layer_that_set_a_key_the_winner_first(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "prove.yml").write_text(
                "variables: {site: {name: blog, port: 80}}\n"
                "targets: [{name: web1, variables: {site: {port: 8080}}}]\n")
            explain = [CLI, "--catalog", folder, "variables", "web1"]
            done = run([*explain, "site", "--explain"])
            self.assertEqual((0, "site.name\n"
                                 "  wins      \"blog\"  catalog  prove.yml:1:20\n"
                                 "site.port\n"
                                 "  wins      8080  target web1  prove.yml:2:43\n"
                                 "  replaced  80  catalog  prove.yml:1:32\n"), (done.code, done.out), done)
            self.assertEqual("8080\n", run([*explain, "site.port"]).out)
            done = run([*explain, "site.prt", "--explain"])
            self.assertEqual((2, "prove-cli: no layer of target 'web1' sets 'site.prt'; did you mean 'site.port'?\n"),
                             (done.code, done.err), done)

    def complete(self, *words):
        """What bash offers after these words."""
        script = (f"source <({CLI} generate completion); COMP_WORDS=({' '.join(words)} ''); COMP_CWORD={len(words)}; "
                  "_prove_cli; printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = run(["bash", "-c", script])
        self.assertEqual((done.code, done.err), (0, ""), done)
        return done.out.split()

    def test_bash_completes_commands_and_options_of_every_level(self):
        self.assertLessEqual({"ping", "states", "jobs", "--output"}, set(self.complete("prove-cli")))
        self.assertLessEqual({"plan", "apply"}, set(self.complete("prove-cli", "states")))
        self.assertLessEqual({"--yes", "--state", "--var"}, set(self.complete("prove-cli", "states", "apply")))
        self.assertLessEqual({"--yes", "--state"}, set(self.complete("prove-cli", "--verbose", "states", "apply", "web1")))
        self.assertNotIn("--yes", self.complete("prove-cli", "jobs", "list"))

    def test_bash_completes_the_beginning_of_a_word(self):
        done = run(["bash", "-c", f"source <({CLI} generate completion); COMP_WORDS=(prove-cli st); COMP_CWORD=1; _prove_cli; "
                                  "printf '%s\\n' \"${COMPREPLY[@]}\""])
        self.assertEqual(done.out.split(), ["states", "state", "status"])

    @unittest.skipUnless(shutil.which("groff") or shutil.which("man"), "neither groff nor man is installed")
    def test_the_manual_pages_render_without_warnings(self):
        for program, argument in (("prove-cli", ["generate", "man"]), ("prove-master", ["--generate-man"]), ("prove-agent", ["--generate-man"])):
            with self.subTest(program):
                page = run([BIN / program, *argument])
                self.assertEqual(page.code, 0, page)
                formatter = ["groff", "-man", "-Tutf8", "-ww", "-z"] if shutil.which("groff") else ["man", "--warnings", "-l", "-"]
                done = run(formatter, input=page.out.encode())
                self.assertEqual((done.code, done.err), (0, ""), done)

    def test_help_is_there_for_every_command(self):
        def commands(*path):
            text = run([CLI, *path, "--help"])
            self.assertEqual(text.code, 0, text)
            self.assertIn("Examples:", text.out)
            section = text.out.split("Subcommands:\n", 1)
            for name in re.findall(r"^  (\S+)", section[1].split("\n\n")[0], re.M) if len(section) > 1 else []:
                commands(*path, name)
                seen.append(name)
        seen = []
        commands()
        self.assertGreater(len(seen), 25)


if __name__ == "__main__":
    unittest.main()
