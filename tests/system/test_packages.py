"""Prove's own Debian packages: installed, upgraded, removed and purged cleanly, hardened, and no job lost by an upgrade."""
import concurrent.futures
import json
import re
import unittest

from fleet_hosts import Fleet, FleetCase, needs_hosts, packages
from harness import until
from reports import changes, report_of

NEXT = "0.1.1"
ALL = ("prove-master", "prove-agent", "prove-cli")


@needs_hosts
class OneMachine(unittest.TestCase):
    """Master, agent and command line on one host. One story; its chapters are subtests."""

    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet(1)
        cls.addClassCleanup(cls.fleet.down)

    def shell(self, script, check=True):
        return self.fleet.shell("h1", script, check=check).out.strip()

    def tree(self):
        # What apt, dpkg, the journal and adduser's backups leave behind is theirs.
        tree = self.fleet.tree("h1", "/var/lib/dpkg", "/var/lib/apt", "/var/cache", "/var/log", "/srv/prove", "/var/lib/systemd",
                               "/var/tmp")
        theirs = re.compile(r"(/etc/(passwd|group|shadow|gshadow)-?|/etc/apt/sources\.list\.d(/prove\.list)?|/etc|/srv|/usr/.*|/etc/systemd/.*|/var/lib)$")
        return [line for line in tree.splitlines() if not theirs.search(line.split()[0]) and not theirs.search(line.split()[-1])]

    def files(self):
        return self.shell("find / -xdev -path /proc -prune -o -path /var/lib/dpkg -prune -o -path /srv/prove -prune -o"
                          " -path /var/lib/apt -prune -o -path /etc/apt -prune -o"
                          " -path /var/log/journal -prune -o -name '*prove*' -print").split()

    def answers(self):
        return self.fleet.exec("h1", "prove-cli", "ping", "h1", check=False).code == 0

    def test_install_use_upgrade_remove_and_purge(self):
        before, files, users = self.tree(), self.files(), self.shell("getent passwd; getent group")
        self.install_and_use()
        self.master_is_hardened()
        self.upgrade()
        self.remove_and_install_again()
        self.shell("DEBIAN_FRONTEND=noninteractive apt-get purge -y -q " + " ".join(ALL))
        self.assertEqual(users, self.shell("getent passwd; getent group"))
        self.assertEqual("", self.shell("systemctl --failed --plain --no-legend"))
        self.assertEqual("", self.shell("ps -eo comm | grep prove || true"))
        self.assertEqual("", self.shell("ls -d /etc/prove/*.yml /var/lib/prove* /run/prove* 2>/dev/null || true"))
        self.shell("rm -r /etc/prove")     # the catalog was ours
        self.assertEqual(set(files), set(self.files()))
        self.assertEqual(before, self.tree())

    def install_and_use(self):
        self.fleet.install("h1", *ALL)
        self.assertEqual("", self.shell("systemctl --failed --plain --no-legend"))
        self.assertEqual("active\nactive", self.shell("systemctl is-active prove-master prove-agent"))
        self.assertEqual("enabled\nenabled", self.shell("systemctl is-enabled prove-master prove-agent"))
        verified = self.fleet.shell("h1", "systemd-analyze verify --man=no prove-master.service prove-agent.service")
        self.assertEqual("", verified.out + verified.err)
        for page in ("man1/prove-cli.1.gz", "man8/prove-master.8.gz", "man8/prove-agent.8.gz"):
            self.assertIn(".TH PROVE", self.shell(f"zcat /usr/share/man/{page} | head -n 1"))
        self.shell("bash -n /usr/share/bash-completion/completions/prove-cli")
        self.assertEqual("600 root", self.shell("stat -c '%a %U' /etc/prove/agent.yml"))
        self.assertEqual("640 root:prove", self.shell("stat -c '%a %U:%G' /etc/prove/master.yml"))

        self.fleet.write("h1", "/etc/prove/catalog/targets.yml", "targets: [{name: h1, states: [motd]}]\n")
        self.fleet.write("h1", "/etc/prove/catalog/states/motd.yml",
                         "motd:\n  - fn: file.managed\n    path: /run/motd\n    content: \"made for ${target.name}\\n\"\n")
        until(lambda: self.fleet.exec("h1", "prove-cli", "targets", check=False).code == 0, 20, "the master answers")
        token = self.shell("prove-cli keys token --name h1 --address 127.0.0.1")
        self.shell(f"prove-agent join {token}")
        until(self.answers, 20, "the agent answers")

    def master_is_hardened(self):
        """S95: the master is nobody's root and its unit leaves it little; templates are rendered all the same (S79)."""
        self.assertIn("1 changed", self.shell("prove-cli states apply h1"))
        self.assertEqual("made for h1", self.shell("cat /run/motd; rm /run/motd"))
        status = self.shell("cat /proc/$(systemctl show -P MainPID prove-master)/status")
        self.assertEqual(self.shell("id -u prove"), re.search(r"Uid:\s+(\d+)", status).group(1))
        self.assertRegex(status, r"NoNewPrivs:\s+1")
        self.assertRegex(status, r"CapBnd:\s+0{16}")
        self.assertRegex(status, r"Seccomp:\s+2")
        scores = json.loads(self.shell("systemd-analyze security --json=short --no-pager"))
        exposure = {unit["unit"]: float(unit["exposure"]) for unit in scores if unit["unit"].startswith("prove")}
        print("@figure systemd-analyze security:", ", ".join(f"{unit} {score}" for unit, score in exposure.items()), flush=True)
        self.assertLessEqual(exposure["prove-master.service"], 2.5)

    def upgrade(self):
        """An upgrade keeps keys, enrolment and the settings that were changed here, and asks nothing."""
        self.shell("echo '# ours' >>/etc/prove/agent.yml; echo '# ours' >>/etc/prove/master.yml")
        fingerprint = self.shell("prove-agent fingerprint")
        processes = self.shell("systemctl show -P MainPID prove-master prove-agent")
        self.fleet.offer("h1", NEXT)
        self.fleet.shell("h1", "apt-get -q -y install " + " ".join(ALL) + " </dev/null")
        self.assertEqual(f"{NEXT}\n" * 2 + NEXT, self.shell("dpkg-query -W -f '${Version}\\n' " + " ".join(ALL)))
        until(self.answers, 20, "the agent answers after the upgrade")
        self.assertEqual(fingerprint, self.shell("prove-agent fingerprint"))
        self.assertEqual("# ours\n# ours", self.shell("tail -qn 1 /etc/prove/agent.yml /etc/prove/master.yml"))
        until(lambda: not set(processes.split()) & set(self.shell("systemctl show -P MainPID prove-master prove-agent").split()),
              20, "both run the new program")

    def remove_and_install_again(self):
        """Removed, nothing runs and the data stays; installed again, the agent is still enrolled."""
        self.shell("DEBIAN_FRONTEND=noninteractive apt-get remove -y -q " + " ".join(ALL))
        self.assertEqual("", self.shell("ps -eo comm | grep prove || true"))
        self.assertEqual("", self.shell("systemctl --failed --plain --no-legend"))
        self.assertEqual("/var/lib/prove\n/var/lib/prove-agent\n/var/lib/prove-master", self.shell("ls -d /var/lib/prove*"))
        self.shell("DEBIAN_FRONTEND=noninteractive apt-get install -y -q " + " ".join(ALL))
        until(self.answers, 20, "the agent answers again")
        self.assertEqual("enabled\nenabled", self.shell("systemctl is-enabled prove-master prove-agent"))


