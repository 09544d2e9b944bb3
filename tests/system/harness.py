"""What the system tests stand on: Prove's real programs on this machine, and real hosts from tests/fleet.

`LocalProve` runs a master and agents as ordinary processes in a folder of its own, on free ports. `Fleet` boots Debian
hosts with systemd and installs Prove's packages on them. Both clean up after themselves. No test sleeps over a race:
`until` waits for a condition with a deadline.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PROVE_BUILD", ROOT / "build/release")).resolve()
BIN = BUILD / "bin"
# What the hosts' base tree holds beside Debian's own: the programs that tests use, and what Prove's packages depend on.
FLEET_PACKAGES = ("nginx-light,openssl,curl,adduser,libzmq5,libsodium23,libsqlite3-0,libyaml-cpp0.7,libyaml-0-2,libspdlog1.10,libfmt9,"
                  "libdate-tz3,zlib1g,tzdata,libsystemd0,python3-mako,python3-jinja2")


def until(condition, seconds=20, what="the condition", step=0.02):
    """Waits until condition() gives something true, and gives that."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true in {seconds} s")
        time.sleep(step)


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        return [item.getsockname()[1] for item in sockets]


class Done:
    """A finished command: its exit code and its output."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def lines(self):
        """The objects of `--output json`: one per line."""
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]

    def __repr__(self):
        return f"exit code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


def run(arguments, timeout=60, env=None, input=None, cwd=None):
    done = subprocess.run([str(a) for a in arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                          env={**os.environ, **(env or {})}, input=input, stdin=None if input else subprocess.DEVNULL, cwd=cwd)
    return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


def tree(folder, ignore=()):
    """Every path below a folder with its type, mode, owner, size, times and content: equal trees are equal to the byte."""
    found = {}
    for base, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(base, name)
            if any(path.startswith(str(i)) for i in ignore):
                continue
            info = os.lstat(path)
            content = b""
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as stream:
                    content = stream.read()
            elif os.path.islink(path):
                content = os.readlink(path).encode()
            found[path] = (info.st_mode, info.st_uid, info.st_gid, info.st_size, info.st_mtime_ns, info.st_ino, content)
    return found
