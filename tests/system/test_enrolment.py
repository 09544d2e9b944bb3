"""How agents come in, who decides, and how they are put out again: real processes, real sockets, one machine."""
import hashlib
import os
import re
import shutil
import subprocess
import time
import unittest

from harness import BIN, ROOT, run, until
from prove_master import LocalCase, Master


DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def with_another_root_set(pin):
    """The same master's pin, but for other root keys: what an agent holds whose master was set up anew behind its back."""
    prefix, text = "prove-master-", pin.removeprefix("prove-master-")
    bits = "".join(f"{DIGITS.index(digit):05b}" for digit in text)
    raw = bytearray(int(bits[at:at + 8], 2) for at in range(0, len(bits) - 7, 8))
    root_set = 1 + 16                   # after the format and the cluster id (docs/protocol.md)
    raw[root_set] ^= 1
    raw[-4:] = hashlib.blake2b(raw[:-4], digest_size=32).digest()[:4]
    bits = "".join(f"{byte:08b}" for byte in raw)
    bits += "0" * (-len(bits) % 5)
    return prefix + "".join(DIGITS[int(bits[at:at + 5], 2)] for at in range(0, len(bits), 5))


class WithoutToken(LocalCase):
    def test_a_new_agent_shows_its_fingerprint_and_can_do_nothing_but_wait(self):
        agent = self.master.pinned_agent("new1")
        shown = agent.fingerprint()
        self.assertRegex(shown, r"^([0-9a-z]{4}-){7}[0-9a-z]{4}$")
        row = self.master.key("new1")
        self.assertEqual((row["state"], row["fingerprint"]), ("pending", shown))
        status = agent.status()
        self.assertFalse(status["enrolled"])
        self.assertIn("pending", status["enrolment"])
        self.assertIn(shown, agent.prove_agent("status").out)
        self.assertIn(shown, agent.program.log())
        # No job reaches it, and it is nobody's target.
        self.assertIsNone(self.master.target("new1"))
        touched = self.file("x")
        done = self.master.cli("cmd", "new1", "--", "touch", touched, check=False)
        self.assertIn(done.code, (2, 5), done)
        self.assertIn("new1", done.err + done.out)
        self.assertFalse(touched.exists())
        self.assertEqual(self.master.json("jobs", "list"), [])
        self.assertNotEqual(agent.prove_agent("run", check=False).code, 0)

    def test_an_agent_that_only_knows_where_its_master_is_says_what_it_needs(self):
        agent = self.master.agent("where", accept=False, extra="master: 127.0.0.1\n")
        agent.program.start()
        until(lambda: agent.prove_agent("status", check=False).code == 0, 10, "it answers")
        self.assertIn("prove-agent join TOKEN", agent.status()["enrolment"])
        self.assertIn("`pin:` (`prove-master pin` prints it)", agent.status()["enrolment"])

    def test_an_operator_accepts_by_name_and_the_agent_works_without_a_restart(self):
        agent = self.master.pinned_agent("byname")
        process = agent.status()["process"]
        self.cli("keys", "accept", "byname")
        self.master.answers("byname")
        self.assertEqual(agent.status()["process"], process)
        self.assertEqual(self.master.target("byname")["status"], "connected")

    def test_an_operator_accepts_by_the_beginning_of_a_fingerprint_and_gives_the_name(self):
        agent = self.master.pinned_agent("byprint")
        self.cli("keys", "accept", agent.fingerprint()[:9], "--name", "given")
        self.master.answers("given")
        self.assertEqual(agent.status()["name"], "given")
        self.assertIsNone(self.master.target("byprint"))

    def test_a_rejected_agent_is_told_and_stays_out(self):
        agent = self.master.pinned_agent("unwanted")
        self.cli("keys", "reject", "unwanted")
        until(lambda: "rejected" in agent.status()["enrolment"], 30, "the agent knows")
        self.assertIsNone(self.master.target("unwanted"))
        agent.restart()
        until(lambda: "rejected" in agent.program.log().rsplit("prove-agent starts", 1)[1], 30, "it is told again")
        self.assertEqual(self.master.key("unwanted")["state"], "rejected")

    def test_accepting_what_nobody_asked_for_is_an_error_that_says_so(self):
        done = self.cli("keys", "accept", "nobody", code=2)
        self.assertIn("nobody", done.err)

    def test_S13_names_that_cannot_be_names_are_refused(self):
        agent = self.master.pinned_agent("fine")
        for name in ("../x", "a/b", "a..b", "Upper", "-x", "x" * 254, "a b", "ä"):
            done = self.master.cli("keys", "accept", agent.fingerprint(), "--name", name, check=False)
            self.assertEqual(done.code, 2, (name, done))
            self.assertEqual(self.master.key(agent.fingerprint())["state"], "pending")


