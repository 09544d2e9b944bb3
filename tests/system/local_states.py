"""States on one host without a master: `prove-cli --catalog` in the host, and package repositories made for the test."""
import pathlib
import tempfile

from fleet_hosts import Fleet
from harness import run
from reports import changed, changes, report_of

CATALOG = "/root/catalog"


def make_package(folder, name, version, depends="", recommends="", postinst=""):
    """A .deb with one file, /usr/share/NAME/version."""
    with tempfile.TemporaryDirectory() as base:
        tree = pathlib.Path(base) / "tree"
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "usr/share" / name).mkdir(parents=True)
        (tree / "usr/share" / name / "version").write_text(version + "\n")
        (tree / "DEBIAN/control").write_text(f"Package: {name}\nVersion: {version}\nArchitecture: all\n"
                                             "Maintainer: Prove's tests <tests@localhost>\n" +
                                             (f"Depends: {depends}\n" if depends else "") +
                                             (f"Recommends: {recommends}\n" if recommends else "") + "Description: for tests\n")
        if postinst:
            (tree / "DEBIAN/postinst").write_text(postinst)
            (tree / "DEBIAN/postinst").chmod(0o755)
        tree.chmod(0o755)
        done = run(["dpkg-deb", "--root-owner-group", "--build", tree, folder / f"{name}_{version}_all.deb"])
        assert done.code == 0, done


class LocalStates:
    """For a test class that has a `fleet` with one host h1: applies states there with prove-cli alone."""

    @classmethod
    def start_host(cls):
        cls.fleet = Fleet(1)
        cls.addClassCleanup(cls.fleet.down)
        cls.fleet.install("h1", "prove-cli")
        cls.write(f"{CATALOG}/targets.yml", "targets: [{name: h1, states: [main]}]\n")

    @classmethod
    def write(cls, path, text, mode="0644"):
        cls.fleet.write("h1", path, text, mode)

    @classmethod
    def shell(cls, script, check=True):
        return cls.fleet.shell("h1", script, check=check)

    def states(self, verb):
        return self.fleet.exec("h1", "prove-cli", "--catalog", CATALOG, "--output", "json", "states", verb, "h1", check=False)

    def apply(self, text, exit_code=0):
        """Applies these states; the report."""
        self.write(f"{CATALOG}/states/main.yml", text)
        done = self.states("apply")
        self.assertEqual(exit_code, done.code, done)
        return report_of(done, "h1")

    def converge(self, text):
        """Plans, applies, and applies again: the plan said what the apply did, and the second apply does nothing. The report."""
        self.write(f"{CATALOG}/states/main.yml", text)
        planned = report_of(self.states("plan"), "h1")
        applied = self.apply(text)
        self.assertEqual(self.as_planned(changes(planned), changes(applied)), changes(planned))
        self.assertEqual([], changed(self.apply(text)))
        self.assertEqual([], changed(report_of(self.states("plan"), "h1")))
        return applied

    @staticmethod
    def as_planned(planned, applied):
        """Which version will be installed is apt's answer: a plan says only "installed"."""
        said = {change[:5] for change in planned if change[3:] == ("version", "absent", "installed")}
        return [(*change[:5], "installed") if change[:5] in said else change for change in applied]
