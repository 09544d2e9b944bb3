"""docs/tutorial.md, as a reader follows it: every command and every file of it, in its order, on two hosts.

Commands are the indented lines. They run on the master unless a comment names another machine; files are the YAML blocks
after the line that names them.
"""
import re
import unittest

from fleet_hosts import Fleet, needs_hosts, packages
from harness import ROOT, until

MACHINES = {"master": "h1", "web1": "h2"}
# The other way to let an agent in, which the token has done by then (test_enrolment takes it).
OTHER_WAY = ("prove-cli keys accept web1",)


def steps(text):
    """(kind, where, what) in the order of the page: a command and its machine, or a file's text and its path."""
    machine, path, block = "master", None, None
    for line in text.splitlines():
        named = re.search(r"`(/etc/prove/catalog/[\w./]+)`", line)
        if block is not None:
            if line == "```":
                yield "file", path, "\n".join(block) + "\n"
                block = None
            else:
                block.append(line)
        elif line == "```yaml":
            block = []
        elif named:
            path = named.group(1)
        elif line.startswith("    "):
            command, _, comment = line.strip().partition(" #")
            said = re.search(r"on (?:the )?(master|web1)", comment)
            machine = said.group(1) if said else machine
            yield "command", machine, command.strip()
        elif line:
            machine = "master"
        if "`states: [" in line and block is None:
            yield "states", None, re.search(r"`(states: \[.*?\])`", line).group(1)


@needs_hosts
class Tutorial(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet(2)
        cls.addClassCleanup(cls.fleet.down)
        addresses = {name: cls.fleet.shell(host, "hostname -I").out.split()[0] for name, host in MACHINES.items()}
        for name, host in MACHINES.items():
            cls.fleet.push(host, packages(), "/srv/prove")
            cls.fleet.write(host, "/etc/apt/apt.conf.d/99yes", 'APT::Get::Assume-Yes "true";\n')
            cls.fleet.shell(host, f"hostnamectl set-hostname {name}; printf '%s\\n' " +
                            " ".join(f"'{address} {other}'" for other, address in addresses.items()) + " >> /etc/hosts")

    def shell(self, machine, command, check=True):
        return self.fleet.shell(MACHINES[machine], "cd /srv/prove; " + command, check=check, timeout=300)

    def ready(self, command):
        """What a reader would wait for: the master has started, the agent is connected."""
        if command == "prove-cli targets":
            until(lambda: self.shell("master", command, check=False).code == 0, 20, "the master answers")
        elif command.startswith("prove-cli ping"):
            until(lambda: self.shell("master", command, check=False).code == 0, 30, "the agent answers")

    def test_every_command_and_every_file_of_it_works_as_it_is_written(self):
        catalog = "/etc/prove/catalog/targets.yml"
        said, token, run = {}, "", []
        page = (ROOT / "docs/tutorial.md").read_text()
        for kind, where, what in steps(page[page.index("## 1."):]):
            if kind == "file":
                self.fleet.write("h1", where, what)
            elif kind == "states":
                self.shell("master", f"sed -i 's/states: .*/{what}/' {catalog}")
            elif what not in OTHER_WAY:
                if "JOB" in what:
                    what = what.replace("JOB", self.shell("master", "prove-cli jobs list").out.split("\n")[1].split()[0])
                self.ready(what)
                done = self.shell(where, re.sub(r"\bprove-join-\.\.\.", token, what), check=False)
                self.assertEqual(0, done.code, f"{what}: {done}")
                token = (re.findall(r"prove-join-\S+", done.out) or [token])[-1]
                said.setdefault(what, []).append(done.out)
                run.append(what)
        self.assertGreater(len(run), 18)
        self.assertIn("1 would change", said["prove-cli states plan web1"][0])
        first, second, banner = said["prove-cli states apply web1"]
        self.assertIn("1 changed", first)
        self.assertIn("1 target: 1 ok", second)
        self.assertEqual("Kept by Prove\n", self.fleet.read("h2", "/etc/motd"))
        self.assertIn("2 changed", banner)
        self.assertEqual("Banner /etc/motd\n", self.fleet.read("h2", "/etc/ssh/sshd_config.d/banner.conf"))
        self.assertIn("1 changed", said["prove-cli schedules run enforce"][0])
        self.assertIn("web1: mended", said["prove-cli drift"][0])
        self.assertRegex(said["prove-cli history web1"][0], r"~ motd +drift +file\.managed /etc/motd")
        self.chapter_of_mistakes()

    def chapter_of_mistakes(self):
        motd = "/etc/prove/catalog/states/motd.yml"
        self.shell("master", f"sed -i 's/path:/pth:/' {motd}")
        done = self.shell("master", "prove-cli check --catalog /etc/prove/catalog", check=False)
        self.assertEqual(3, done.code, done)
        self.assertIn("states/motd.yml:3:5", done.err + done.out)
        self.assertIn("did you mean 'path'?", done.err + done.out)
        self.shell("master", f"sed -i 's/pth:/path:/' {motd}")
        self.assertNotIn("changed", self.shell("master", "prove-cli states apply web1").out)


if __name__ == "__main__":
    unittest.main()
