"""What is wrong is told once, clearly, where the operator looks, with the state and its place; the rest goes on."""
import os
import subprocess
import unittest

from harness import run, until
from prove_master import LocalCase


def results(done):
    return {line["target"]: line for line in done.lines() if line.get("event") == "result"}


def mount_tmpfs(folder, size):
    """A small file system of its own, or a skipped test where none may be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    done = run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", folder])
    if done.code != 0:
        raise unittest.SkipTest("no file system can be mounted here: " + done.err.strip())


class Catalogs(LocalCase):
    agents = ("a1", "a2")

    def setUp(self):
        super().setUp()
        self.root = self.file("root")
        self.root.mkdir()
        self.master.write("targets.yml", "targets:\n  - {name: a1, states: [site]}\n  - {name: a2, states: [other]}\n")
        self.master.write("states/other.yml", f"fine:\n  - {{fn: file.managed, path: {self.root}/fine, content: x}}\n")
        self.master.write("states/site.yml", f"fine1:\n  - {{fn: file.managed, path: {self.root}/fine1, content: x}}\n")

    def come_with_errors(self):
        """A target whose states do not compile, and never did: the catalog is in force, and it fails alone."""
        self.master.write("targets.yml", "targets:\n  - {name: a2, states: [other]}\n")
        self.cli("catalog", "reload")
        self.master.write("states/site.yml", "page:\n  - fn: file.managed\n    path: /x\n    content: ${vars.missing.thing}\n")
        self.master.write("targets.yml", "targets:\n  - {name: a1, states: [site]}\n  - {name: a2, states: [other]}\n")
        self.cli("catalog", "reload", code=3)

    def test_errors_of_a_catalog_come_all_at_once_with_their_places_and_nothing_is_sent(self):
        self.master.write("states/site.yml", f"before:\n  - {{fn: file.managed, path: {self.root}/before, content: x}}\n"
                                             "certificate:\n  - fn: cmd.run\n    cmd: 'true'\n    create: /x\n    notify: [vhosts]\n"
                                             "vhost:\n  - fn: file.manged\n    path: /x\n")
        accepted = self.agent("a1").program.log().count("job accepted")
        done = self.cli("states", "apply", "a1", code=3)
        text = done.out + done.err
        self.assertIn("states/site.yml:6:5: certificate: unknown argument 'create' of cmd.run; did you mean 'creates'?", text)
        self.assertIn("did you mean 'vhost'?", text)
        self.assertIn("did you mean 'file.managed'?", text)
        self.assertRegex(text, r"    create: /x\n +\| +\^")
        self.assertIn("3 errors; nothing was sent", text)
        self.assertFalse((self.root / "before").exists())
        self.assertEqual(self.agent("a1").program.log().count("job accepted"), accepted)

    def test_an_error_in_one_target_s_states_leaves_the_others_going(self):
        self.come_with_errors()
        done = self.cli("--output", "json", "states", "apply", "*", code=3)
        rows = results(done)
        self.assertEqual((rows["a1"]["end"], rows["a2"]["end"]), ("failed", "done"))
        self.assertTrue((self.root / "fine").exists())
        text = self.cli("states", "apply", "*", code=3)
        self.assertIn("states/site.yml:4", text.out + text.err)

    def test_an_agent_that_asks_for_a_run_of_states_that_do_not_compile_hears_why(self):
        self.come_with_errors()
        done = self.agent("a1").prove_agent("run", check=False, timeout=30)
        self.assertNotEqual(done.code, 0)
        self.assertIn("states/site.yml:4", done.out + done.err)

    def test_a_catalog_that_is_no_YAML_is_refused_and_the_old_one_stays_in_force(self):
        self.cli("states", "apply", "a1")
        self.master.write("targets.yml", "targets:\n  - {name: a1\n")
        done = self.cli("states", "apply", "a1", code=3)
        self.assertIn("targets.yml:", done.out + done.err)
        self.assertIn("targets.yml:", self.cli("catalog", "status", code=3).out)
        self.cli("ping", "a1")

    def test_a_target_that_nobody_knows_is_an_error_with_the_nearest_name(self):
        done = self.cli("states", "apply", "a11", code=2)
        self.assertIn("did you mean 'a1'", done.err)
        done = self.cli("states", "apply", "web*", code=2)
        self.assertIn("matches no target", done.err)
        self.assertIn("did you mean 'a1'", self.cli("targets", "a11", code=2).err)
        done = self.cli("targets", "web*")
        self.assertEqual((done.out, done.err), ("", "no target matches 'web*'\n"))

    def test_a_state_that_no_target_has_is_told_before_anything_is_sent(self):
        jobs = len(self.master.json("jobs", "list"))
        done = self.cli("states", "apply", "*", "--state", "fnie1", code=2)
        self.assertIn("none of these 2 targets has a state 'fnie1'; did you mean 'fine1'?", done.err)
        self.assertEqual(len(self.master.json("jobs", "list")), jobs)
        done = self.cli("states", "apply", "*", "--state", "fine1", code=4)
        self.assertIn("target 'a2' has no state 'fine1'", done.out)
        self.assertTrue((self.root / "fine1").exists())

    def test_the_catalog_s_status_tells_of_a_broken_state_file_before_a_job_needs_it(self):
        self.assertIn("0 errors; compiled for 2 targets that were ever seen", self.cli("catalog", "reload").out)
        self.master.write("states/site.yml", "page:\n  - fn: file.manged\n    path: /x\n")
        self.assertIn("states/site.yml:2:9: page: unknown function 'file.manged'", self.cli("catalog", "reload", code=3).out)
        self.assertIn("states/site.yml:2:9", self.cli("catalog", "status", code=3).out)
        until(lambda: "a new catalog is refused: its states do not compile" in self.master.program.log(), 10, "the log tells of it")
        self.cli("states", "apply", "a2", code=3)
        self.cli("states", "apply", "a2", "--in-force")
        self.agent("a1").prove_agent("run")
        self.assertTrue((self.root / "fine1").exists())

    def test_an_agent_that_the_catalog_does_not_name_has_no_states_and_is_told_so(self):
        self.master.write("targets.yml", "targets:\n  - {name: a1, states: [site]}\n")
        done = self.cli("states", "apply", "a2", code=2)
        self.assertIn("add it to targets.yml", done.err)

    def test_a_target_of_the_catalog_that_was_never_enrolled_is_unreachable_with_a_reason(self):
        self.master.write("targets.yml", "targets:\n  - {name: a1, states: [site]}\n  - {name: never, states: [site]}\n")
        done = self.cli("states", "plan", "a1,never", code=5)
        self.assertIn("never", done.out)
        self.assertIn("unreachable", done.out)
        done = self.cli("states", "plan", "a1")
        self.assertIn("on 1 target\n", done.out)


class Hosts(LocalCase):
    """Faults of the target's own."""

    agents = ("a1",)

    def setUp(self):
        super().setUp()
        self.root = self.file("root")
        self.root.mkdir()
        self.master.write("targets.yml", "targets:\n  - {name: a1, states: [site]}\n")

    def site(self, text):
        self.master.write("states/site.yml", text + f"last:\n  - {{fn: file.managed, path: {self.root}/last, content: done}}\n")

    def apply_fails(self, *words):
        done = self.cli("states", "apply", "a1", code=4)
        for word in words:
            self.assertIn(word, done.out)
        self.assertEqual((self.root / "last").read_text(), "done", "the rest of the run goes on")
        return done

    def test_a_full_disk_names_the_state_and_leaves_no_temporary_file(self):
        small = self.root / "small"
        mount_tmpfs(small, "64k")
        self.addCleanup(run, ["umount", small])
        self.site(f"big:\n  - fn: file.managed\n    path: {small}/big\n    source: prove://big\n")
        self.master.write("files/big", "x" * 200_000)
        (small / "big").write_text("old")
        self.apply_fails("big", "states/site.yml:2", "no space left")
        self.assertEqual(os.listdir(small), ["big"])
        self.assertEqual((small / "big").read_text(), "old")

    def test_a_file_that_has_become_a_directory_or_a_link_is_refused(self):
        self.site(f"folder:\n  - {{fn: file.managed, path: {self.root}/folder, content: x}}\n"
                  f"link:\n  - {{fn: file.managed, path: {self.root}/link, content: x}}\n"
                  f"pipe:\n  - {{fn: file.managed, path: {self.root}/pipe, content: x}}\n"
                  f"place:\n  - {{fn: file.directory, path: {self.root}/place}}\n")
        self.cli("states", "apply", "a1")
        for name in ("folder", "link", "pipe"):
            (self.root / name).unlink()
        (self.root / "last").unlink()
        (self.root / "folder").mkdir()
        (self.root / "folder/precious").write_text("kept")
        (self.root / "elsewhere").write_text("kept")
        (self.root / "link").symlink_to("elsewhere")
        os.mkfifo(self.root / "pipe")
        (self.root / "place").rmdir()
        (self.root / "place").write_text("kept")
        self.apply_fails("folder", "link", "pipe", "place", "states/site.yml:2", "states/site.yml:4", "states/site.yml:6",
                         "states/site.yml:8", "4 failed")
        self.assertEqual((self.root / "folder/precious").read_text(), "kept")
        self.assertEqual((self.root / "elsewhere").read_text(), "kept")
        self.assertTrue((self.root / "link").is_symlink())
        self.assertEqual((self.root / "place").read_text(), "kept")

    def test_a_command_that_never_ends_is_stopped_by_its_time_with_all_that_it_started(self):
        pid = self.root / "pid"
        self.site(f"endless:\n  - fn: cmd.run\n    cmd: 'setsid sh -c \"echo \\$\\$ > {pid}; while :; do sleep 0.1; done\" & wait'\n"
                  "    timeout: 1s\n")
        self.apply_fails("endless", "states/site.yml:2", "1")
        number = pid.read_text().strip()
        until(lambda: subprocess.run(["kill", "-0", number], stderr=subprocess.DEVNULL).returncode != 0, 10, "it is gone")

    def test_a_folder_that_is_not_there_a_user_that_is_not_there(self):
        self.site(f"nofolder:\n  - {{fn: file.managed, path: {self.root}/no/such/x, content: x}}\n"
                  f"nouser:\n  - {{fn: file.managed, path: {self.root}/x, content: x, user: no-such-user}}\n"
                  "noprogram:\n  - {fn: cmd.run, cmd: [no-such-program]}\n")
        self.apply_fails("nofolder", "nouser", "no-such-user", "noprogram", "no-such-program", "3 failed")

    def test_a_read_only_place_is_told_as_what_it_is(self):
        place = self.root / "fixed"
        mount_tmpfs(place, "64k")
        self.addCleanup(run, ["umount", place])
        run(["mount", "-o", "remount,ro", place])
        self.site(f"there:\n  - {{fn: file.managed, path: {place}/x, content: x}}\n")
        self.apply_fails("there", "states/site.yml:2", "read-only file system")
