"""The first line of the README: packaging/demo/demo shows the main job on this machine, as often as one likes."""
import pathlib
import subprocess
import unittest

from harness import BUILD, ROOT, run, tree

DEMO = ROOT / "packaging/demo/demo"
FOLDER = BUILD.parent / "demo"


def running():
    """Processes whose command line names the demo's folder."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(FOLDER).encode() + b"/" in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            pass
    return found


class TheDemo(unittest.TestCase):
    def demo(self, *arguments):
        return run([DEMO, *arguments], timeout=1200, env={"PROVE_BUILD": str(BUILD)})

    def sources(self):
        listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], stdout=subprocess.PIPE, check=True).stdout
        return {name: (ROOT / name.decode()).stat().st_mtime_ns for name in listed.split(b"\0")
                if name and (ROOT / name.decode()).exists()}

    def test_it_shows_plan_apply_and_a_second_apply_that_changes_nothing_and_leaves_nothing_running(self):
        before, etc = self.sources(), tree("/etc/prove")
        for _ in range(2):
            done = self.demo()
            self.assertEqual(0, done.code, done)
            for said in ("1 target: 1 would change", "1 target: 1 changed", "1 target: 1 ok"):
                self.assertIn(said, done.out)
            self.assertIn("Kept by Prove", (FOLDER / "site/www/index.html").read_text())
            self.assertEqual(["listen 80;", "listen 443 ssl;"],
                             [line.strip() for line in (FOLDER / "site/reloads.log").read_text().splitlines()])
            self.assertEqual([], running())
        self.assertEqual((before, etc), (self.sources(), tree("/etc/prove")), "nothing outside its folder is touched")

    def test_it_keeps_master_and_agent_running_when_asked_and_the_next_demo_stops_them(self):
        done = self.demo("--keep")
        try:
            self.assertEqual(0, done.code, done)
            self.assertEqual(2, len({pathlib.Path(f"/proc/{pid}/exe").resolve().name for pid in running()} &
                                    {"prove-master", "prove-agent"}))
            ping = run([BUILD / "bin/prove-cli", "--master", FOLDER / "run/api.sock", "ping", "demo"])
            self.assertEqual(0, ping.code, ping)
        finally:
            again = self.demo()
        self.assertEqual(0, again.code, again)
        self.assertEqual([], running())

    def test_wrong_usage_is_said_and_does_nothing(self):
        done = self.demo("--help-me")
        self.assertEqual((2, "usage: demo [--keep]\n"), (done.code, done.err))


if __name__ == "__main__":
    unittest.main()
