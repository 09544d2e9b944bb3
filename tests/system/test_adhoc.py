"""prove-cli state and copy: one function and one file at a time, here, over SSH, through a master to agents and to SSH targets, and
on a real host. What is promised of them is promised of every way."""
import json
import os
import pathlib
import tempfile
import unittest

from fleet_hosts import Fleet, needs_hosts
from harness import BIN, run
from prove_master import LocalCase, Master
from ssh_hosts import SshHost, needs_sshd

BINARY = bytes(range(256)) * 3000  # 750 KiB: more than one chunk
MIB = 1 << 20


def rows(done):
    return {line["target"]: line for line in done.lines() if line.get("event") == "result"}


class AnyWay:
    """The promises. A way has `target`, `root` (a folder that the target may write to, seen from here), and `done(code, ...)`."""

    def here(self, name, content=None):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="prove-here-", dir="/srv"))
        self.addCleanup(run, ["rm", "-rf", folder])
        if content is not None:
            (folder / name).write_bytes(content)
        return folder / name

    # ---- state

    def test_a_plan_touches_nothing_an_apply_makes_it_so_and_a_second_one_changes_nothing(self):
        path = self.root / "a b"
        words = ("state", self.target, "file.managed", f"path={path}", "content=${x} [1, 2]", "mode=0640")
        plan = self.done(6, *words, "--plan", "--detailed-exit-code")
        self.assertIn(f"~ ad hoc    file.managed {path}", plan.out)
        self.assertIn("1 |+${x} [1, 2]", plan.out)
        self.assertFalse(path.exists())
        self.assertIn("1 changed", self.done(0, *words).out)
        self.assertEqual(path.read_text(), "${x} [1, 2]")
        self.assertEqual(path.stat().st_mode & 0o7777, 0o640)
        self.assertIn("1 ok", self.done(0, *words).out)
        self.done(0, *words, "--plan", "--detailed-exit-code")
        result = rows(self.done(0, "--output", "json", *words))[self.target]
        self.assertEqual([i["state"] for i in result["body"]["report"]["invocations"]], ["ad hoc"])

    def test_a_command_runs_and_its_failure_is_told(self):
        path = self.root / "made"
        self.assertIn("1 changed", self.done(0, "state", self.target, "cmd.run", f"cmd=echo yes > {path}", "timeout=1m").out)
        self.assertEqual(path.read_text(), "yes\n")
        self.assertIn("1 skipped", self.done(0, "state", self.target, "cmd.run", f"cmd=rm {path}", f"onlyif=! test -e {path}").out)
        self.assertTrue(path.exists())
        failed = self.done(4, "state", self.target, "cmd.run", "cmd=echo no luck; exit 7")
        self.assertIn("no luck", failed.out)
        self.assertIn("exit code 7", failed.out)

    def test_files_and_templates_of_the_catalog_are_there(self):
        path = self.root / "page"
        self.done(0, "state", self.target, "file.managed", f"path={path}", "source=prove://page.mako")
        self.assertEqual(path.read_text(), f"{self.target} on port 8080\n")
        self.done(0, "state", self.target, "file.managed", f"path={path}", "content=${vars.port}", "template=mako", "--var", "port=1")
        self.assertEqual(path.read_text(), "1")
        wrong = self.done(3, "state", self.target, "file.managed", f"path={path}", "source=prove://pgae.mako")
        self.assertIn("did you mean 'prove://page.mako'?", wrong.out + wrong.err)

    def test_what_is_wrong_is_told_before_anything_is_sent(self):
        def refused(*words):
            done = self.done(2, "state", self.target, *words)
            self.assertEqual(done.out, "")
            return done.err
        self.assertEqual(refused("file.managed", "path=/x", "contnet=y"),
                         "prove-cli: argument 2: unknown argument 'contnet' of file.managed; did you mean 'content'?\n")
        self.assertIn("did you mean 'file.managed'?", refused("file.manged", "path=/x"))
        self.assertIn("needs the argument 'service'", refused("service.running"))
        self.assertIn("is for state files", refused("meta.run", "state=x"))
        self.assertIn("is about other states", refused("cmd.run", "cmd=true", "notify=x"))
        self.assertIn("argument 1: arguments are written NAME=VALUE", refused("cmd.run", "true"))
        self.done(2, "state", "nobody", "cmd.run", "cmd=true")

    # ---- copy

    def test_files_go_and_come_back_as_they_were(self):
        for number, content in enumerate((BINARY, b"", b"text\n")):
            here, there = self.here("with blanks", content), self.root / f"file {number}"
            os.chmod(here, 0o750)
            plan = self.done(6, "copy", here, f"{self.target}:{there}", "--plan", "--detailed-exit-code")
            self.assertIn("1 would change", plan.out)
            self.assertFalse(there.exists())
            self.assertIn("1 changed", self.done(0, "copy", here, f"{self.target}:{there}").out)
            self.assertEqual(there.read_bytes(), content)
            self.assertEqual(there.stat().st_mode & 0o7777, 0o750)
            self.assertIn("1 ok", self.done(0, "copy", here, f"{self.target}:{there}").out)
            back = self.here("back")
            self.assertIn(", to '", self.done(0, "copy", f"{self.target}:{there}", back).out)
            self.assertEqual(back.read_bytes(), content)
            self.assertIn("was already in", self.done(0, "copy", f"{self.target}:{there}", back).out)
        folder = self.root / "new"
        self.done(0, "copy", here, f"{self.target}:{folder}/", "--make-dirs", "--mode", "0604")
        self.assertEqual((folder / "with blanks").stat().st_mode & 0o7777, 0o604)
        self.assertEqual([p.name for p in folder.iterdir()], ["with blanks"], "nothing else is left there")

    def test_no_contents_are_told(self):
        here = self.here("secret", b"very secret\n")
        done = self.done(0, "copy", here, f"{self.target}:{self.root}/secret", "--verbose")
        self.assertNotIn("very", done.out + done.err)
        done = self.done(0, "--output", "json", "copy", f"{self.target}:{self.root}/secret", self.here("x"))
        self.assertNotIn("pieces", done.out)
        self.assertEqual(rows(done)[self.target]["body"]["size"], 12)

    def test_a_link_in_the_place_of_the_file_is_neither_followed_nor_replaced(self):
        victim, link = self.root / "victim", self.root / "link"
        victim.write_text("mine")
        link.symlink_to(victim)
        self.assertIn("symbolic link", self.done(4, "copy", self.here("x", b"new"), f"{self.target}:{link}").out)
        self.assertIn("symbolic link", self.done(4, "copy", f"{self.target}:{link}", self.here("y")).out)
        self.assertEqual(victim.read_text(), "mine")
        self.assertTrue(link.is_symlink())

    def test_what_cannot_be_copied_is_told(self):
        (self.root / "folder").mkdir()
        (self.root / "large").write_bytes(b"x" * (2 * MIB + 1))
        for path, reason in (("missing", "there is no file"), ("folder", "is a folder"), ("large", "at most 2 MiB")):
            to = self.here("to")
            self.assertIn(reason, self.done(4, "copy", f"{self.target}:{self.root}/{path}", to).out)
            self.assertFalse(to.exists())
        self.assertIn("at most 8 MiB", self.done(2, "copy", self.here("large", b"x" * (8 * MIB + 1)), f"{self.target}:{self.root}/x").err)
        self.assertIn("is a folder", self.done(2, "copy", self.here("x").parent, f"{self.target}:{self.root}/x").err)
        self.done(2, "copy", f"{self.target}:{self.root}/a", f"{self.target}:{self.root}/b")
        self.assertFalse((self.root / "x").exists())

    def test_a_file_of_the_largest_size_goes_both_ways(self):
        self.done(0, "copy", self.here("x", os.urandom(8 * MIB)), f"{self.target}:{self.root}/x")
        self.assertEqual((self.root / "x").stat().st_size, 8 * MIB)
        (self.root / "y").write_bytes(os.urandom(2 * MIB))
        back = self.here("back")
        self.done(0, "copy", f"{self.target}:{self.root}/y", back)
        self.assertEqual(back.read_bytes(), (self.root / "y").read_bytes())

    def test_a_file_that_has_no_end_is_refused(self):
        self.assertIn("failed", self.done(4, "copy", f"{self.target}:/proc/self/pagemap", self.here("x")).out)


