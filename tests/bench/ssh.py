"""The SSH executor's figures, beside the floor (`ssh host true`) and ansible-core (pipelining and ControlPersist on), in one run:

    sudo /usr/bin/python3 tests/bench/ssh.py [--build DIR] [--runs N] [--no-ansible] [--rate 10mbit]

The hosts are names of one account behind one sshd on loopback (tests/system/ssh_hosts.py); with --rate they are 20 hosts of the fleet,
each of which receives no faster than that. Ansible's figures are of one run each, since they take minutes; before each there
was one that made everything so.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/system"))
from bench import show, timed  # noqa: E402
from fleet_hosts import FLEET, Fleet  # noqa: E402
from ssh_hosts import SshHost, why_no_sshd  # noqa: E402

HOSTS = [f"t{number:02}" for number in range(20)]
FLEET_HOSTS = [f"h{number}" for number in range(1, 21)]


class FleetHosts:
    """The fleet's hosts as this benchmark sees them from within its network: what an SshHost is for those on loopback."""

    def __init__(self, fleet_folder):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="prove-bench-"))
        (self.folder / "user/.ssh").mkdir(parents=True)
        (self.folder / "user/bin").mkdir()
        (self.folder / "user/.ssh/config").write_text((fleet_folder / "ssh/config").read_text())
        (self.folder / "user/bin/ssh").write_text(f"#!/bin/sh\nexec /usr/bin/ssh -F {self.folder}/user/.ssh/config \"$@\"\n")
        (self.folder / "user/bin/ssh").chmod(0o755)

    def home(self, _name):
        return pathlib.Path("/srv")

    environment = SshHost.environment
    catalog = SshHost.catalog

    def stop(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def on_the_fleet(rate):
    """Boots hosts, and runs this file once more within their network."""
    fleet = Fleet(len(FLEET_HOSTS))
    try:
        for host in FLEET_HOSTS:
            fleet.call("rate", host, rate)
        print(f"{len(FLEET_HOSTS)} hosts that receive {rate} each", flush=True)
        again = [FLEET, "exec", "master", "--", "/usr/bin/python3", __file__, "--within", fleet.folder, *sys.argv[1:]]
        subprocess.run([str(word) for word in again], env={**os.environ, **fleet.env}, check=True)
    finally:
        fleet.down()


def prove_states(home, count):
    return "".join(f"file_{n}: [{{fn: file.managed, path: {home}/${{vars.own}}_{n}, content: 'setting {n}'}}]\n" for n in range(count))


def ansible_tasks(home, count):
    return "".join(f"    - copy: {{dest: '{home}/{{{{inventory_hostname}}}}_{n}', content: 'setting {n}'}}\n" for n in range(count))


class Bench:
    def __init__(self, host, names, cli, runs):
        self.host, self.names, self.cli, self.runs = host, names, cli, runs
        self.home = host.home("plain")
        self.config = host.folder / "user/.ssh/config"
        self.plain = self.config.read_text()
        aliases = "".join(f"Host {name}\n  User plain\n" for name in names if name in HOSTS)
        self.warm = aliases + self.plain + f"  ControlMaster auto\n  ControlPath {host.folder}/cm-%C\n  ControlPersist 600\n"
        self.plain = aliases + self.plain
        self.environment = {**os.environ, **host.environment()}

    def connections(self, warm):
        """Whether a connection is kept from one run to the next."""
        for socket in self.host.folder.glob("cm-*"):
            timed([self.host.folder / "user/bin/ssh", "-S", socket, "-O", "exit", "x"], 0, env=self.environment)
        self.config.write_text(self.warm if warm else self.plain)

    def prove(self, states, hosts):
        folder = self.host.catalog({
            "targets.yml": "targets:\n" + "".join(f"  - {{name: {name}, executor: ssh, states: [main], variables: {{own: {name}}}}}\n" for name in hosts),
            "states/main.yml": states})
        return [self.cli, "--catalog", folder, "states", "apply", "*"]

    def measure(self, name, states, hosts, aims, tasks, ansible):
        apply = self.prove(states, hosts)
        for warm in (False, True):
            self.connections(warm)
            floor, _ = timed(["ssh", hosts[0], "true"], self.runs, env=self.environment)
            floor = sorted(floor)[len(floor) // 2]
            times, out = timed(apply, self.runs, env=self.environment)
            took = show(f"{name}, {'warm' if warm else 'cold'}", times, floor, "ssh true", aims[warm])
        if ansible:
            theirs = self.ansible(tasks, hosts)
            print(f"{'   ansible-core, warm':<58} {theirs:8.0f} ms                     {theirs / took:5.0f} x Prove", flush=True)

    def ansible(self, tasks, hosts):
        folder = self.host.folder / "ansible"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "inventory").write_text("\n".join(hosts) + "\n")
        (folder / "play.yml").write_text(f"- hosts: all\n  gather_facts: true\n  tasks:\n{tasks}")
        (folder / "ansible.cfg").write_text("[defaults]\nforks = 20\n[ssh_connection]\npipelining = true\n"
                                            f"ssh_executable = {self.host.folder}/user/bin/ssh\n"
                                            f"ssh_args = -o ControlMaster=auto -o ControlPersist=600 -o ControlPath={self.host.folder}/cm-a-%C\n")
        environment = {**self.environment, "ANSIBLE_CONFIG": str(folder / "ansible.cfg"), "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
                       "ANSIBLE_REMOTE_TEMP": "/tmp/.ansible", "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3"}
        times, _ = timed(["ansible-playbook", "-i", folder / "inventory", folder / "play.yml"], 1, env=environment)
        return times[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--no-ansible", action="store_true")
    parser.add_argument("--rate", help="hosts of the fleet, each of which receives no faster than this: 10mbit")
    parser.add_argument("--within", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if why_no_sshd():
        sys.exit(why_no_sshd())
    if options.rate and not options.within:
        return on_the_fleet(options.rate)
    ansible = not options.no_ansible and shutil.which("ansible-playbook") is not None
    host = FleetHosts(options.within) if options.within else SshHost()
    try:
        bench = Bench(host, FLEET_HOSTS if options.within else HOSTS, options.build / "bin/prove-cli", options.runs)
        names = bench.names
        first = bench.prove(prove_states(bench.home, 1), names[:1])
        bench.connections(False)
        start = time.perf_counter()
        timed(first, 0, env=bench.environment)
        print(f"{'the first run on a host: prove-exec is copied':<58} {(time.perf_counter() - start) * 1000:8.1f} ms")
        bench.measure("200 converged states on one host", prove_states(bench.home, 200), names[:1], (600, 250),
                      ansible_tasks(bench.home, 200), ansible)
        bench.measure("10 commands on one host", "".join(f"c{n}: [{{fn: cmd.run, cmd: [echo, '{n}']}}]\n" for n in range(10)), names[:1],
                      (None, None), "".join(f"    - command: echo {n}\n" for n in range(10)), ansible)
        bench.measure("20 hosts with 100 converged states each", prove_states(bench.home, 100), names, (None, None),
                      ansible_tasks(bench.home, 100), ansible)
    finally:
        host.stop()


if __name__ == "__main__":
    main()
