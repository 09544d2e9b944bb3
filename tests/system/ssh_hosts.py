"""A host for the SSH executor, on this machine: a real sshd in a mount namespace of its own, with accounts, sudo's rules, homes and
temporary folders that are there only within it; and a user who has prove-cli, a catalog and keys. Needs root."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from harness import BIN, free_ports, run, until

SSHD = "/usr/sbin/sshd"
# name: login shell. All in groups of their own, ids from 64001 on.
USERS = {"plain": "/bin/sh", "bashful": "/bin/bash", "csh": "/bin/tcsh", "fish": "/usr/bin/fish", "noisy": "/bin/bash",
         "asked": "/bin/sh", "forbidden": "/bin/sh", "few": "/bin/bash"}
PASSWORD = "correct horse"


def why_no_sshd():
    if os.geteuid() != 0:
        return "accounts for sshd can only be made by root"
    for tool in (SSHD, "/bin/tcsh", "/usr/bin/fish", "/usr/bin/sudo", "/usr/bin/doas", "/usr/bin/unshare"):
        if not os.path.exists(tool):
            return f"{tool} is not installed (packaging/install-build-dependencies)"
    return None


needs_sshd = unittest.skipIf(why_no_sshd() is not None, why_no_sshd() or "")


def give_keys(host, master):
    """A master that may log in there, and knows the host. The folder of its keys."""
    folder = master.folder / "ssh"
    folder.mkdir(mode=0o700)
    for name, content in (("id_ed25519", (host.folder / "user/.ssh/id").read_bytes()), ("known_hosts", host.known_hosts.read_bytes())):
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    with open(master.config, "a") as config:
        config.write(f"ssh: {{folder: {folder}, sessions: 20}}\n")
    return folder


class SshHost:
    """`mounts`: shell lines that are run within the namespace before sshd starts."""

    def __init__(self, mounts="", users=USERS):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="prove-ssh-", dir="/srv"))  # tests mount over /tmp
        self.folder.chmod(0o755)
        self.users = users
        self.port = free_ports(1)[0]
        self.mounts, self.more = mounts, ""
        for name in ("etc", "homes", "root", "user/.ssh", "var-cache", "var-tmp", "var-lib-prove"):
            (self.folder / name).mkdir(parents=True)
        self.make_keys()
        self.make_accounts()
        self.make_client()
        self.start()

    def make_keys(self):
        for name in ("host", "user/.ssh/id"):
            done = run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name])
            assert done.code == 0, done
        (self.folder / "authorized").write_text((self.folder / "user/.ssh/id.pub").read_text())

    def make_accounts(self):
        hashed = run(["openssl", "passwd", "-6", PASSWORD]).out.strip()
        passwd, group, shadow = (pathlib.Path("/etc", name).read_text() for name in ("passwd", "group", "shadow"))
        # root's own, for su
        shadow = "".join(f"root:{hashed}:20000:0:99999:7:::\n" if line.startswith("root:") else line + "\n"
                         for line in shadow.splitlines())
        for number, (name, shell) in enumerate(self.users.items(), 64001):
            home = self.folder / "homes" / name
            home.mkdir()
            passwd += f"{name}:x:{number}:{number}::{home}:{shell}\n"
            group += f"{name}:x:{number}:\n"
            shadow += f"{name}:{hashed}:20000:0:99999:7:::\n"
            if name == "noisy":
                (home / ".bashrc").write_text("echo Welcome; echo PROVE:x:ready; yes noise | head -n 2000; printf 'no line end'\n")
            if name == "few":
                (home / ".bashrc").write_text("ulimit -n 22\n")
            os.chown(home, number, number)
        for name, text in (("passwd", passwd), ("group", group), ("shadow", shadow)):
            (self.folder / "etc" / name).write_text(text)
        sudoers = self.folder / "etc/sudoers"
        sudoers.write_text("root ALL=(ALL) ALL\nplain, bashful, csh, fish, noisy ALL=(ALL) NOPASSWD: ALL\nasked ALL=(ALL) ALL\n")
        sudoers.chmod(0o440)
        (self.folder / "etc/doas.conf").write_text("permit nopass plain\npermit asked\n")
        (self.folder / "etc/doas.conf").chmod(0o400)

    def make_client(self):
        host_key = " ".join((self.folder / "host.pub").read_text().split()[:2])
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {host_key}\n")
        config = "".join(f"Host {name}\n  User {name}\n" for name in [*self.users, "root"])
        config += (f"Host *\n  HostName 127.0.0.1\n  Port {self.port}\n  IdentityFile {self.folder}/user/.ssh/id\n"
                   f"  IdentitiesOnly yes\n  UserKnownHostsFile {self.known_hosts}\n")
        (self.folder / "user/.ssh/config").write_text(config)
        # ssh takes the home of its user from the accounts, and not from HOME.
        bin_folder = self.folder / "user/bin"
        bin_folder.mkdir()
        (bin_folder / "ssh").write_text(f"#!/bin/sh\nexec /usr/bin/ssh -F {self.folder}/user/.ssh/config \"$@\"\n")
        (bin_folder / "ssh").chmod(0o755)

    @property
    def known_hosts(self):
        return self.folder / "user/.ssh/known_hosts"

    def restart(self, more):
        """With more lines of sshd's configuration."""
        self.stop_sshd()
        self.more = more
        self.start()

    def log_text(self):
        return (self.folder / "sshd.log").read_text()

    def start(self):
        config = self.folder / "sshd_config"
        config.write_text(f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {self.folder}/host\nPidFile none\nUsePAM no\n"
                          f"StrictModes no\nAuthorizedKeysFile {self.folder}/authorized\nPasswordAuthentication no\n"
                          f"PermitRootLogin yes\nMaxStartups 200\nMaxSessions 100\nUseDNS no\n{self.more}")
        os.makedirs("/run/sshd", exist_ok=True)
        os.makedirs("/var/lib/prove", exist_ok=True)
        binds = "".join(f"mount --bind {self.folder}/etc/{name} /etc/{name}\n" for name in ("passwd", "group", "shadow", "sudoers"))
        binds += f"mount --bind {self.folder}/var-cache /var/cache\nmount --bind {self.folder}/var-lib-prove /var/lib/prove\n"
        self.doas = pathlib.Path("/etc/doas.conf")
        self.made_doas = not self.doas.exists()
        self.doas.touch()
        binds += f"mount --bind {self.folder}/etc/doas.conf {self.doas}\n"
        binds += f"mount --bind {self.folder}/var-tmp /var/tmp\nchmod 1777 /var/tmp\n"
        binds += "".join(f"mount -t tmpfs -o mode=1777 none {folder}\n" for folder in ("/tmp", "/dev/shm"))
        self.log = open(self.folder / "sshd.log", "wb")
        self.sshd = subprocess.Popen(["unshare", "--mount", "--propagation", "private", "sh", "-ec",
                                      f"{binds}{self.mounts}\nexec {SSHD} -D -e -f {config}"],
                                     stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        until(lambda: b"Server listening" in (self.folder / "sshd.log").read_bytes(), what="sshd")

    def stop_sshd(self):
        for pid in self.processes():
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass
        self.sshd.kill()
        self.sshd.wait()
        self.log.close()
        if self.made_doas:
            self.doas.unlink(missing_ok=True)

    def stop(self):
        self.stop_sshd()
        shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self):
        """All in sshd's mount namespace but sshd itself."""
        namespace = os.readlink(f"/proc/{self.sshd.pid}/ns/mnt")
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(entry / "ns/mnt") == namespace and int(entry.name) != self.sshd.pid:
                    found.append(int(entry.name))
            except OSError:
                pass
        return found

    def command_of(self, pid):
        try:
            return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return ""  # it has ended

    def commands(self):
        """Their command lines."""
        return [self.command_of(pid) for pid in self.processes()]

    # ---- the user

    def catalog(self, files):
        """Writes a catalog; gives its folder."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="catalog-", dir=self.folder))
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    def targets(self, *names, become=None, states="main"):
        ssh = f", ssh: {{become: {become}}}" if become else ""
        return "targets:\n" + "".join(f"  - {{name: {name}, executor: ssh, states: [{states}]{ssh}}}\n" for name in names)

    def environment(self):
        return {"PATH": f"{self.folder}/user/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder / "user"),
                "XDG_CACHE_HOME": ""}

    def cli(self, catalog, *arguments, timeout=120, **more):
        return run([BIN / "prove-cli", "--catalog", catalog, *arguments], timeout=timeout, env=self.environment(), **more)

    def start_cli(self, catalog, *arguments, **more):
        return subprocess.Popen([str(a) for a in (BIN / "prove-cli", "--catalog", catalog, *arguments)],
                                env={**os.environ, **self.environment()}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, **more)

    def home(self, name):
        return self.folder / "homes" / name