FILES = {"files/page.mako": "${target.name} on port ${vars.port}\n", "prove.yml": "variables: {port: 8080}\n"}


class Here(AnyWay, unittest.TestCase):
    target = "here"

    def setUp(self):
        self.folder = self.here("x").parent
        self.root = self.folder / "root"
        self.root.mkdir()
        for name, text in {**FILES, "targets.yml": "targets: [{name: here, executor: local}]\n"}.items():
            (self.folder / "catalog" / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / "catalog" / name).write_text(text)

    def done(self, code, *words):
        done = run([BIN / "prove-cli", "--catalog", self.folder / "catalog", *words])
        self.assertEqual(done.code, code, done)
        return done


class OnAnSshHost(AnyWay):
    @classmethod
    def setUpClass(cls):
        cls.host = SshHost()
        cls.addClassCleanup(cls.host.stop)

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(dir=self.host.home("plain")))
        owner = self.host.home("plain").stat()
        os.chown(self.root, owner.st_uid, owner.st_gid)


@needs_sshd
class OverSsh(OnAnSshHost, unittest.TestCase):
    target = "plain"

    def setUp(self):
        super().setUp()
        many = "".join(f"  - {{name: t{i}, host: plain, executor: ssh}}\n" for i in range(25))
        self.catalog = self.host.catalog({**FILES, "targets.yml": "targets:\n  - {name: plain, executor: ssh}\n"
                                          "  - {name: sudoer, host: plain, executor: ssh, ssh: {become: sudo}}\n" + many})

    def done(self, code, *words):
        done = self.host.cli(self.catalog, *words)
        self.assertEqual(done.code, code, done)
        return done

    def test_what_the_user_may_not_do_is_told_and_become_can(self):
        secret = self.host.folder / "var-cache/secret"
        secret.write_bytes(b"of root\n")
        secret.chmod(0o600)
        back = self.here("back")
        self.assertIn("permission denied", self.done(4, "copy", "plain:/var/cache/secret", back).out)
        self.assertFalse(back.exists())
        self.done(0, "copy", "sudoer:/var/cache/secret", back)
        self.assertEqual((back.read_bytes(), back.stat().st_mode & 0o7777), (b"of root\n", 0o600))
        here = self.here("x", b"new\n")
        self.assertIn("needs root, and this is user 'plain'; nothing was done: ad hoc (file.managed: /var/cache/new)",
                      self.done(4, "copy", here, "plain:/var/cache/new").out)
        self.done(0, "copy", here, "sudoer:/var/cache/new", "--user", "plain", "--group", "plain", "--mode", "0400")
        status = (self.host.folder / "var-cache/new").stat()
        self.assertEqual((status.st_uid, status.st_mode & 0o7777), (self.root.stat().st_uid, 0o400))

    def test_files_of_many_targets_come_to_a_folder_and_to_many_targets_one_goes_only_when_it_is_meant(self):
        (self.root / "x").write_bytes(BINARY)
        folder = self.here("many")
        refused = self.done(2, "copy", f"t*:{self.root}/x", folder)
        self.assertIn("files of 25 targets go to a folder", refused.err)
        self.assertIn("this copy reaches 25 targets; say --yes", self.done(2, "copy", f"t*:{self.root}/x", f"{folder}/").err)
        self.assertIn("25 targets: 25 done", self.done(0, "copy", f"t*:{self.root}/x", f"{folder}/", "--yes").out)
        self.assertEqual({p.name: p.read_bytes() for p in folder.iterdir()}, {f"t{i}": BINARY for i in range(25)})
        to = f"t*:{self.root}/y"
        self.assertIn("reaches 25 targets; say --yes", self.done(2, "copy", folder / "t0", to).err)
        self.assertFalse((self.root / "y").exists())
        self.done(0, "copy", folder / "t0", to, "--yes")
        self.assertEqual((self.root / "y").read_bytes(), BINARY)
        self.assertIn("reaches 25 targets", self.done(2, "state", "t*", "cmd.run", "cmd=true").err)


