"""SIGKILL at any moment: no accepted job, no key and no result is lost, and nothing runs twice (P1, P2, P3, P28).

Random kills with a printed seed (PROVE_SEED sets it). What a job did is counted in files that its commands append to.
"""
import contextlib
import os
import random
import shutil
import subprocess
import threading
import time

from harness import run, until, BIN
from prove_master import LocalCase
from test_bad_input import mount_tmpfs

SEED = int(os.environ.get("PROVE_SEED", random.SystemRandom().randrange(1 << 32)))


class Kills(LocalCase):
    agents = ("a1", "a2")

    def ask(self, *arguments):
        """A job's id, or None where the master was not there to accept it."""
        done = run([BIN / "prove-cli", "--master", self.master.socket, "--output", "json", *arguments], timeout=60)
        lines = done.lines() if done.code == 0 else []
        return lines[0]["job"] if lines else None

    def count(self, job, target):
        return sum(line.split() == [job, target] for line in self.lines().splitlines())

    def lines(self):
        path = self.file("lines")
        return path.read_text() if path.exists() else ""

    def append(self, seconds):
        # Nothing in a command's environment names its agent; the agent's own settings file does.
        agent = "$(basename $(dirname $(tr '\\0' '\\n' < /proc/$PPID/cmdline | tail -1)))"
        return f"echo $PROVE_JOB {agent} >> {self.file('lines')}; sleep {seconds}; echo finished"

    def check_all(self, jobs, may_be_interrupted):
        for job in jobs:
            ends = self.master.ends(job)
            self.assertEqual(set(ends), {"a1", "a2"}, job)
            for target, (end, reason) in ends.items():
                # Who comes back later than a job waits was not reached, or refuses what is too much at once: never ran there.
                unrun = {"unreachable", "refused"}
                self.assertIn(end, unrun | ({"done", "interrupted"} if may_be_interrupted else {"done"}), (job, target, reason))
                times = self.count(job, f"agent-{target}")
                self.assertLessEqual(times, 0 if end in unrun else 1, f"{job} ran {times} times on {target}")
                self.assertTrue(end == "done" or reason, (job, target, end))
                if end == "done":
                    self.assertEqual(times, 1, (job, target))
                    shown = self.master.json("jobs", "show", job, check=False)
                    result = next(line for line in shown if line.get("event") == "result" and line["target"] == target)
                    self.assertEqual(result["body"]["exit_code"], 0)
        listed = {row["job"] for row in self.master.json("jobs", "list", "--limit", "1000")}
        self.assertLessEqual(set(jobs), listed)
        self.assertEqual({row["name"]: row["state"] for row in self.master.json("keys", "list")}, {"a1": "accepted", "a2": "accepted"})
        self.cli("audit", "verify")
        for agent in self.master.agents:
            until(lambda agent=agent: agent.connected() and agent.status()["results_waiting"] == 0, 40, f"{agent.name} has delivered")

    def jobs_under(self, victims, kills, name):
        """Jobs one after the other, while victims are killed and started again at random moments."""
        print(f"{name}: PROVE_SEED={SEED}", flush=True)
        dice = random.Random(f"{SEED}{name}")
        jobs, stop = [], threading.Event()

        def work():
            while not stop.is_set():
                job = self.ask("cmd", "a1,a2", "--detach", "--shell", self.append(dice.choice((0, 0.02, 0.2))))
                if job:
                    jobs.append(job)
        worker = threading.Thread(target=work)
        worker.start()
        try:
            for _ in range(kills):
                before = len(jobs)
                victim = dice.choice(victims)
                until(lambda: len(jobs) > before, 60, "jobs are accepted")
                time.sleep(dice.uniform(0, 0.3))       # the moment is what is random here
                victim.kill()
                victim.start()
        finally:
            stop.set()
            worker.join()
        self.assertGreaterEqual(len(jobs), kills)
        until(lambda: self.master.cli("ping", "a1,a2", check=False).code == 0, 60, "all are back")
        return jobs

    def test_P1_a_master_that_is_killed_at_random_loses_no_accepted_job_and_runs_none_twice(self):
        jobs = self.jobs_under([self.master.program], 15, "master")
        self.check_all(jobs, may_be_interrupted=False)

    def test_P2_an_agent_that_is_killed_at_random_runs_nothing_twice_and_says_what_was_interrupted(self):
        jobs = self.jobs_under([agent.program for agent in self.master.agents], 15, "agents")
        self.check_all(jobs, may_be_interrupted=True)

    def test_P3_kills_of_both_lose_no_result(self):
        jobs = self.jobs_under([self.master.program, *(agent.program for agent in self.master.agents)], 10, "both")
        self.check_all(jobs, may_be_interrupted=True)