class ByToken(LocalCase):
    def join(self, name, token, extra="", code=0):
        agent = self.master.agent(name, False, extra)
        done = agent.prove_agent("join", token, check=False)
        self.assertEqual(done.code, code, done)
        return agent, done

    def test_S22_a_token_is_good_for_one_agent(self):
        token = self.master.token("--name", "once")
        agent, done = self.join("once", token)
        self.assertIn("accepted as once", done.out)
        agent.program.start()
        self.master.answers("once")
        self.join("twice", token, "name: twice\n", code=4)
        self.assertIsNone(self.master.target("twice"))
        self.assertEqual(self.master.target("once")["status"], "connected")

    def test_S22_a_token_expires(self):
        row = self.master.json("keys", "token", "--address", "127.0.0.1", "--valid", "1s")[0]
        until(lambda: time.time() * 1000 > row["expires_ms"], 5, "the token expires")
        self.join("late", row["token"], "name: late\n", code=4)
        self.assertIsNone(self.master.target("late"))

    def test_S22_a_token_for_other_names_does_not_let_in(self):
        token = self.master.token("--name", "web*")
        self.join("db1", token, "name: db1\n", code=4)
        self.assertIsNone(self.master.target("db1"))
        self.assertIn("token is for other names", self.master.program.log())
        agent, done = self.join("web7", token, "name: web7\n")
        self.assertIn("accepted as web7", done.out)

    def test_a_token_with_a_slip_is_refused_before_anything_is_made(self):
        token = self.master.token()
        for wrong in (token[:-1], token + "0", token[:40] + ("x" if token[40] != "x" else "y") + token[41:], "prove-join-", "x"):
            agent, _ = self.join(f"slip{abs(hash(wrong))}", wrong, code=2)
            self.assertFalse((agent.folder / "data/keys").exists())

    def test_S13_a_token_does_not_push_out_who_has_the_name(self):
        first = self.master.agent("taken")
        second = self.master.agent("second", False, f"token: {self.master.token('--name', 'taken')}\nname: taken\n")
        second.program.start()
        until(lambda: self.master.key(second.fingerprint()), 20, "the second key is seen")
        row = self.master.key(second.fingerprint())
        self.assertEqual(row["state"], "pending")
        self.assertIn(first.fingerprint(), row["note"])
        self.cli("ping", "taken")
        self.assertEqual(self.master.target("taken")["fingerprint"], first.fingerprint())
        done = self.cli("keys", "accept", second.fingerprint(), code=2)
        self.assertIn("--replace", done.err)
        self.cli("ping", "taken")
        # An operator may: then the old key is revoked, and the new one has the name.
        self.cli("keys", "accept", second.fingerprint(), "--replace")
        self.assertEqual(self.master.key(first.fingerprint())["state"], "revoked")
        until(lambda: second.connected(), 30, "the new key's agent is in")
        self.cli("ping", "taken")
        self.assertEqual(self.master.target("taken")["fingerprint"], second.fingerprint())

    def test_an_enrolled_agent_does_not_join_again(self):
        agent = self.master.agent("member")
        done = agent.prove_agent("join", self.master.token(), check=False)
        self.assertNotEqual(done.code, 0)
        self.assertIn("enrolled already, as 'member'", done.err)