class ThroughAMaster(AnyWay, LocalCase):
    agents = ("a1", "a2")
    target = "a1"

    def setUp(self):
        super().setUp()
        self.root = self.file("root")
        self.root.mkdir()
        for name, text in {**FILES, "targets.yml": "targets: [{name: a1}, {name: a2}]\n"}.items():
            self.master.write(name, text)

    def done(self, code, *words):
        return self.cli(*words, code=code)

    def test_both_targets_at_once_and_what_is_kept_of_it(self):
        here = self.here("x", b"very secret\n")
        self.assertIn("2 targets: ", self.done(0, "copy", here, f"*:{self.root}/x").out)
        folder = self.here("both")
        self.done(0, "copy", f"*:{self.root}/x", f"{folder}/")
        self.assertEqual({p.name: p.read_bytes() for p in folder.iterdir()}, {"a1": b"very secret\n", "a2": b"very secret\n"})
        listed = self.cli("jobs", "list").out
        self.assertIn(f"copy from {self.root}/x"[:37], listed)
        self.assertIn("state file.managed path=", listed)
        for job in self.master.json("jobs", "list")[:2]:
            shown = self.cli("jobs", "show", job["job"])
            as_json = self.cli("--output", "json", "jobs", "show", job["job"])
            for text in (shown.out, as_json.out, json.dumps(job), self.master.program.log()):
                self.assertNotIn("very secret", text)
                self.assertNotIn("dmVyeSBzZWNyZXQ", text)
        self.assertIn("12 bytes, hash ", shown.out + self.cli("jobs", "show", self.master.json("jobs", "list")[0]["job"]).out)

    def test_a_job_can_be_left_alone(self):
        path = self.root / "x"
        job = self.done(0, "state", "a1", "file.managed", f"path={path}", "content=y", "--detach").out.split()[1]
        self.done(0, "jobs", "watch", job)
        self.assertEqual(path.read_text(), "y")

    def test_what_states_owe_is_not_paid_by_it(self):
        self.master.write("targets.yml", "targets: [{name: a1, states: [site]}, {name: a2}]\n")
        self.master.write("states/site.yml", f"page: [{{fn: file.managed, path: {self.root}/page, content: a, notify: [told]}}]\n"
                                             f"told: {{lazy: true, parts: [{{fn: cmd.run, cmd: 'test -e {self.root}/go && touch {self.root}/told'}}]}}\n")
        self.done(4, "states", "apply", "a1")
        (self.root / "go").touch()
        self.done(0, "state", "a1", "cmd.run", "cmd=true")
        self.assertFalse((self.root / "told").exists())
        self.done(0, "states", "apply", "a1")
        self.assertTrue((self.root / "told").exists())


