"""Targets from elsewhere, reached through a real sshd: hosts of the command line, an ssh configuration, an Ansible inventory and a Salt
roster, without a catalog and beside one; and what a run over SSH says of a function that needs an agent."""
import unittest

from harness import BIN, run
from ssh_hosts import SshHost, needs_sshd


@needs_sshd
class Inventories(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = SshHost()
        cls.addClassCleanup(cls.host.stop)
        cls.work = cls.host.folder / "inventories"
        cls.work.mkdir()
        cls.key = cls.host.folder / "user/.ssh/id"

    def write(self, name, text):
        (self.work / name).write_text(text)
        return self.work / name

    def cli(self, *arguments, code=0):
        done = run([BIN / "prove-cli", *arguments], timeout=120, env=self.host.environment())
        self.assertEqual(code, done.code, done)
        return done

    def test_hosts_of_the_command_line_need_no_catalog(self):
        done = self.cli("--ssh-hosts", f"plain,csh@127.0.0.1:{self.host.port}", "cmd", "*", "--", "whoami")
        self.assertIn("plain", done.out)
        self.assertIn("csh", done.out)
        self.assertIn("2 targets", done.out + done.err)
        done = self.cli("--ssh-hosts", "plain", "states", "plan", "plain", code=2)
        self.assertIn("--catalog", done.err)
        done = self.cli("--ssh-hosts", "plain,-oProxyCommand=touch", "ping", "*", code=3)
        self.assertIn("--ssh-hosts:1:7: a host that becomes a target has letters", done.err)

    def test_an_ssh_configuration_names_the_targets_and_is_given_to_ssh(self):
        config = self.write("config", f"Host here there*\n  HostName 127.0.0.1\n  Port {self.host.port}\n  User plain\n"
                                      f"  IdentityFile {self.key}\n  UserKnownHostsFile {self.host.known_hosts}\n")
        done = self.cli(f"--ssh-config={config}", "cmd", "*", "--", "whoami")
        self.assertIn("plain", done.out)
        self.assertEqual(["here"], [row["name"] for row in self.cli(f"--ssh-config={config}", "--output", "json", "targets").lines()])

    def test_an_ansible_inventory_gives_targets_groups_and_variables(self):
        inventory = self.write("hosts.ini", f"[web]\nweb1 ansible_host=127.0.0.1 greeting='good day'\n[web:vars]\nansible_user=plain\n"
                                            f"ansible_port={self.host.port}\nansible_ssh_private_key_file={self.key}\n"
                                            f"ansible_become=true\nplace={self.work}/made\n")
        self.assertIn("0", self.cli("--ansible-inventory", inventory, "cmd", "group:web", "--", "id", "-u").out)
        catalog = self.host.catalog({"groups.yml": "groups:\n  - {name: sites, match: 'group:web', states: [site]}\n",
                                     "states/site.yml": "made: {fn: file.managed, path: \"${vars.place}\", content: \"${vars.greeting}\"}\n"})
        done = self.cli("--catalog", catalog, "--ansible-inventory", inventory, "states", "apply", "web1")
        self.assertIn("1 changed", done.out)
        self.assertEqual("good day", (self.work / "made").read_text())
        done = self.cli("--catalog", catalog, "--ansible-inventory", inventory, "variables", "web1", "greeting", "--explain")
        self.assertIn(f"{inventory}:2:", done.out)

    def test_a_salt_roster_gives_targets(self):
        roster = self.write("roster", f"web1:\n  host: 127.0.0.1\n  port: {self.host.port}\n  user: plain\n  sudo: True\n"
                                      f"  priv: {self.key}\n  timeout: 5\n")
        done = self.cli("--salt-roster", roster, "cmd", "web1", "--", "id", "-u")
        self.assertIn("0", done.out)
        self.assertIn("'timeout' is Salt's own affair", done.err)

    def test_a_function_that_needs_an_agent_is_warned_of_and_fails_with_the_same_words(self):
        words = "'shop.queue' needs an agent that stays on the host"
        catalog = self.host.catalog({"targets.yml": self.host.targets("plain"),
                                     "states/main.yml": "queued:\n  - fn: shop.queue\nother:\n  - fn: meta.noop\n",
                                     "components/shop/component.yml": "functions:\n  queue: {needs_agent: true}\n",
                                     "components/shop/functions/queue": "#!/bin/sh\necho '{\"changed\": false}'\n"})
        (catalog / "components/shop/functions/queue").chmod(0o755)
        done = self.cli("--catalog", catalog, "check")
        self.assertIn(f"states/main.yml:2:9: warning: queued: {words}", done.out)
        for what in ("plan", "apply"):
            done = self.cli("--catalog", catalog, "states", what, "plain", code=4)
            self.assertIn(words, done.out)
            self.assertIn("1 failed", done.out)


if __name__ == "__main__":
    unittest.main()