class Revoked(LocalCase):
    agents = ("gone",)

    def test_S68_a_revoked_agent_is_cut_off_within_a_second_without_a_restart(self):
        agent = self.agent("gone")
        job = self.master.running_job("cmd", "gone", "--", "sh", "-c", f"sleep 100; echo {self.master.folder}")
        until(lambda: self.master.json("jobs", "show", job)[0]["targets_ends"][0]["phase"] == "running", 20, "it runs")
        started = time.monotonic()
        self.cli("keys", "revoke", "gone")
        end, reason = self.master.ends(job)["gone"]
        self.assertLess(time.monotonic() - started, 1.0)
        self.assertIn(end, ("cancelled", "refused", "unreachable"))
        self.assertIn("revoked", reason)
        self.assertNotEqual(self.master.cli("ping", "gone", check=False).code, 0)
        self.assertIsNone(self.master.target("gone"))
        self.assertEqual(self.master.key(agent.fingerprint())["state"], "revoked")
        # It does not come back by itself, nor by being started again; nothing of it is taken.
        agent.restart()
        until(lambda: not agent.connected() and agent.prove_agent("status", check=False).code == 0, 20, "it runs again")
        touched = self.file("x")
        self.assertNotEqual(self.master.cli("cmd", "gone", "--", "touch", touched, check=False).code, 0)
        self.assertFalse(touched.exists())
        self.assertFalse(agent.connected())
        done = self.cli("keys", "accept", agent.fingerprint(), code=2)
        self.assertIn("final", done.err)
        # A machine comes back with new keys only.
        agent.program.kill()
        agent.prove_agent("reset")
        agent.prove_agent("join", self.master.token("--name", "gone"))
        agent.program.start()
        self.master.answers("gone")


class Clones(LocalCase):
    agents = ("original",)

    def machine(self, number):
        path = self.master.folder / f"machine-{number}"
        path.write_text(f"{number:032x}\n")
        return f"machine_id: {path}\n"

    def test_P12_a_byte_copy_of_an_agent_is_a_conflict_and_gets_no_jobs(self):
        original = self.agent("original")
        copy = self.master.agent("copy", False)
        original.program.stop()
        shutil.copytree(original.folder / "data", copy.folder / "data", symlinks=True)
        original.program.start()
        self.master.answers("original")
        copy.program.start()
        until(lambda: self.master.key("original")["state"] == "conflict", 10, "the copy is noticed")
        touched = self.file("x")
        self.assertNotEqual(self.master.cli("cmd", "original", "--", "touch", touched, check=False).code, 0)
        self.assertFalse(touched.exists())
        self.assertTrue(self.master.key("original")["note"])
        self.assertIn("two machines use one key", self.master.program.log())
        # An operator decides: the copy goes, the original is accepted again.
        copy.program.kill()
        self.cli("keys", "accept", "original")
        original.restart()
        self.master.answers("original")

    def test_S15_a_copy_with_another_machine_id_makes_new_keys_and_waits(self):
        first = self.master.agent("host1", extra=self.machine(1))
        before = first.fingerprint()
        first.program.stop()
        copy = self.master.agent("host2", False, self.machine(2))
        shutil.copytree(first.folder / "data", copy.folder / "data", symlinks=True)
        first.program.start()
        copy.program.start()
        until(lambda: any(row["state"] == "pending" for row in self.master.json("keys", "list")), 20, "the copy asks")
        self.assertNotEqual(copy.fingerprint(), before)
        self.assertEqual(self.master.key(copy.fingerprint())["state"], "pending")
        self.assertIn("copy of another", copy.program.log())
        self.master.answers("host1")
        self.assertEqual(self.master.key(before)["state"], "accepted")


