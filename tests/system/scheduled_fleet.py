"""Hosts whose schedules run by themselves: giving them schedules, and looking at what became of each slot."""
import glob
import json

from fleet_hosts import FleetCase
from harness import until


class ScheduledFleet(FleetCase):
    """A fleet whose test classes write `schedules:` and read the history."""

    def status(self, host):
        return json.loads(self.fleet.exec(host, "prove-agent", "status", "--output", "json").out)

    def entries(self, host):
        """How each schedule stands on a host, as its agent has it."""
        return {entry["name"]: entry for entry in self.status(host)["schedules"].get("entries", [])}

    def schedule(self, **schedules):
        """These schedules and no others, on all of their hosts."""
        self.master.write("schedules.yml", json.dumps({"schedules": schedules}))
        self.master.cli("catalog", "reload")
        for host in [f"h{number}" for number in range(1, self.hosts + 1)]:
            wanted = {name for name, said in schedules.items() if said["targets"] in (host, "*")}
            until(lambda: set(self.entries(host)) == wanted, 20, f"{host} has its schedules: {wanted}")

    def history(self, host, schedule=None):
        """The runs of a host that its schedules began, from the oldest to the newest."""
        rows = self.master.json("history", host, "--limit", "500")
        return [row for row in reversed(rows) if row.get("schedule") and schedule in (None, row["schedule"])]

    def slots(self, host, schedule):
        return [row["slot_ms"] for row in self.history(host, schedule)]

    def lines(self, host, path):
        return self.fleet.shell(host, f"cat {path} 2>/dev/null || true").out.splitlines()

    def boot(self, host):
        """Which of its boots this is; empty while it is down."""
        return self.fleet.exec(host, "cat", "/proc/sys/kernel/random/boot_id", check=False).out

    def connected(self, host):
        return self.master.cli("ping", host, check=False).code == 0


def clock_library():
    """libfaketime: it gives one program a clock of its own, since all hosts share this machine's."""
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    assert found, "the Debian package libfaketime is not installed"
    return found[0]


class ClockedFleet(ScheduledFleet):
    """Hosts whose prove-agent has a clock of its own, which tests set as an administrator or a bad battery would.

    `also_boot`: the clock that counts from the boot is shifted, too. So time passes for the agent, as in a host that was
    suspended; else it is only the time of day that is another.
    """

    also_boot = False

    @classmethod
    def join(cls, host):
        super().join(host)
        cls.fleet.push(host, clock_library(), "/usr/local/lib/clock.so")
        cls.set_clock(host, "+0")
        cls.fleet.write(host, "/etc/systemd/system/prove-agent.service.d/clock.conf",
                        "[Service]\nExecStartPre=-/bin/mv /etc/clock.next /etc/clock\nEnvironment=LD_PRELOAD=/usr/local/lib/clock.so FAKETIME_TIMESTAMP_FILE=/etc/clock "
                        f"FAKETIME_CACHE_DURATION=1 NO_FAKE_STAT=1 FAKETIME_DONT_FAKE_MONOTONIC={0 if cls.also_boot else 1}\n")
        cls.fleet.shell(host, "systemctl daemon-reload; systemctl restart prove-agent")
        until(lambda: cls.master.cli("ping", host, check=False).code == 0, 20, f"{host} answers")

    @classmethod
    def set_clock(cls, host, said):
        """At once; what is written to /etc/clock.next counts from the agent's next start on. `said` as faketime has it: +3h, -3h, `+0 x100`."""
        cls.fleet.shell(host, f"echo '{said}' >/etc/clock.new && mv /etc/clock.new /etc/clock")
