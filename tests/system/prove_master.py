"""Masters and agents for the system tests: as processes on this machine, or a master on a fleet's network."""
import contextlib
import json
import atexit
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

from harness import BIN, ROOT, Done, free_ports, run, until

CATALOGS = ROOT / "tests/system/catalogs"


def end_leftovers(word):
    """Ends processes that a test's commands left behind: those that name the test's own folder."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if word.encode() in pathlib.Path(f"/proc/{process}/cmdline").read_bytes():
                os.kill(int(process), signal.SIGKILL)


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
        atexit.register(self.stop)      # also where the tests are interrupted

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

    def cli(self, *arguments, check=True, timeout=60, env=None) -> Done:
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
            agent.prove_agent("join", self.token("--name", name))
            agent.program.start()
            self.answers(name)
        return agent

    def pinned_agent(self, name, extra="", start=True):
        """An agent that knows whose machine it is to be, and has no token: an operator has to accept it."""
        agent = self.agent(name, False, f"master: 127.0.0.1\npin: {self.pin()}\nname: {name}\n{extra}")
        if start:
            agent.program.start()
            until(lambda: self.key(agent.fingerprint()), 20, f"{name} asks to be enrolled")
        return agent

    def token(self, *arguments):
        return self.cli("keys", "token", "--address", "127.0.0.1", *arguments).out.strip()

    def pin(self):
        return run([BIN / "prove-master", "--config", self.config, "pin"]).out.strip()

    def key(self, which):
        """The row of a key, by its fingerprint or by the name that it has or asks for; None where there is none."""
        rows = [row for row in self.json("keys", "list") if which in (row["fingerprint"], row["name"])]
        return rows[0] if rows else None

    def target(self, name):
        return next((row for row in self.json("targets") if row["name"] == name), None)

    def answers(self, name, seconds=30):
        until(lambda: self.cli("ping", name, check=False).code == 0, seconds, f"{name} answers")

    def running_job(self, *arguments):
        """Starts a job without following it, and gives its id."""
        at = arguments.index("--") if "--" in arguments else len(arguments)
        return self.json(*arguments[:at], "--detach", *arguments[at:])[0]["job"]

    def ends(self, job):
        """How each target of a job ended: {target: (end, reason)}. Waits for all of them."""
        def ended():
            row = self.json("jobs", "show", job, check=False)[0]
            return row if row["ended"] else None
        row = until(ended, 60, f"job {job} ends")
        return {end["target"]: (end["end"], end.get("reason", "")) for end in row["targets_ends"]}

    def stop(self):
        for agent in self.agents:
            agent.program.kill()
        self.program.kill()
        end_leftovers(str(self.folder))
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


    def fingerprint(self):
        return self.prove_agent("fingerprint").out.strip()

    def status(self):
        return json.loads(self.prove_agent("status", "--output", "json").out)

    def connected(self):
        status = self.prove_agent("status", "--output", "json", check=False)
        return status.code == 0 and json.loads(status.out).get("connection") == "connected"

    def restart(self):
        self.program.kill()
        self.program.start()


class LocalCase(unittest.TestCase):
    """A test class with a master and `agents` as processes on this machine."""

    catalog = None
    agents = ()

    @classmethod
    def setUpClass(cls):
        cls.master = Master(cls.catalog)
        cls.addClassCleanup(cls.master.stop)
        cls.master.start()
        for name in cls.agents:
            cls.master.agent(name)

    def cli(self, *arguments, code=0, **keywords):
        """Runs prove-cli and wants this exit code of it."""
        done = self.master.cli(*arguments, check=False, **keywords)
        self.assertEqual(done.code, code, f"prove-cli {' '.join(map(str, arguments))}: {done}")
        return done

    def agent(self, name):
        return next(agent for agent in self.master.agents if agent.name == name)

    def file(self, name):
        """A path of its own for what a test has its targets write."""
        return self.touched / name

    def setUp(self):
        (self.master.folder / "touched").mkdir(exist_ok=True)
        self.touched = pathlib.Path(tempfile.mkdtemp(dir=self.master.folder / "touched"))
        self.touched.chmod(0o755)


class FleetMaster(Master):
    """A master on a fleet's network, at 10.77.0.1."""

    def __init__(self, fleet, catalog=None):
        super().__init__(catalog, "10.77.0.1", lambda command, log: fleet.start_on_master(*command, log=log))
        self.start()