class WrongMaster(unittest.TestCase):
    """Another master where the pinned one was."""

    def setUp(self):
        self.first, self.second = Master(), Master()
        self.addCleanup(self.first.stop)
        self.addCleanup(self.second.stop)
        self.first.start()

    def take_over(self):
        """The second master listens where the first one did."""
        self.first.program.stop()
        ports = f"publish: {self.first.publish}, main: {self.first.main}, enrol: {self.first.enrol}"
        lines = [f"ports: {{{ports}}}" if line.startswith("ports") else line for line in self.second.config.read_text().splitlines()]
        self.second.config.write_text("\n".join(lines) + "\n")

    def test_S25_an_agent_takes_no_other_master_for_the_one_that_it_was_told(self):
        agent = self.first.pinned_agent("faithful", start=False)
        self.take_over()
        self.second.start()
        agent.program.start()
        until(lambda: "no connection" in agent.prove_agent("status", check=False).out, 30, "the agent says that it gets nowhere")
        self.assertEqual(self.second.json("keys", "list"), [])
        self.assertFalse((agent.folder / "data/enrolment").exists())

    def test_S25_the_enrolment_key_alone_makes_nobody_the_pinned_master(self):
        agent = self.first.pinned_agent("faithful", start=False)
        self.take_over()
        run([BIN / "prove-master", "--config", self.second.config, "init"])
        shutil.copy2(self.first.folder / "master/keys/enrol.key", self.second.folder / "master/keys/enrol.key")
        self.second.start()
        agent.program.start()
        until(lambda: "refused an enrolment" in self.second.program.log(), 30, "the agent has asked there")
        self.assertIn("another cluster", self.second.program.log())
        self.assertEqual(self.second.json("keys", "list"), [])
        self.assertFalse((agent.folder / "data/enrolment").exists())

    def test_S25_a_pinned_agent_whose_master_shows_other_root_keys_ends_with_status_5_and_is_not_started_again(self):
        agent = self.first.agent("faithful", False, f"master: 127.0.0.1\npin: {with_another_root_set(self.first.pin())}\n")
        agent.program.start()
        self.assertEqual(agent.program.process.wait(30), 5)
        self.assertIn("not the one that was pinned", agent.program.log())
        self.assertIn("new join token", agent.program.log())
        self.assertFalse((agent.folder / "data/enrolment").exists())
        unit = (ROOT / "packaging/systemd/prove-agent.service").read_text()
        self.assertTrue(re.search(r"^RestartPreventExitStatus=5$", unit, re.M), "systemd leaves it ended, too")

    def test_S25_an_enrolled_agent_does_not_work_for_another_master_and_comes_back_to_its_own(self):
        agent = self.first.agent("faithful")
        before = (agent.folder / "data/enrolment").read_bytes()
        self.take_over()
        self.second.start()
        until(lambda: not agent.connected(), 30, "the agent has lost its master")
        self.assertEqual(self.second.json("keys", "list"), [])
        self.assertEqual(self.second.json("targets"), [])
        self.second.program.stop()
        self.first.start()
        self.first.answers("faithful", 60)
        self.assertEqual((agent.folder / "data/enrolment").read_bytes(), before)


class Files(LocalCase):
    def refuses(self, program, path, mode):
        before = os.stat(path).st_mode & 0o7777
        os.chmod(path, mode)
        log_before = len(program.log()) if os.path.exists(program.log_path) else 0
        program.start()
        code = program.process.wait(20)
        os.chmod(path, before)
        self.assertNotEqual(code, 0)
        self.assertIn(os.path.basename(path), program.log()[log_before:])

    def test_S94_an_agent_does_not_start_with_keys_that_others_can_read(self):
        agent = self.master.agent("careful")
        agent.program.stop()
        keys = agent.folder / "data/keys"
        for file in keys.iterdir():
            self.assertEqual(file.stat().st_mode & 0o777, 0o600, file)
            self.refuses(agent.program, file, 0o640)
        self.refuses(agent.program, keys, 0o750)
        self.refuses(agent.program, agent.folder / "data", 0o755)
        agent.program.start()
        self.master.answers("careful")
        for base, folders, files in os.walk(agent.folder / "data"):
            for name in folders + files:
                mode = os.lstat(os.path.join(base, name)).st_mode & 0o077
                self.assertEqual(mode, 0, os.path.join(base, name))

    def test_S94_a_master_does_not_start_with_keys_that_others_can_read(self):
        other = Master()
        self.addCleanup(other.stop)
        other.start().program.stop()
        for file in (other.folder / "master/keys").glob("*.key"):
            self.refuses(other.program, file, 0o644)
        self.refuses(other.program, other.folder / "master/keys", 0o755)
        other.start()
        for base, folders, files in os.walk(other.folder / "master"):
            for name in folders + files:
                self.assertEqual(os.lstat(os.path.join(base, name)).st_mode & 0o077, 0, os.path.join(base, name))

    def test_one_data_folder_serves_one_agent_at_a_time(self):
        agent = self.master.agent("single")
        second = subprocess.run([BIN / "prove-agent", "--config", agent.config], stdin=subprocess.DEVNULL, timeout=20,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertNotEqual(second.returncode, 0)
        self.assertIn(b"another prove-agent uses", second.stderr)
        self.cli("ping", "single")