@needs_sshd
class SshThroughAMaster(OnAnSshHost, unittest.TestCase):
    target = "box1"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.master = Master()
        cls.addClassCleanup(cls.master.stop)
        ssh = cls.master.folder / "ssh"
        ssh.mkdir(mode=0o700)
        for name, source in (("id_ed25519", cls.host.folder / "user/.ssh/id"), ("known_hosts", cls.host.known_hosts)):
            (ssh / name).write_bytes(source.read_bytes())
            (ssh / name).chmod(0o600)
        cls.master.config.write_text(f"{cls.master.config.read_text()}ssh: {{folder: {ssh}}}\n")
        for name, text in FILES.items():
            cls.master.write(name, text)
        cls.master.write("targets.yml", f"targets: [{{name: box1, host: 127.0.0.1, executor: ssh, ssh: {{user: plain, port: {cls.host.port}}}}}]\n")
        cls.master.start()

    def done(self, code, *words):
        done = self.master.cli(*words, check=False)
        self.assertEqual(done.code, code, done)
        return done


@needs_hosts
class OnAHost(unittest.TestCase):
    def test_packages_and_services(self):
        fleet = Fleet(1)
        self.addCleanup(fleet.down)
        fleet.install("h1", "prove-cli")
        fleet.shell("h1", "prove-cli init /srv/catalog")

        def done(words, code=0):
            result = fleet.shell("h1", f"prove-cli --catalog /srv/catalog --here {words}", check=False, timeout=300)
            self.assertEqual(result.code, code, result)
            return result.out
        install = "state '*' package.installed package=[prove-agent]"
        self.assertIn("1 would change", done(f"{install} --plan"))
        self.assertIn("1 changed", done(install))
        self.assertIn("1 ok", done(install))
        done("state '*' service.stopped service=nginx")
        fleet.shell("h1", "! systemctl is-active nginx")
        done("state '*' service.running service=nginx")
        fleet.shell("h1", "systemctl is-active nginx")
        self.assertIn("1 ok", done("state '*' service.running service=nginx"))
        self.assertIn("1 changed", done("state '*' service.restarted service=nginx"))
        self.assertIn("1 failed", done("state '*' service.running service=nginxx", code=4))


if __name__ == "__main__":
    unittest.main()
