"""Masters and agents for the system tests: as processes on this machine, or a master on a fleet's network."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness import BIN, ROOT, Done, free_ports, run, until

CATALOGS = ROOT / "tests/system/catalogs"


class Program:
    """One running prove-master or prove-agent with its configuration file."""

    def __init__(self, name, config, log_path, start=None):
        self.name, self.config, self.log_path = name, config, log_path
        self.starter = start or self.spawn
        self.process = None

    def spawn(self, command, log):
        return subprocess.Popen([str(a) for a in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start(self):
        log = open(self.log_path, "ab")
        self.process = self.starter([BIN / self.name, "--config", self.config], log)
        log.close()

    def stop(self, seconds=20):
        """Asks it to end, and waits; a program that does not end is a failure."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(seconds)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        return pathlib.Path(self.log_path).read_text(errors="replace")


class Master:
    """A prove-master in a folder of its own."""

    def __init__(self, catalog=None, address="127.0.0.1", start=None, extra=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="prove-test-"))
        os.chmod(self.folder, 0o700)
        self.catalog = self.folder / "catalog"
        if catalog is None:
            self.catalog.mkdir()
            (self.catalog / "prove.yml").write_text("options: {}\n")
        else:
            shutil.copytree(CATALOGS / catalog, self.catalog)
        self.publish, self.main, self.enrol = free_ports(3)
        self.config = self.folder / "master.yml"
        self.config.write_text(f"address: {address}\n"
                               f"ports: {{publish: {self.publish}, main: {self.main}, enrol: {self.enrol}}}\n"
                               f"catalog: {self.catalog}\ndata: {self.folder}/master\nruntime: {self.folder}/run\n{extra}")
        self.config.chmod(0o600)
        self.socket = self.folder / "run/api.sock"
        self.program = Program("prove-master", self.config, self.folder / "master.log", start)
        self.agents = []

    def start(self):
        self.program.start()
        until(lambda: self.socket.exists() and self.cli("targets", check=False).code == 0 or not self.program.running(), 20,
              "the master answers")
        assert self.program.running(), self.program.log()
        return self

    def restart(self):
        self.program.stop()
        return self.start()

    def write(self, path, text):
        """A file of the catalog."""
        file = self.catalog / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def cli(self, *arguments, check=True, timeout=120, env=None) -> Done:
        done = run([BIN / "prove-cli", "--master", self.socket, *arguments], timeout=timeout, env=env)
        if check and done.code != 0:
            raise AssertionError(f"prove-cli {' '.join(map(str, arguments))}: {done}\n--- master's log\n{self.program.log()[-3000:]}")
        return done

    def json(self, *arguments, check=True, timeout=120):
        return self.cli("--output", "json", *arguments, check=check, timeout=timeout).lines()

    def agent(self, name, accept=True, extra=""):
        """An agent on this machine, enrolled under `name` by a join token."""
        agent = Agent(self, name, extra)
        self.agents.append(agent)
        if accept:
            token = self.cli("keys", "token", "--name", name, "--address", "127.0.0.1").out.strip()
            agent.prove_agent("join", token)
            agent.program.start()
            until(lambda: self.cli("ping", name, check=False).code == 0, 20, f"{name} answers")
        return agent

    def stop(self):
        for agent in self.agents:
            agent.program.kill()
        self.program.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Agent:
    def __init__(self, master, name, extra=""):
        self.name = name
        self.folder = master.folder / f"agent-{name}"
        self.folder.mkdir(mode=0o700)
        self.config = self.folder / "agent.yml"
        self.config.write_text(f"data: {self.folder}/data\nruntime: {self.folder}/run\nfacts: {self.folder}/facts.d\n{extra}")
        self.config.chmod(0o600)
        self.program = Program("prove-agent", self.config, self.folder / "agent.log")

    def prove_agent(self, *arguments, check=True, timeout=60) -> Done:
        done = run([BIN / "prove-agent", "--config", self.config, *arguments], timeout=timeout)
        if check and done.code != 0:
            raise AssertionError(f"prove-agent {' '.join(map(str, arguments))}: {done}")
        return done


class FleetMaster(Master):
    """A master on a fleet's network, at 10.77.0.1."""

    def __init__(self, fleet, catalog=None):
        super().__init__(catalog, "10.77.0.1", lambda command, log: fleet.start_on_master(*command, log=log))
        self.start()