class Moments(LocalCase):
    agents = ("a1",)

    def running(self, job):
        rows = self.master.json("jobs", "show", job, check=False)
        return bool(rows) and rows[0]["targets_ends"][0]["phase"] == "running"

    def test_P2_a_command_whose_agent_is_killed_is_interrupted_and_does_not_start_again(self):
        agent, lines = self.agent("a1"), self.file("lines")
        job = self.master.running_job("cmd", "a1", "--shell", f"echo x >> {lines}; sleep 30")
        until(lambda: lines.exists() and self.running(job), 20, "it runs")
        agent.restart()
        end, reason = self.master.ends(job)["a1"]
        self.assertEqual(end, "interrupted")
        self.assertTrue(reason)
        self.assertEqual(lines.read_text(), "x\n")
        self.cli("jobs", "show", job, code=4)
        self.master.answers("a1")

    def test_P3_a_result_that_was_made_while_the_master_was_away_arrives(self):
        go, agent = self.file("go"), self.agent("a1")
        job = self.master.running_job("cmd", "a1", "--shell", f"until [ -e {go} ]; do sleep 0.05; done; echo finished")
        until(lambda: self.running(job), 20, "it runs")
        self.master.program.kill()
        go.touch()
        until(lambda: agent.status()["results_waiting"] == 1, 20, "the result waits")
        # It even outlives the agent's own death.
        agent.restart()
        until(lambda: agent.prove_agent("status", check=False).code == 0 and agent.status()["results_waiting"] == 1, 20, "it is kept")
        self.master.start()
        self.assertEqual(self.master.ends(job)["a1"][0], "done")
        self.assertIn("finished", self.cli("jobs", "show", job).out)
        until(lambda: agent.status()["results_waiting"] == 0, 20, "the agent may forget it")

    def test_P1_a_master_killed_between_accepting_a_job_and_sending_it_sends_it_after_its_start(self):
        agent, lines = self.agent("a1"), self.file("lines")
        agent.program.stop()
        self.cli("ping", "a1", code=5)
        job = self.master.running_job("cmd", "a1", "--shell", f"echo $PROVE_JOB >> {lines}")
        self.master.program.kill()
        self.master.start()
        self.assertFalse(lines.exists())
        agent.program.start()
        self.assertEqual(self.master.ends(job)["a1"][0], "done")
        self.assertEqual(lines.read_text().split(), [job])

    def test_P1_who_follows_a_job_does_not_notice_a_restart_of_the_master(self):
        go = self.file("go")
        follower = subprocess.Popen([BIN / "prove-cli", "--master", self.master.socket, "cmd", "a1", "--shell",
                                     f"echo first; until [ -e {go} ]; do sleep 0.05; done; echo last"],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.assertEqual(follower.stdout.readline(), b"first\n")
        self.master.program.kill()
        self.master.start()
        go.touch()
        out, _ = follower.communicate(timeout=60)
        self.assertEqual((follower.returncode, out), (0, b"last\n"))

    def test_P26_a_stop_under_load_takes_less_than_ten_seconds_and_loses_nothing(self):
        lines = self.file("lines")
        jobs = [self.master.running_job("cmd", "a1", "--shell", f"echo $PROVE_JOB >> {lines}") for _ in range(20)]
        started = time.monotonic()
        self.master.program.stop(10)
        self.assertLess(time.monotonic() - started, 10)
        self.assertEqual(self.master.program.process.returncode, 0)
        self.master.start()
        for job in jobs:
            self.assertEqual(self.master.ends(job)["a1"][0], "done")
        self.assertEqual(sorted(lines.read_text().split()), sorted(jobs))

    def test_an_agent_that_was_stopped_or_killed_is_shown_so_at_once(self):
        agent = self.agent("a1")
        for end in (agent.program.stop, agent.program.kill):
            until(lambda: self.master.target("a1")["status"] == "connected", 30, "it is connected")
            end()
            until(lambda: self.master.target("a1")["status"] != "connected", 5, "it is shown as gone")
            agent.program.start()


class FullDisk(LocalCase):
    agents = ()

    def test_P6_a_master_that_is_started_on_a_full_disk_says_so_and_starts_when_there_is_space(self):
        self.master.program.stop()
        data = self.master.folder / "master"
        small = self.master.folder / "small"
        mount_tmpfs(small, "1m")
        self.addCleanup(run, ["umount", "-l", small])
        shutil.copytree(data, small / "master")
        self.master.config.write_text(self.master.config.read_text().replace(f"data: {data}", f"data: {small}/master"))
        filling = small / "filling"
        with contextlib.suppress(OSError), open(filling, "wb", buffering=0) as file:
            while file.write(b"x" * 4096) == 4096:
                pass
        self.master.program.start()
        self.assertEqual(self.master.program.process.wait(20), 1)
        self.assertIn("there is no space left for the database", self.master.program.log())
        filling.unlink()
        self.master.start()
