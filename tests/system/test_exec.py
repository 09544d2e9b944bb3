"""prove-exec where there is little: a root with BusyBox alone, and a kernel that has nothing newer than Linux 3.10 had. ssh is a
script here that leads into such a place; the bootstrap, the copy and the run are the real ones."""
import os
import pathlib
import shutil
import stat
import tempfile
import unittest

from harness import BIN, run

EXEC = BIN / "prove-exec-x86_64"
EXEC_ARM = BIN / "prove-exec-aarch64"
QEMU = "/usr/bin/qemu-aarch64-static"
BUSYBOX = "/bin/busybox"

# x86-64's numbers of system calls that are newer than 3.10: they answer ENOSYS. Locks of open files (3.15): EINVAL.
OLD_KERNEL = """#!/usr/bin/python3
import ctypes, os, struct, sys
newer = [316, 317, 318, 319, 322, 324, 326, 327, 328, 332, 334, 424, 425, 426, 427, 434, 435, 436, 437, 439]
load = lambda offset: (0x20, 0, 0, offset)
answer = lambda error: (0x06, 0, 0, 0x00050000 | error)
program = [load(0)]
for number in newer:
    program += [(0x15, 0, 1, number), answer(38)]
program += [(0x15, 0, 5, 72), load(24)]
program += [(0x15, 2, 0, 36), (0x15, 1, 0, 37), (0x15, 0, 1, 38), answer(22)]
program += [(0x06, 0, 0, 0x7fff0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]
wanted = Filter(len(program), ctypes.cast(code, ctypes.c_void_p))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.byref(wanted), 0, 0) == 0, os.strerror(ctypes.get_errno())
if libc.syscall(319, b"x", 0) != -1 or ctypes.get_errno() != 38:
    sys.exit("the filter does not work")
os.execv("/bin/sh", ["sh", "-c", sys.argv[-1]])
"""


