"""faultio does what it says, shown on a program that keeps a journal: and the journal does what it promises.

    /usr/bin/python3 tests/support/faultio/faultio_test.py BUILD/tests
"""

import errno
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAMS = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else "build/tests").resolve()


class Faultio(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name) / "data"
        self.log = pathlib.Path(self.temporary.name) / "log"
        self.start_again()

    def tearDown(self):
        self.temporary.cleanup()

    def start_again(self):
        subprocess.run(["rm", "-rf", self.folder, self.log], check=True)
        self.folder.mkdir()

    def run_victim(self, rules=None, count=5, **more):
        environment = dict(os.environ, **more)
        if rules or more:
            environment.update(LD_PRELOAD=str(PROGRAMS / "libfaultio.so"), FAULTIO_LOG=str(self.log))
        if rules:
            environment["FAULTIO"] = rules
        return subprocess.run([PROGRAMS / "faultio_victim", self.folder, str(count)], env=environment, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def read_back(self):
        """The last number in the journal, read without faults; the program adds one more then."""
        done = self.run_victim(count=1)
        self.assertEqual(done.returncode, 0, done.stderr)
        return int(done.stdout.split()[1])

    def acknowledged(self, done):
        numbers = [line for line in done.stdout.split("\n") if line.isdigit()]
        return int(numbers[-1]) if numbers else 0

    def rules(self, calls, nth, action):
        return f"calls={calls} prefix={self.folder} nth={nth} action={action}"

    def points(self, calls):
        self.start_again()
        self.assertEqual(self.run_victim(self.rules(calls, 0, "count")).returncode, 0)
        return len(self.log.read_text().splitlines())

    def test_calls_are_counted_and_logged_with_their_path(self):
        self.assertEqual(self.run_victim(self.rules("fdatasync,rename", 0, "count"), count=1).returncode, 0)
        lines = self.log.read_text().splitlines()
        self.assertEqual(lines[0].split()[:2], ["1", "fdatasync"])
        self.assertTrue(all(line.split()[2].startswith(str(self.folder)) for line in lines), lines)

    def test_paths_elsewhere_are_left_alone(self):
        done = self.run_victim("calls=all prefix=/nowhere nth=0 action=errno:5")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_control_file_switches_it_on(self):
        control = pathlib.Path(self.temporary.name) / "control"
        self.assertEqual(self.run_victim(FAULTIO_CONTROL=str(control)).returncode, 0)
        control.write_text(self.rules("write", 1, f"errno:{errno.EIO}"))
        self.assertEqual(self.run_victim(FAULTIO_CONTROL=str(control)).returncode, 4)

    def test_a_rule_that_makes_no_sense_is_refused(self):
        for rules in ("calls=frobnicate", "calls=write action=explode", "nonsense"):
            self.assertEqual(self.run_victim(rules).returncode, 99)

    def test_malloc_can_fail(self):
        done = self.run_victim("calls=malloc nth=200+ action=errno:12", count=50)
        self.assertNotEqual(done.returncode, 0)

    def test_P1_killed_before_and_after_each_call_nothing_acknowledged_is_lost(self):
        for action in ("kill_before", "kill_after"):
            points = self.points("all")
            self.assertGreater(points, 60)
            for nth in range(1, points + 1):
                with self.subTest(action=action, nth=nth):
                    self.start_again()
                    done = self.run_victim(self.rules("all", nth, action))
                    self.assertEqual(done.returncode, -9)
                    self.assertIn(self.read_back() - self.acknowledged(done), (0, 1))
                    self.assertFalse([name for name in os.listdir(self.folder) if name.endswith(".new")])

    def test_P6_a_full_disk_at_each_call_is_told_and_nothing_acknowledged_is_lost(self):
        for calls in ("write", "open", "rename"):
            for nth in range(1, self.points(calls) + 1):
                with self.subTest(calls=calls, nth=nth):
                    self.start_again()
                    done = self.run_victim(self.rules(calls, nth, f"errno:{errno.ENOSPC}"))
                    self.assertEqual(done.returncode, 3, done.stderr)
                    self.assertIn(self.read_back() - self.acknowledged(done), (0, 1))

    def test_P6_short_writes_are_completed(self):
        done = self.run_victim(self.rules("write", 0, "short"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.read_back(), 5)

    def test_D3_a_failed_sync_ends_the_program_and_acknowledges_nothing(self):
        for calls in ("fsync", "fdatasync"):
            for nth in range(1, self.points(calls) + 1):
                with self.subTest(calls=calls, nth=nth):
                    self.start_again()
                    done = self.run_victim(self.rules(calls, nth, f"errno:{errno.EIO}"))
                    self.assertEqual(done.returncode, 4)
                    self.assertIn(self.read_back() - self.acknowledged(done), (0, 1))

    def test_P4_a_number_is_acknowledged_only_after_its_sync(self):
        environment_log = f"calls=write,fdatasync prefix= nth=0 action=count"
        self.assertEqual(self.run_victim(environment_log, count=3).returncode, 0)
        calls = [(line.split()[1], line.split()[2].split("/")[-1] if len(line.split()) > 2 else "")
                 for line in self.log.read_text().splitlines()]
        for at, (call, path) in enumerate(calls):
            if call == "write" and path.startswith("pipe:"):
                journal = [c for c, p in calls[:at] if p.startswith("journal")]
                self.assertEqual(journal[-1], "fdatasync")

    def test_D2_what_takes_a_file_s_place_is_on_the_disk_before_and_its_folder_after_the_rename(self):
        self.assertEqual(self.run_victim(self.rules("write,fsync,fdatasync,rename", 0, "count"), count=5).returncode, 0)
        calls = [line.split()[1:] for line in self.log.read_text().splitlines()]
        renames = [at for at, (call, _) in enumerate(calls) if call == "rename"]
        replaced = {re.sub(r"\.prove-.*\.tmp", "temporary", os.path.basename(calls[at][1])) for at in renames}
        self.assertEqual(replaced, {"journal.new", "temporary"}, "both ways of replacing a file are looked at")
        for at in renames:
            _, fresh = calls[at]
            on_it = [call for call, path in calls[:at] if path == fresh]
            self.assertEqual(on_it[0], "write")
            self.assertIn(on_it[-1], ("fsync", "fdatasync"), f"{fresh} is synced last of all before it is renamed")
            self.assertEqual(calls[at + 1], ["fsync", str(self.folder)], "the folder's entry is durable before anything else")


class FileState(unittest.TestCase):
    """A file of the machine's under a state's hands: it is the old one or the new one, at every moment (P5)."""

    OLD, NEW = ("old\n", 1234, 0o640), ("new and longer\n" * 500, 4321, 0o600)

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name) / "data"
        self.file = self.folder / "file"
        self.log = pathlib.Path(self.temporary.name) / "log"
        self.addCleanup(self.temporary.cleanup)

    def start_again(self):
        subprocess.run(["rm", "-rf", self.folder, self.log], check=True)
        self.folder.mkdir()
        content, owner, mode = self.OLD
        self.file.write_text(content)
        os.chown(self.file, owner, owner)
        self.file.chmod(mode)

    def write(self, rule=None, calls="all"):
        environment = dict(os.environ)
        if rule:
            environment.update(LD_PRELOAD=str(PROGRAMS / "libfaultio.so"), FAULTIO_LOG=str(self.log),
                               FAULTIO=f"calls={calls} prefix={self.folder} {rule}")
        content, owner, mode = self.NEW
        return subprocess.run([PROGRAMS / "faultio_file_state", self.file, content, str(owner), f"{mode:04o}"],
                              env=environment, timeout=60, stderr=subprocess.PIPE, text=True)

    def found(self):
        status = self.file.stat()
        return self.file.read_text(), status.st_uid, status.st_mode & 0o7777

    def calls(self):
        self.start_again()
        done = self.write("nth=0 action=count")
        self.assertEqual((0, self.NEW), (done.returncode, self.found()), done.stderr)
        return [line.split()[1:] for line in self.log.read_text().splitlines()]

    @unittest.skipUnless(os.geteuid() == 0, "needs root: owners are changed")
    def test_P5_killed_at_any_call_the_file_is_old_or_new_and_the_next_run_leaves_nothing_beside_it(self):
        points = len(self.calls())
        self.assertGreater(points, 6)
        for action in ("kill_before", "kill_after"):
            for nth in range(1, points + 1):
                with self.subTest(action=action, nth=nth):
                    self.start_again()
                    self.assertEqual(self.write(f"nth={nth} action={action}").returncode, -9)
                    self.assertIn(self.found(), (self.OLD, self.NEW))
                    done = self.write()
                    self.assertEqual((0, self.NEW), (done.returncode, self.found()), done.stderr)
                    self.assertEqual(os.listdir(self.folder), ["file"])

    @unittest.skipUnless(os.geteuid() == 0, "needs root: owners are changed")
    def test_P5_a_call_that_fails_leaves_the_old_file_or_the_new_one_and_nothing_beside_it(self):
        for calls in ("write", "fsync", "rename"):
            for error in (errno.EIO, errno.ENOSPC):
                with self.subTest(calls=calls, error=errno.errorcode[error]):
                    self.start_again()
                    done = self.write(f"nth=1 action=errno:{error}", calls)
                    self.assertEqual(done.returncode, 4, done.stderr)
                    self.assertIn(self.found(), (self.OLD, self.NEW))
                    self.assertEqual(os.listdir(self.folder), ["file"])

    @unittest.skipUnless(os.geteuid() == 0, "needs root: owners are changed")
    def test_S85_the_new_file_is_synced_before_it_is_renamed_and_its_folder_after(self):
        calls = self.calls()
        names = [call for call, _ in calls]
        at = names.index("rename")
        fresh = next(path for call, path in calls if call == "write")
        self.assertEqual([call for call, path in calls[:at] if path == fresh][-1], "fsync")
        self.assertIn(["fsync", str(self.folder)], calls[at:])


if __name__ == "__main__":
    unittest.main()
