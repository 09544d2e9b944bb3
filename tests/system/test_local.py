"""prove-cli alone on a host, by a user who is not root: what needs root is said before anything is done."""
import unittest

from fleet_hosts import needs_hosts
from local_states import CATALOG, LocalStates

SITE = """
mine: [{fn: file.managed, path: /home/kim/notes/today, content: hello, make_dirs: true}]
motd: [{fn: file.managed, path: /etc/motd, content: hello}]
tool: [{fn: user.present, name: robot}]
there: [{fn: package.installed, package: bash}]
log: [{fn: service.restarted, service: cron}]
secret: [{fn: file.managed, path: /etc/shadow, content: hello}]
as_root: [{fn: cmd.run, cmd: 'true', user: root}]
"""


@needs_hosts
class ByAUser(LocalStates, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.start_host()
        cls.shell("useradd -m kim")

    def by_kim(self, verb, text):
        self.write(f"{CATALOG}/states/main.yml", text)
        self.shell(f"rm -rf /home/kim/catalog && cp -r {CATALOG} /home/kim/catalog && chown -R kim: /home/kim/catalog")
        return self.fleet.exec("h1", "runuser", "-u", "kim", "--", "env", "HOME=/home/kim", "prove-cli", "--catalog", "/home/kim/catalog",
                               "states", verb, "h1", check=False)

    def looks(self):
        """Every file's path, kind, mode, owner and content; not what prove-cli keeps for kim, and runuser for itself."""
        self.shell("rm -f /home/kim/notes -r")
        return {line for line in self.shell("find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o "
                                            "-path /root/catalog -o -path /home/kim -o -path /var/log \\) -prune -o "
                                            "-printf '%p %y %m %U %G %l\\n'; sha256sum /etc/* 2>/dev/null || true").out.splitlines()}

    def test_everything_that_needs_root_is_named_and_nothing_is_done(self):
        before = self.looks()
        done = self.by_kim("apply", SITE)
        self.assertEqual(4, done.code, done)
        self.assertIn("5 states need root, and this is user 'kim'; nothing was done: "
                      "motd (states/main.yml:3:13, file.managed: /etc/motd), tool (states/main.yml:4:13, user.present: user robot), "
                      "log (states/main.yml:6:12, service.restarted: unit cron.service), "
                      "secret (states/main.yml:7:15, file.managed: cannot open '/etc/shadow': permission denied), "
                      "as_root (states/main.yml:8:16, cmd.run: a command as 'root'). Run it as root; ", done.out)
        self.assertEqual([], sorted(before ^ self.looks()))

    def test_what_is_this_users_own_is_made_so_beside_what_is_as_it_should_be(self):
        text = "\n".join(line for line in SITE.splitlines() if line.startswith(("mine", "there")))
        self.assertIn("1 changed, 1 ok", self.by_kim("apply", text).out)
        self.assertEqual("kim", self.shell("stat -c %U /home/kim/notes/today").out.strip())
        self.assertIn("2 ok", self.by_kim("apply", text).out)

    def test_a_plan_needs_no_root(self):
        done = self.by_kim("plan", "motd: [{fn: file.managed, path: /etc/motd, content: hello}]\n")
        self.assertEqual(0, done.code, done)
        self.assertIn("1 would change", done.out)