@needs_hosts
class BusyAgent(FleetCase):
    """An upgrade of an agent at work loses no result."""

    hosts = 2

    @classmethod
    def setUpClass(cls):
        packages(NEXT)
        super().setUpClass()

    def main_pid(self, host):
        return self.fleet.shell(host, "systemctl show -P MainPID prove-agent").out.strip()

    def test_an_upgrade_waits_for_a_running_command(self):
        self.fleet.offer("h1", NEXT)
        old = self.main_pid("h1")
        go = "while [ ! -e /run/go ]; do sleep 0.05; done"
        with concurrent.futures.ThreadPoolExecutor() as pool:
            job = pool.submit(self.master.cli, "--output", "json", "cmd", "h1", "--shell",
                              f"echo before; touch /run/began; {go}; echo after; exit 3", check=False)
            until(lambda: self.fleet.exec("h1", "test", "-e", "/run/began", check=False).code == 0, 20, "the command runs")
            self.fleet.shell("h1", "apt-get -q -y install prove-agent")
            self.assertEqual(old, self.main_pid("h1"), "the agent goes on while it has work")
            self.fleet.shell("h1", "touch /run/go")
            done = job.result(60)
        text = "".join(line["text"] for line in done.lines() if line["event"] == "output")
        self.assertEqual("before\nafter\n", text)
        self.assertEqual([("failed", 3)], [(line["end"], line["body"]["exit_code"]) for line in done.lines() if line["event"] == "result"])
        until(lambda: self.main_pid("h1") not in (old, "0"), 20, "the new agent runs")
        until(lambda: self.master.cli("ping", "h1", check=False).code == 0, 20, "it answers")

    def test_an_agent_upgrades_itself_by_a_job_of_states(self):
        self.fleet.offer("h2", NEXT)
        self.master.write("targets.yml", "targets: [{name: h1}, {name: h2, states: [agent]}]\n")
        self.master.write("states/agent.yml", f"agent: [{{fn: package.installed, package: prove-agent, version: {NEXT}}}]\n"
                                              "after: [{fn: file.managed, path: /srv/after, content: x}]\n")
        old = self.main_pid("h2")
        report = report_of(self.master.cli("--output", "json", "states", "apply", "h2"), "h2")
        self.assertIn(("package prove-agent", "version", "0.1.0", NEXT), [change[2:] for change in changes(report)])
        self.assertEqual(["changed", "changed"], [invocation["outcome"] for invocation in report["invocations"]])
        until(lambda: self.main_pid("h2") not in (old, "0"), 20, "the new agent runs")
        again = report_of(self.master.cli("--output", "json", "states", "apply", "h2"), "h2")
        self.assertEqual([], changes(again))


if __name__ == "__main__":
    unittest.main()
