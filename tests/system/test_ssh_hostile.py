"""Hosts that mean ill, behind an ssh that is a script: what they say harms no other host, nor who runs prove-cli."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from harness import BIN

# What each host does is its name. Started as ssh, with the host and the bootstrap's text as its last arguments.
SSH = r'''#!/usr/bin/python3
import base64, json, re, struct, sys, time
host, nonce = sys.argv[-2], re.search("n=([0-9a-f]{24});", sys.argv[-1]).group(1)
def send(kind, body):
    text = json.dumps(body).encode()
    sys.stdout.buffer.write(b"PRV" + bytes([kind]) + struct.pack(">I", len(text)) + text)
    sys.stdout.buffer.flush()
print(f"PROVE:{nonce}:ready", flush=True)
kind = 0
while kind != 1:  # heartbeats may come before the command
    head = sys.stdin.buffer.read(8)
    kind, text = head[3], sys.stdin.buffer.read(struct.unpack(">I", head[4:])[0])
job = json.loads(text)["job"]
if host == "floods":
    output = {"job": job, "number": 1, "kind": "output", "bytes": base64.b64encode(b"A" * 700_000).decode()}
    while True:
        send(10, output)
if host == "paints":
    send(64, "x\x1b[2J")
    send(10, {"job": job, "number": 1, "kind": "output", "bytes": base64.b64encode(b"\x1b]0;owned\x07 \xc2\x9b2J").decode()})
body = {"exit_code": "all is well"} if host == "babbles" else {"exit_code": 0}
send(9, {"job": job, "end": "done", "started_ms": 1, "finished_ms": 2, "body": body})
sys.stdin.buffer.read()
'''


class HostileHosts(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="prove-hostile-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "bin").mkdir()
        (self.folder / "bin/ssh").write_text(SSH)
        (self.folder / "bin/ssh").chmod(0o755)

    def start(self, *hosts):
        catalog = self.folder / "catalog"
        catalog.mkdir()
        (catalog / "targets.yml").write_text("targets:\n" + "".join(f"  - {{name: {name}, executor: ssh}}\n" for name in hosts))
        environment = {**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "HOME": str(self.folder)}
        return subprocess.Popen([BIN / "prove-cli", "--catalog", catalog, "cmd", "*", "--", "true"], env=environment,
                                stdin=subprocess.DEVNULL, stdout=open(self.folder / "out", "wb"), stderr=subprocess.STDOUT)

    def said(self):
        return (self.folder / "out").read_text()

    def test_nonsense_from_one_host_is_its_own_failure_and_the_others_are_told(self):
        self.assertEqual(4, self.start("babbles", "works").wait(30))
        self.assertIn("babbles  failed: its answer makes no sense: expected an integer, found the text 'all is well'", self.said())
        self.assertIn("works  done: exit code 0", self.said())

    def test_what_would_paint_on_a_terminal_is_shown_and_not_done(self):
        self.start("paints").wait(30)
        self.assertIn("\\x1b]0;owned\\x07", self.said())
        self.assertNotRegex(self.said(), "[\x00-\x08\x0b-\x1f\x7f-\x9f]")

    def test_output_without_end_keeps_memory_small_and_is_ended_by_ctrl_c(self):
        cli = self.start("floods")
        self.addCleanup(cli.kill)
        most, until = 0, time.monotonic() + 5
        while time.monotonic() < until and cli.poll() is None:
            most = max(most, int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{cli.pid}/status").read_text()).group(1)))
            time.sleep(0.1)
        self.assertIsNone(cli.poll(), "it was still at work")
        self.assertGreater((self.folder / "out").stat().st_size, 10_000_000)
        self.assertLess(most, 150_000)
        cli.send_signal(signal.SIGINT)
        self.assertEqual(4, cli.wait(45))
        with open(self.folder / "out", "rb") as out:
            out.seek(-500, 2)
            self.assertIn(b"floods  interrupted: the connection was lost: it was told to stop and did not within 20.0 s", out.read())


if __name__ == "__main__":
    unittest.main()
