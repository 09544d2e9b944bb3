"""The state functions on a real host: each does what it says, does nothing the second time, and was foretold by its plan."""
import pathlib
import tempfile
import unittest

from fleet_hosts import needs_hosts
from local_states import LocalStates, make_package
from reports import changed, changes, messages

# A service that says when it starts and reloads, and one that cannot start.
UNIT = """[Unit]
Description=For tests
[Service]
ExecStartPre=/bin/sh -c 'echo start >>/var/log/toy'
ExecStart=/bin/sleep infinity
ExecReload=/bin/sh -c 'echo reload >>/var/log/toy'
[Install]
WantedBy=multi-user.target
"""


@needs_hosts
class Packages(LocalStates, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.start_host()
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            for name, version in (("apple", "1.0"), ("apple", "2.0"), ("pear", "1.0"), ("plum", "1.0"), ("fig", "1.0"),
                                  ("lime", "1.0")):
                make_package(folder, name, version)
            make_package(folder, "tart", "1.0", depends="fig")
            for name in ("mint", "sage"):
                make_package(folder, name, "1.0")
            make_package(folder, "tea", "1.0", recommends="mint")
            make_package(folder, "soup", "1.0", recommends="sage")
            make_package(folder, "sour", "1.0", postinst="#!/bin/sh\necho 'sour cannot be set up' >&2; exit 3\n")
            cls.fleet.call("index", folder)
            cls.fleet.push("h1", folder, "/srv/fruit")
        cls.write("/etc/apt/sources.list.d/fruit.list", "deb [trusted=yes] file:/srv/fruit ./\n")

    def transactions(self):
        return self.shell("grep -c ^Start-Date /var/log/apt/history.log || true").out.strip()

    def version(self, name):
        return self.shell(f"dpkg-query -W -f '${{db:Status-Status}} ${{Version}}' {name} 2>/dev/null || true").out.strip()

    def test_a_version_is_installed_then_another_and_the_package_is_removed(self):
        self.converge("fruit: [{fn: package.installed, package: apple, version: '1.0'}]\n")
        self.assertEqual("installed 1.0", self.version("apple"))
        report = self.converge("fruit: [{fn: package.installed, package: apple, version: '2.0'}]\n")
        self.assertEqual("installed 2.0", self.version("apple"))
        self.assertEqual([("1.0", "2.0")], [change[-2:] for change in changes(report)])
        self.converge("fruit: [{fn: package.removed, package: apple, purge: true}]\n")
        self.assertNotIn("installed", self.version("apple").split())

    def test_adjacent_packages_are_one_transaction_and_each_part_answers_for_its_own(self):
        before = int(self.transactions())
        report = self.converge("one: [{fn: package.installed, package: pear}]\ntwo: [{fn: package.installed, package: [plum]}]\n")
        self.assertEqual(before + 1, int(self.transactions()))
        self.assertEqual([("one", ["pear"]), ("two", ["plum"])],
                         [(i["state"], [c["resource"].split()[-1] for p in i["parts"] for c in p["changes"]])
                          for i in report["invocations"]])
        self.converge("one: [{fn: package.removed, package: pear}]\ntwo: [{fn: package.removed, package: plum}]\n")
        self.assertEqual(before + 2, int(self.transactions()))

    def test_what_a_package_recommends_comes_along_unless_its_part_says_otherwise_also_beside_one_that_does(self):
        wanted = ("tea: [{fn: package.installed, package: tea}]\n"
                  "soup: [{fn: package.installed, package: soup, recommends: false}]\n")
        self.apply(wanted)
        self.assertEqual("installed 1.0", self.version("mint"))
        self.assertNotIn("installed", self.version("sage").split())
        self.assertEqual([], changed(self.apply(wanted)))
        self.shell("dpkg --purge tea soup mint; echo 'APT::Install-Recommends \"false\";' > /etc/apt/apt.conf.d/99few")
        self.apply(wanted)
        self.assertNotIn("installed", self.version("mint").split())
        self.shell("dpkg --purge tea")
        self.apply("tea: [{fn: package.installed, package: tea, recommends: true}]\n")
        self.assertEqual("installed 1.0", self.version("mint"))
        self.shell("rm /etc/apt/apt.conf.d/99few")

    def test_a_dependency_comes_along_and_is_reported(self):
        report = self.apply("cake: [{fn: package.installed, package: tart}]\n")
        self.assertEqual(["package fig", "package tart"], sorted(change[2] for change in changes(report)))
        refused = self.apply("figs: [{fn: package.removed, package: fig}]\n", exit_code=4)
        self.assertIn("tart", messages(refused)["figs"])
        self.assertEqual("installed 1.0", self.version("tart"))

    def test_a_package_that_does_not_exist_fails_alone_and_is_named_with_its_place(self):
        report = self.apply("wrong: [{fn: package.installed, package: durian}]\nright: [{fn: package.installed, package: lime}]\n",
                            exit_code=4)
        self.assertIn("there is no package 'durian'", messages(report)["wrong"])
        self.assertEqual("states/main.yml:1:1", report["invocations"][0]["position"])
        self.assertEqual(["right"], changed(report))
        self.assertEqual("installed 1.0", self.version("lime"))

    def test_a_package_whose_script_fails_says_what_the_script_said(self):
        report = self.apply("bad: [{fn: package.installed, package: sour}]\n", exit_code=4)
        self.assertIn("sour", messages(report)["bad"])
        self.shell("dpkg --force-all --purge sour")


@needs_hosts
class Services(LocalStates, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.start_host()

    def unit(self, name, text=UNIT):
        self.write(f"/etc/systemd/system/{name}.service", text)
        self.shell(f"systemctl daemon-reload; systemctl stop {name}; rm -f /var/log/toy")

    def is_active(self, name):
        return self.shell(f"systemctl is-active {name} || true").out.strip()

    def log(self):
        return self.shell("cat /var/log/toy 2>/dev/null || true").out.split()

    def test_running_and_enabled_are_apart(self):
        self.unit("toy")
        self.converge("it: [{fn: service.running, service: toy}]\n")
        self.assertEqual(("active", "disabled"), (self.is_active("toy"), self.shell("systemctl is-enabled toy || true").out.strip()))
        self.converge("it: [{fn: service.enabled, service: toy}]\n")
        self.assertEqual("enabled", self.shell("systemctl is-enabled toy").out.strip())
        self.converge("it: [{fn: service.stopped, service: toy}, {fn: service.disabled, service: toy}]\n")
        self.assertEqual(("inactive", "disabled"), (self.is_active("toy"), self.shell("systemctl is-enabled toy || true").out.strip()))

    def test_reloaded_and_restarted_happen_when_they_are_notified(self):
        self.unit("toy")
        text = ("run: [{fn: service.running, service: toy}]\n"
                "config: [{fn: file.managed, path: /etc/toy.conf, content: 'A', notify: [reload, restart]}]\n"
                "reload: {lazy: true, requires: [run], parts: [{fn: service.reloaded, service: toy}]}\n"
                "restart: {lazy: true, requires: [run, reload], parts: [{fn: service.restarted, service: toy}]}\n")
        self.converge(text)
        self.assertEqual(["start", "reload", "start"], self.log())

    def test_a_unit_that_changed_on_disk_is_read_again_before_it_is_used(self):
        self.unit("toy")
        self.shell("systemctl start toy")
        self.write("/etc/systemd/system/toy.service", UNIT.replace("echo start", "echo changed"))
        self.assertEqual("yes", self.shell("systemctl show -P NeedDaemonReload toy").out.strip())
        self.apply("it: [{fn: service.restarted, service: toy}]\n")
        self.assertEqual(["start", "changed"], self.log())
        self.assertEqual("no", self.shell("systemctl show -P NeedDaemonReload toy").out.strip())

    def test_a_service_that_fails_to_start_fails_its_state_with_its_last_words(self):
        self.unit("broken", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo the disk is on fire >&2; exit 7'\n")
        report = self.apply("it: [{fn: service.running, service: broken}]\nnext: [{fn: cmd.run, cmd: 'true'}]\n", exit_code=4)
        self.assertIn("broken", messages(report)["it"])
        self.assertEqual(["next"], changed(report))

    def test_a_service_that_dies_right_after_its_start_is_no_running_service(self):
        self.unit("shortlived", "[Service]\nExecStart=/bin/sh -c 'exit 9'\n")
        report = self.apply("it: [{fn: service.running, service: shortlived}]\n", exit_code=4)
        self.assertIn("shortlived", messages(report)["it"])

    def test_a_service_that_does_not_exist_is_named(self):
        report = self.apply("it: [{fn: service.running, service: no-such-thing}]\n", exit_code=4)
        self.assertIn("no-such-thing", messages(report)["it"])


@needs_hosts
class AccountsAndFiles(LocalStates, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.start_host()

    def test_groups_and_users_are_made_with_what_they_own(self):
        self.converge("team: [{fn: group.present, name: crew, gid: 4711}]\n"
                      "ann:\n  - {fn: user.present, name: ann, uid: 4712, group: crew, groups: [sudo], shell: /bin/sh, comment: Ann}\n"
                      "  - {fn: file.managed, path: /srv/ann, content: x, user: ann, group: crew, mode: '0600'}\n")
        self.assertEqual("uid=4712(ann) gid=4711(crew) groups=4711(crew),27(sudo)\n", self.shell("id ann").out)
        self.assertEqual("ann:crew 600\n", self.shell("stat -c '%U:%G %a' /srv/ann").out)
        report = self.converge("ann: [{fn: user.present, name: ann, shell: /bin/bash}]\n")
        self.assertEqual([("shell", "/bin/sh", "/bin/bash")], [change[3:] for change in changes(report)])

    def test_users_of_the_system_and_users_without_a_home(self):
        self.converge("toys: [{fn: group.present, name: toys, system: true}]\n"
                      "toyd:\n  - {fn: user.present, name: toyd, system: true, group: toys, home: /var/lib/toyd, create_home: false,"
                      " shell: /usr/sbin/nologin}\n"
                      "bea: [{fn: user.present, name: bea}]\n"
                      "cid: [{fn: user.present, name: cid, create_home: false}]\n")
        self.assertEqual("toys\n", self.shell("id -gn toyd").out)
        for number in self.shell("id -u toyd; getent group toys | cut -d: -f3").out.split():
            self.assertLess(int(number), 1000, "a number of the system's range")
        self.assertGreaterEqual(int(self.shell("id -u bea").out), 1000)
        self.assertEqual("/home/bea\n", self.shell("ls -d /home/bea /home/cid /var/lib/toyd 2>/dev/null", check=False).out)

    def test_files_of_every_kind(self):
        self.converge("tree:\n"
                      "  - {fn: file.directory, path: /srv/a/b, make_dirs: true, mode: '0750', group: daemon}\n"
                      "  - {fn: file.managed, path: /srv/a/b/text, content: \"one\\ntwo\\n\", mode: '0640', user: daemon}\n"
                      "  - {fn: file.symlink, path: /srv/a/link, target: b/text}\n"
                      "  - {fn: file.line, path: /srv/a/b/text2, line: three, create: true}\n"
                      "  - {fn: file.absent, path: /srv/a/none}\n")
        self.assertEqual("root:daemon 750\ndaemon:root 640\n", self.shell("stat -c '%U:%G %a' /srv/a/b /srv/a/b/text").out)
        self.assertEqual("one\ntwo\nthree\n", self.shell("cat /srv/a/link /srv/a/b/text2").out)
        self.converge("attributes: [{fn: file.attributes, path: /srv/a/b/text, mode: '0600', user: root}]\n")
        self.assertEqual("root:root 600\n", self.shell("stat -c '%U:%G %a' /srv/a/b/text").out)
        self.converge("gone: [{fn: file.absent, path: /srv/a, recurse: true}]\n")
        self.assertEqual("", self.shell("ls /srv | grep -x a || true").out)

    def test_a_command_runs_once_where_it_creates_something_and_reports_what_it_said_when_it_fails(self):
        self.converge("make: [{fn: cmd.run, cmd: [touch, /srv/made], creates: /srv/made}]\n")
        report = self.apply("make: [{fn: cmd.run, cmd: 'echo no room >&2; exit 3'}]\n", exit_code=4)
        self.assertIn("no room", messages(report)["make"])
        self.assertIn("3", messages(report)["make"])

    def test_a_command_that_never_ends_is_stopped_with_all_it_started(self):
        report = self.apply("wait: [{fn: cmd.run, cmd: 'sleep 4711 & sleep 4711', timeout: 1s}]\n"
                            "next: [{fn: cmd.run, cmd: 'true'}]\n", exit_code=4)
        self.assertIn("did not end in time", messages(report)["wait"])
        self.assertEqual(["next"], changed(report)[-1:])
        self.assertEqual([], self.fleet.processes("h1", "sleep 4711"))

    def test_a_path_that_is_of_another_kind_is_left_alone_and_named(self):
        self.shell("mkdir -p /srv/kind/folder; touch /srv/kind/file; ln -s /etc/passwd /srv/kind/link")
        before = self.fleet.tree("h1", "/root", "/var")
        report = self.apply("a: [{fn: file.managed, path: /srv/kind/folder, content: x}]\n"
                            "b: [{fn: file.directory, path: /srv/kind/file}]\n"
                            "c: [{fn: file.managed, path: /srv/kind/link, content: x}]\n"
                            "d: [{fn: file.symlink, path: /srv/kind/file, target: /etc}]\n", exit_code=4)
        self.assertEqual(["a", "b", "c", "d"], list(messages(report)))
        for state, path in zip("abcd", ("folder", "file", "link", "file")):
            self.assertIn(f"/srv/kind/{path}", messages(report)[state])
        self.assertEqual(before, self.fleet.tree("h1", "/root", "/var"))

    def test_a_full_disk_is_one_clear_error_and_the_old_file_stays(self):
        self.shell("mkdir -p /srv/small && mount -t tmpfs -o size=64k none /srv/small && echo old >/srv/small/file")
        self.write("/root/catalog/files/big", "0123456789abcdef\n" * 20000)
        report = self.apply("big: [{fn: file.managed, path: /srv/small/file, source: prove://big}]\n"
                            "next: [{fn: file.managed, path: /srv/next, content: x}]\n", exit_code=4)
        self.assertIn("there is no space left to write '/srv/small/file'", messages(report)["big"])
        self.assertEqual(["next"], changed(report))
        self.assertEqual("old\n", self.shell("cat /srv/small/file").out)
        self.assertEqual("file\n", self.shell("ls -A /srv/small; umount /srv/small").out)


if __name__ == "__main__":
    unittest.main()