class LittleHosts(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="prove-exec-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.home = self.folder / "home"
        (self.folder / "bin").mkdir()
        self.home.mkdir()

    def ssh(self, script):
        path = self.folder / "bin/ssh"
        path.write_text(script)
        path.chmod(0o755)

    def cli(self, states, *arguments):
        for name, text in (("targets.yml", "targets: [{name: web1, executor: ssh, states: [main]}]\n"), ("states/main.yml", states)):
            path = self.folder / "catalog" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return run([BIN / "prove-cli", "--catalog", self.folder / "catalog", *arguments],
                   env={"PATH": f"{self.folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.home)})

    def test_it_is_static_and_under_4_MB(self):
        self.assertLess(EXEC.stat().st_size, 4_000_000)
        self.assertIn("not a dynamic executable", run(["ldd", EXEC]).err)

    @unittest.skipIf(os.geteuid() != 0 or not os.path.exists(BUSYBOX), "needs root and busybox-static")
    def test_states_are_applied_in_a_root_that_has_busybox_and_nothing_else(self):
        root = self.folder / "root"
        for name in ("bin", "etc", "tmp", "proc", "dev", "var/cache", "var/tmp", "var/lib"):
            (root / name).mkdir(parents=True)
        shutil.copy(BUSYBOX, root / "bin/busybox")
        for applet in run([BUSYBOX, "--list"]).out.split():
            if not (root / "bin" / applet).exists():
                (root / "bin" / applet).symlink_to("busybox")
        (root / "tmp").chmod(0o1777)
        os.mknod(root / "dev/null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        (root / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\napp:x:500:500::/:/bin/sh\n")
        (root / "etc/group").write_text("root:x:0:\napp:x:500:\nextra:x:600:app\n")
        # Accounts that live elsewhere are asked for with getent.
        (root / "etc/nsswitch.conf").write_text("passwd: files ldap\ngroup: files ldap\n")
        (root / "bin/getent").write_text("#!/bin/sh\ncase \"$1 $2\" in 'passwd far') echo far:x:700:701::/:/bin/sh;; 'group away') echo away:x:702:;;\n"
                                         "'initgroups far') echo far 701 703;; *) exit 2;; esac\n")
        (root / "bin/getent").chmod(0o755)
        self.ssh(f"#!/bin/sh\nfor c; do :; done\nexec unshare --mount --propagation private sh -c "
                 f"'mount -t proc none {root}/proc && exec chroot {root} /bin/sh -c \"$1\"' ssh \"$c\"\n")
        states = ("a: [{fn: file.managed, path: /etc/motd, content: hello, user: app, group: extra}]\n"
                  "b: [{fn: cmd.run, cmd: 'id > /tmp/id', user: app, creates: /tmp/id}]\n"
                  "c: [{fn: file.directory, path: /srv/app, make_dirs: true}]\n"
                  "d: [{fn: file.managed, path: /etc/far, content: x, user: far, group: away}]\n"
                  "e: [{fn: cmd.run, cmd: 'id -G > /tmp/far', user: far, creates: /tmp/far}]\n")
        done = self.cli(states, "states", "apply", "web1")
        self.assertEqual(0, done.code, done)
        self.assertEqual((700, 702), ((root / "etc/far").stat().st_uid, (root / "etc/far").stat().st_gid))
        self.assertEqual("701 703", (root / "tmp/far").read_text().strip())
        self.assertEqual("hello", (root / "etc/motd").read_text())
        self.assertEqual((500, 600), ((root / "etc/motd").stat().st_uid, (root / "etc/motd").stat().st_gid))
        self.assertIn("uid=500(app) gid=500(app) groups=500(app),600(extra)", (root / "tmp/id").read_text())
        again = self.cli(states, "states", "apply", "web1")
        self.assertIn("1 target: 1 ok", again.out, again)
        left = sorted(str(path.relative_to(root)) for path in (root / "var").rglob("*") if path.is_file())
        self.assertEqual(["var/cache/prove-0/exec-", "var/lib/prove/ledger/"], sorted({path[:23] if "cache" in path else path[:21] for path in left}))

    @unittest.skipUnless(EXEC_ARM.exists() and os.path.exists(QEMU), "needs packaging/exec-for-aarch64 and qemu-user-static")
    def test_states_and_commands_work_on_64_bit_arm(self):
        self.assertLess(EXEC_ARM.stat().st_size, 4_000_000)
        # The host says that it is one; what it starts of ours, an emulator of that machine runs.
        (self.folder / "bin/uname").write_text("#!/bin/sh\n[ \"$1\" = -m ] && echo aarch64 || exec /bin/uname \"$@\"\n")
        (self.folder / "bin/uname").chmod(0o755)
        self.ssh("#!/usr/bin/python3\nimport os, sys\nstart = 'exec \"$f\" $n'\nassert sys.argv[-1].count(start) == 1, sys.argv[-1]\n"
                 f"os.execv('/bin/sh', ['sh', '-c', sys.argv[-1].replace(start, 'exec {QEMU} \"$f\" $n')])\n")
        target = self.folder / "target"
        target.mkdir()
        states = (f"a: [{{fn: file.managed, path: {target}/a, content: 'for ${{facts.cpu.architecture}}', mode: '0600'}}]\n"
                  f"b: [{{fn: cmd.run, cmd: 'id -u > {target}/b', creates: {target}/b}}]\n"
                  f"c: [{{fn: file.managed, path: {target}/c, source: 'prove://big'}}]\n")
        big = self.folder / "catalog/files/big"
        big.parent.mkdir(parents=True)
        big.write_bytes(os.urandom(300_000))
        done = self.cli(states, "states", "apply", "web1")
        self.assertEqual(0, done.code, done)
        self.assertIn("1 target: 1 changed", done.out)
        self.assertEqual(str(os.getuid()), (target / "b").read_text().strip())
        self.assertEqual(big.read_bytes(), (target / "c").read_bytes())
        self.assertIn("1 target: 1 ok", self.cli(states, "states", "apply", "web1").out)
        self.assertEqual("for aarch64", (target / "a").read_text())

    def test_states_and_commands_work_on_a_kernel_of_3_10(self):
        self.ssh(OLD_KERNEL)
        target = self.folder / "target"
        target.mkdir()
        states = (f"a: [{{fn: file.managed, path: {target}/a, content: hello}}]\n"
                  f"b: [{{fn: cmd.run, cmd: 'cat > {target}/b', stdin: given, creates: {target}/b}}]\n"
                  f"c: [{{fn: file.symlink, path: {target}/c, target: a}}]\n")
        done = self.cli(states, "states", "apply", "web1")
        self.assertEqual(0, done.code, done)
        self.assertEqual(("hello", "given"), ((target / "a").read_text(), (target / "b").read_text()))
        self.assertIn("1 target: 1 ok", self.cli(states, "states", "apply", "web1").out)
        done = self.cli(states, "cmd", "web1", "--shell", "ls /proc/self/fd | wc -l")
        self.assertEqual((0, "4"), (done.code, done.out.strip()), "no descriptor is left open for a command")
        done = self.cli(states, "cmd", "web1", "--timeout", "1s", "--shell", "setsid sleep 44.4 & sleep 44.4")
        self.assertEqual(4, done.code, done)
        self.assertEqual("", run(["pgrep", "-f", "sleep 44.4"]).out, "nothing is left of it")
