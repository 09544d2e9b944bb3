"""ping, facts, cmd, jobs, targets: what an operator asks of agents, through a real master."""
import base64
import json
import os
import pty
import signal
import sqlite3
import subprocess
import time

from harness import BIN, until
from prove_master import LocalCase


def result(lines, target):
    return next(line for line in lines if line.get("event") == "result" and line["target"] == target)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Commands(LocalCase):
    agents = ("a1",)

    def cmd(self, *arguments, code=0):
        return result(self.cli("--output", "json", "cmd", "a1", *arguments, code=code).lines(), "a1")

    def start(self, *arguments, **keywords):
        return subprocess.Popen([str(a) for a in (BIN / "prove-cli", "--master", self.master.socket, *arguments)],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **keywords)

    def tree(self):
        """A command that starts a grandchild in a session of its own, and a function that gives both processes' ids."""
        pids = self.file("pids")
        script = f"echo $$ >> {pids}; setsid sh -c 'echo $$ >> {pids}; while :; do sleep 0.1; done' & while :; do sleep 0.1; done"
        return script, lambda: until(lambda: (lambda p: len(p) == 2 and p)(pids.read_text().split() if pids.exists() else ()),
                                     20, "both processes run")

    def test_the_exit_code_of_a_command_is_the_target_s_end(self):
        well = self.cmd("--", "true")
        self.assertEqual((well["end"], well["body"]["exit_code"]), ("done", 0))
        bad = self.cmd("--", "sh", "-c", "exit 3", code=4)
        self.assertEqual((bad["end"], bad["body"]["exit_code"], bad["reason"]), ("failed", 3, "exit code 3"))
        killed = self.cmd("--shell", "kill -9 $$", code=4)
        self.assertEqual((killed["end"], killed["reason"]), ("failed", "ended by signal 9"))
        missing = self.cmd("--", "no-such-program-anywhere", code=4)
        self.assertIn("no-such-program-anywhere", missing["reason"])

    def test_output_and_errors_come_apart_and_as_they_are(self):
        body = self.cmd("--shell", r"printf 'out \377\000'; echo err >&2")["body"]
        self.assertEqual(base64.b64decode(body["out"]), b"out \xff\x00")
        self.assertEqual(base64.b64decode(body["err"]), b"err\n")
        done = self.cli("cmd", "a1", "--shell", "echo out; echo err >&2; printf '\\033[31mred'")
        self.assertIn("out\n", done.out)
        self.assertIn("err\n", done.err)
        self.assertNotIn("\033[31mred", done.out)

    def test_output_streams_while_the_command_runs(self):
        go = self.file("go")
        process = self.start("cmd", "a1", "--shell", f"echo first; echo oops >&2; until [ -e {go} ]; do sleep 0.05; done; echo last")
        self.assertEqual(process.stdout.readline(), b"first\n")
        self.assertEqual(process.stderr.readline(), b"oops\n")
        self.assertIsNone(process.poll())
        go.touch()
        self.assertEqual(process.communicate(timeout=20)[0], b"last\n")
        self.assertEqual(process.returncode, 0)

    def test_much_output_is_cut_and_says_so(self):
        body = self.cmd("--shell", "head -c 3000000 /dev/zero | tr '\\0' x")["body"]
        self.assertTrue(body["truncated"])
        self.assertEqual(set(base64.b64decode(body["out"])), {ord("x")})

    def test_S84_a_command_has_the_environment_that_is_promised_and_nothing_else(self):
        body = self.cmd("--", "env")["body"]
        names = {line.split("=")[0] for line in base64.b64decode(body["out"]).decode().splitlines()}
        self.assertLessEqual(names, {"PATH", "HOME", "LANG", "PROVE_JOB", "USER", "LOGNAME", "SHELL"})
        self.assertLessEqual({"PATH", "HOME", "LANG", "PROVE_JOB"}, names)
        self.assertEqual(base64.b64decode(self.cmd("--", "ls", "/proc/self/fd")["body"]["out"]).split(), [b"0", b"1", b"2", b"3"])

    def test_user_folder_and_environment_are_as_asked(self):
        body = self.cmd("--user", "nobody", "--cwd", "/var/tmp", "--env", "SITE=a b", "--env", "N=1", "--shell",
                        'id -un; id -Gn; pwd; echo "$SITE,$N"; umask')["body"]
        self.assertEqual(base64.b64decode(body["out"]).decode().splitlines()[:4], ["nobody", "nogroup", "/var/tmp", "a b,1"])
        self.assertIn("no-such-user", self.cmd("--user", "no-such-user", "--", "true", code=4)["reason"])
        self.assertIn("/no/such", self.cmd("--cwd", "/no/such", "--", "true", code=4)["reason"])

    def test_a_command_that_never_ends_is_stopped_with_all_that_it_started(self):
        script, pids = self.tree()
        job = self.start("--output", "json", "cmd", "a1", "--timeout", "2s", "--shell", script)
        running = pids()
        self.assertTrue(all(alive(pid) for pid in running))
        out, _ = job.communicate(timeout=30)
        ended = result([json.loads(line) for line in out.splitlines()], "a1")
        self.assertEqual((job.returncode, ended["end"]), (4, "failed"))
        self.assertIn("did not end within 2.0 s", ended["reason"])
        self.assertTrue(ended["body"]["timed_out"])
        until(lambda: not any(alive(pid) for pid in running), 10, "both processes are gone")

    def test_a_cancelled_job_ends_with_all_that_it_started(self):
        script, pids = self.tree()
        follower = self.start("--output", "json", "cmd", "a1", "--shell", script)
        job = json.loads(follower.stdout.readline())["job"]
        running = pids()
        self.cli("jobs", "cancel", job[:10])
        until(lambda: not any(alive(pid) for pid in running), 10, "both processes are gone")
        out, _ = follower.communicate(timeout=20)
        self.assertEqual(follower.returncode, 7)
        self.assertEqual(result([json.loads(line) for line in out.splitlines()], "a1")["end"], "cancelled")
        self.assertEqual(self.master.ends(job)["a1"][0], "cancelled")

    def test_Ctrl_C_without_a_terminal_leaves_the_job_and_watch_takes_it_up_again(self):
        go = self.file("go")
        follower = self.start("cmd", "a1", "--shell", f"echo first; until [ -e {go} ]; do sleep 0.05; done; echo last")
        self.assertEqual(follower.stdout.readline(), b"first\n")
        follower.send_signal(signal.SIGINT)
        _, err = follower.communicate(timeout=20)
        self.assertEqual(follower.returncode, 7)
        self.assertIn(b"jobs watch", err)
        job = err.split(b"jobs watch ")[1].split()[0].decode()
        watcher = self.start("jobs", "watch", job)
        self.assertEqual(watcher.stdout.readline(), b"first\n")
        go.touch()
        self.assertEqual(watcher.communicate(timeout=20)[0], b"last\n")
        self.assertEqual(self.master.ends(job)["a1"][0], "done")

    def test_Ctrl_C_at_a_terminal_asks_and_yes_cancels(self):
        script, pids = self.tree()
        ours, theirs = pty.openpty()
        follower = subprocess.Popen([BIN / "prove-cli", "--master", self.master.socket, "cmd", "a1", "--shell", script],
                                    stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        running = pids()
        follower.send_signal(signal.SIGINT)
        shown = b""
        while b"cancel the job?" not in shown:
            shown += os.read(ours, 4096)
        os.write(ours, b"y\n")
        self.assertEqual(follower.wait(20), 7)
        os.close(ours)
        until(lambda: not any(alive(pid) for pid in running), 10, "both processes are gone")

    def test_jobs_are_listed_newest_first_and_shown_with_their_ends(self):
        first = self.master.running_job("cmd", "a1", "--", "echo", "shown again")
        self.master.ends(first)
        second = self.master.running_job("cmd", "a1", "--", "false")
        self.master.ends(second)
        listed = [row["job"] for row in self.master.json("jobs", "list")]
        self.assertLess(listed.index(second), listed.index(first))
        self.assertEqual(listed, sorted(listed, reverse=True))
        shown = self.cli("jobs", "show", first[:10])
        self.assertIn("echo shown again", shown.out)
        self.assertIn("by root", shown.out)
        self.cli("jobs", "show", second[:10], code=4)
        done = self.cli("jobs", "show", "0000000000", code=2)
        self.assertIn("0000000000", done.err)

    def test_wrong_use_is_told_before_anything_is_sent(self):
        jobs = len(self.master.json("jobs", "list"))
        for arguments in (("cmd", "a1"), ("cmd", "a1", "--shell", "x", "--", "y"), ("cmd", "a1", "--timeout", "soon", "--", "x"),
                          ("cmd", "a1", "--env", "X", "--", "y"), ("cmd",), ("nonsense",), ("ping", ""), ("ping", "a1 and"),
                          ("ping", "/(/"), ("ping", "nosuch*")):
            done = self.cli(*arguments, code=2)
            self.assertTrue(done.err.strip(), arguments)
        done = self.cli("ping", "a2", code=2)
        self.assertIn("did you mean 'a1'", done.err)
        self.assertEqual(len(self.master.json("jobs", "list")), jobs)


class Facts(LocalCase):
    agents = ("a1",)

    def facts(self, *names):
        done = self.cli("--output", "json", "facts", "a1", *names)
        return result(done.lines(), "a1")["body"]["facts"], done

    def test_facts_all_or_some(self):
        everything, _ = self.facts()
        self.assertEqual(everything["os"]["family"], "debian")
        some, _ = self.facts("os.family")
        self.assertEqual(some, {"os": {"family": "debian"}})
        self.assertIn("family: debian", self.cli("facts", "a1", "os").out)
        self.assertIn("there is no fact 'no.such'", self.cli("facts", "a1", "no.such", code=4).out)

    def test_custom_facts_come_from_a_folder_and_a_bad_one_is_reported(self):
        folder = self.agent("a1").folder / "facts.d"
        folder.mkdir(mode=0o755)
        (folder / "site.yml").write_text("rack: 7\nroom: [a, b]\n")
        program = folder / "asset"
        program.write_text("#!/bin/sh\necho '{\"tag\": \"x1\"}'\n")
        program.chmod(0o755)
        (folder / "bad.yml").write_text("rack: [1\n")
        facts, done = self.facts("custom")
        self.assertEqual(facts["custom"]["site"], {"rack": 7, "room": ["a", "b"]})
        self.assertEqual(facts["custom"]["asset"], {"tag": "x1"})
        self.assertNotIn("bad", facts["custom"])
        problems = result(done.lines(), "a1")["body"]["problems"]
        self.assertEqual((len(problems), "bad.yml" in problems[0]), (1, True))
        self.assertIn("bad.yml", self.cli("facts", "a1", "custom").err)
        self.assertEqual(self.facts("custom.site.rack")[0], {"custom": {"site": {"rack": 7}}})

    def test_targets_can_be_chosen_by_facts(self):
        self.assertEqual(self.cli("ping", "fact:os.family=debian").code, 0)
        self.cli("ping", "fact:os.family=redhat", code=2)


class ManyTargets(LocalCase):
    agents = ("a1", "a2")

    def tearDown(self):
        self.master.write("targets.yml", "targets: []\n")

    def targets(self, *names):
        self.master.write("targets.yml", "targets:\n" + "".join(f"  - name: {name}\n" for name in names))
        until(lambda: {row["name"] for row in self.master.json("targets")} >= set(names), 20, "the catalog is taken")

    def test_every_meant_target_ends_in_one_named_state_with_a_reason(self):
        self.targets("a1", "a2", "never")
        self.agent("a2").program.process.send_signal(signal.SIGSTOP)
        self.addCleanup(self.agent("a2").program.process.send_signal, signal.SIGCONT)
        done = self.cli("--output", "json", "ping", "*", code=5)
        ends = {line["target"]: line for line in done.lines() if line["event"] == "result"}
        self.assertEqual(set(ends), {"a1", "a2", "never"})
        self.assertEqual(ends["a1"]["end"], "done")
        # A stopped one had its connection still, and did not take what was sent to it in time.
        self.assertEqual((ends["a2"]["end"], ends["never"]["end"]), ("expired", "unreachable"))
        self.assertTrue(ends["a2"]["reason"] and ends["never"]["reason"])
        self.assertEqual(done.lines()[-1]["ends"], {"done": 1, "expired": 1, "unreachable": 1})

    def test_a_job_for_a_stopped_agent_waits_for_it_and_runs_once(self):
        agent = self.agent("a2")
        touched = self.file("lines")
        agent.program.process.send_signal(signal.SIGSTOP)
        job = self.master.running_job("cmd", "a1,a2", "--shell", f"echo $PROVE_JOB >> {touched}")
        until(lambda: touched.exists(), 20, "the other target is not held up")
        agent.program.process.send_signal(signal.SIGCONT)
        ends = self.master.ends(job)
        self.assertEqual({target: end for target, (end, _) in ends.items()}, {"a1": "done", "a2": "done"})
        self.assertEqual(touched.read_text().split(), [job, job])

    def test_what_reaches_more_than_20_targets_wants_yes(self):
        self.targets(*(f"far{number}" for number in range(19)), "a1", "a2")
        touched = self.file("x")
        done = self.cli("cmd", "*", "--", "touch", touched, code=2)
        self.assertIn("21 targets", done.err)
        self.assertIn("--yes", done.err)
        done = self.cli("states", "apply", "*", code=2)
        self.assertIn("--yes", done.err)
        self.assertFalse(touched.exists())
        job = self.master.running_job("cmd", "*", "--yes", "--", "touch", touched)
        until(lambda: touched.exists(), 20, "it is meant")
        self.assertEqual(len(self.master.ends(job)), 21)

    def test_targets_says_who_is_there_and_how_they_stand(self):
        self.targets("a1", "never")
        rows = {row["name"]: row for row in self.master.json("targets")}
        self.assertEqual((rows["a1"]["status"], rows["a1"]["in_catalog"]), ("connected", True))
        self.assertEqual((rows["a2"]["status"], rows["a2"]["in_catalog"]), ("connected", False))
        self.assertEqual(rows["never"]["status"], "unknown")
        self.agent("a2").program.stop()
        self.cli("ping", "a2", code=5)
        self.assertEqual(self.master.target("a2")["status"], "disconnected")
        self.assertEqual([row["name"] for row in self.master.json("targets", "status:connected")], ["a1"])
        self.agent("a2").program.start()
        self.master.answers("a2")
        self.assertIn("connected", self.cli("targets").out)


class ExitCodes(LocalCase):
    agents = ("a1",)

    def test_1_is_a_fault_of_Prove_s_own_such_as_a_meddled_audit_log(self):
        self.cli("audit", "verify")
        self.master.program.stop()
        database = sqlite3.connect(next((self.master.folder / "master").glob("*.db")))
        database.execute("UPDATE audit SET record = replace(record, 'allowed', 'denied') WHERE number = 2")
        self.assertEqual(database.total_changes, 1)
        database.commit()
        database.close()
        self.master.start()
        done = self.cli("audit", "verify", code=1)
        self.assertIn("record 2", done.out)

    def test_9_is_no_master_and_says_what_to_do(self):
        self.master.program.stop()
        started = time.monotonic()
        done = self.cli("ping", "a1", code=9)
        self.assertLess(time.monotonic() - started, 5)
        self.assertIn("prove-master", done.err)
        self.master.start()
        self.master.answers("a1")
