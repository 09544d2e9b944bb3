"""Real hosts from tests/fleet, with Prove's own Debian packages on them."""
import atexit
import concurrent.futures
import fcntl
import os
import shutil
import subprocess
import tempfile
import unittest

from harness import BUILD, FLEET_PACKAGES, ROOT, Done, run, until

FLEET = ROOT / "tests/fleet/fleet"


def why_no_hosts():
    """Why hosts cannot be booted here, or None."""
    if os.geteuid() != 0:
        return "hosts can only be booted by root"
    with open("/proc/mounts") as mounts:
        if not any(line.split()[2] == "cgroup2" for line in mounts):
            return "no cgroup2 file system is mounted here"
    for tool in ("systemd-nspawn", "ip", "nft", "mmdebstrap"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed (tests/fleet/fleet install)"
    return None


needs_hosts = unittest.skipIf(why_no_hosts() is not None, why_no_hosts() or "")


def packages(version=None):
    """Prove's three .deb files (as if they were of `version`), built once per build folder. Gives their folder."""
    folder = BUILD / ("packages" if version is None else f"packages-{version}")
    with open(BUILD / ".packages.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        newest = max((BUILD / "bin" / name).stat().st_mtime for name in ("prove-master", "prove-agent", "prove-cli"))
        if not (folder / "Packages").exists() or (folder / "Packages").stat().st_mtime < newest:
            shutil.rmtree(folder, ignore_errors=True)
            named = [] if version is None else ["-D", f"CPACK_PACKAGE_VERSION={version}"]
            done = run(["cpack", "-G", "DEB", "-B", folder, "--config", BUILD / "CPackConfig.cmake", *named], timeout=300, cwd=BUILD)
            assert done.code == 0 and len(list(folder.glob("*.deb"))) == 3, done
            shutil.rmtree(folder / "_CPack_Packages", ignore_errors=True)
            done = run([FLEET, "index", folder])
            assert done.code == 0, done
    return folder


class Fleet:
    """Hosts h1..hN and the network between them and `master` (this machine's files on their network)."""

    def __init__(self, count):
        self.folder = tempfile.mkdtemp(prefix="prove-fleet-")
        self.env = {"FLEET_DIR": self.folder, "FLEET_PACKAGES": FLEET_PACKAGES,
                    "FLEET_CACHE": os.environ.get("FLEET_CACHE", "/var/tmp/prove-fleet-tests")}
        atexit.register(self.down)      # also where the tests are interrupted
        self.call("up", count, timeout=600)

    def call(self, *arguments, timeout=120, check=True, input=None):
        done = run([FLEET, *arguments], timeout=timeout, env=self.env, input=input)
        assert not check or done.code == 0, f"fleet {' '.join(map(str, arguments))}: {done}"
        return done

    def exec(self, host, *command, check=True, timeout=120, input=None) -> Done:
        return self.call("exec", host, "--", *command, timeout=timeout, check=check, input=input)

    def shell(self, host, script, check=True, timeout=120) -> Done:
        return self.exec(host, "sh", "-c", script, check=check, timeout=timeout)

    def start_on_master(self, *command, log):
        """A long-running program in the master's network namespace; dies with the fleet at the latest."""
        return subprocess.Popen([str(a) for a in (FLEET, "exec", "master", "--", *command)],
                                env={**os.environ, **self.env}, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def push(self, host, source, destination):
        self.call("push", host, source, destination)

    def write(self, host, path, text, mode="0644"):
        with tempfile.NamedTemporaryFile("w") as source:
            source.write(text)
            source.flush()
            os.chmod(source.name, 0o644)
            self.shell(host, f"mkdir -p $(dirname {path})")
            self.push(host, source.name, path)
        self.shell(host, f"chmod {mode} {path}")

    def read(self, host, path):
        return self.exec(host, "cat", path).out

    def offer(self, host, version=None):
        """Makes Prove's packages known to the host's apt, from a file repository."""
        self.push(host, packages(version), "/srv/prove")
        self.write(host, "/etc/apt/sources.list.d/prove.list", "deb [trusted=yes] file:/srv/prove ./\n")
        self.shell(host, "apt-get update -qq")

    def install(self, host, *names):
        """Installs Prove's packages with apt, as an operator would."""
        self.offer(host)
        self.shell(host, "DEBIAN_FRONTEND=noninteractive apt-get install -y -qq " + " ".join(names), timeout=300)

    def tree(self, host, *ignored):
        """What every file of the host looks like: for showing that nothing was touched."""
        prune = " ".join(f"-path {path} -prune -o" for path in ("/proc", "/sys", "/dev", "/run", "/tmp", *ignored))
        script = (f"find / -xdev {prune} -printf '%p %y %m %U %G %s %T@ %l\\n' | sort; "
                  f"find / -xdev {prune} -type f -print0 | sort -z | xargs -0 sha256sum")
        return self.shell(host, script, timeout=300).out

    def processes(self, host, pattern):
        return self.exec(host, "pgrep", "-f", pattern, check=False).out.split()

    def down(self):
        atexit.unregister(self.down)
        self.call("down", check=False, timeout=300)
        shutil.rmtree(self.folder, ignore_errors=True)


class FleetCase(unittest.TestCase):
    """A test class with a master on this machine and `hosts` agents, installed from packages and enrolled by token."""

    hosts = 1
    catalog = None        # a folder below tests/system/catalogs
    fleet = None

    @classmethod
    def setUpClass(cls):
        from prove_master import FleetMaster
        cls.fleet = Fleet(cls.hosts)
        cls.addClassCleanup(cls.fleet.down)
        cls.master = FleetMaster(cls.fleet, cls.catalog)
        cls.addClassCleanup(cls.master.stop)
        packages()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(cls.join, [f"h{number}" for number in range(1, cls.hosts + 1)]))

    @classmethod
    def join(cls, host):
        cls.fleet.install(host, "prove-agent")
        token = cls.master.cli("keys", "token", "--name", host, "--address", "10.77.0.1").out.strip()
        cls.fleet.exec(host, "prove-agent", "join", token)
        cls.fleet.exec(host, "systemctl", "restart", "prove-agent")
        until(lambda: cls.master.cli("ping", host, check=False).code == 0, 20, f"{host} answers")
