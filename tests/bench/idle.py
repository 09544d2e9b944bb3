"""What keeping a host in its state costs it: an agent with 500 states that all are as they should be, and a schedule.

    /usr/bin/python3 tests/bench/idle.py [--build DIR] [--days N] [--idle SECONDS]

The agent has a schedule of every 30 minutes and is idle for a while between two runs. Then the schedule is one of every second, for
as many runs as every 30 minutes makes in N days; a day is then 48 such runs and 24 hours of being idle. Nobody asks for
any of them. Processor time is the process's own; a program that it had started would show as time and page faults of children.
"""
import argparse
import os
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/system"))
STATES, RUNS_A_DAY = 500, 48
TICK = os.sysconf("SC_CLK_TCK")


class Cost:
    """What a process has used so far."""

    def __init__(self, pid):
        after_name = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        self.seconds = (int(after_name[11]) + int(after_name[12])) / TICK
        self.children = int(after_name[8]), (int(after_name[13]) + int(after_name[14])) / TICK
        status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
        self.resident = int(status["VmRSS"].split()[0]) / 1024
        self.wakeups = int(status["voluntary_ctxt_switches"])


def write_catalog(catalog, files):
    states = "".join(f"file_{n}:\n  - fn: file.managed\n    path: {files}/f{n}\n    mode: \"0644\"\n    content: |\n      setting_{n} = {n}\n"
                     for n in range(STATES))
    (catalog / "states").mkdir()
    (catalog / "states/many.yml").write_text(states)
    (catalog / "targets.yml").write_text("targets:\n  - {name: web1, states: [many]}\n")


def set_schedule(master, agent, every):
    (master.catalog / "schedules.yml").write_text(
        f"schedules:\n  every_{every}: {{targets: '*', run: states apply, every: {every}, splay: 0s}}\n")
    master.json("catalog", "reload")
    began = time.monotonic()
    while [entry["name"] for entry in agent.status()["schedules"].get("entries", [])] != [f"every_{every}"]:
        assert time.monotonic() - began < 60, agent.status()["schedules"]
        time.sleep(0.1)


def runs_made(master):
    """Those of the schedule that ended well, at most the newest 1,000; any other end stops the benchmark."""
    runs = master.json("history", "web1", "--all", "--limit", "1000")
    ends = [run["end"] for run in runs if run.get("schedule") and "end" in run]
    assert set(ends) <= {"done"}, set(ends)
    return len(ends)


def measure(master, days, idle):
    files = master.folder / "files"
    files.mkdir()
    write_catalog(master.catalog, files)
    master.start()
    agent = master.agent("web1")
    pid = agent.program.process.pid
    first = master.json("states", "apply", "web1")
    assert first[-1]["exit_code"] == 0, first[-1]
    set_schedule(master, agent, "30m")
    time.sleep(10)      # facts are gathered once more after a run

    before = Cost(pid)
    time.sleep(idle)
    after = Cost(pid)
    idle_share = (after.seconds - before.seconds) / idle
    print(f"idle for {idle} s: {after.seconds - before.seconds:.2f} s of processor time, {after.wakeups - before.wakeups} wake-ups, "
          f"{after.resident:.1f} MB resident", flush=True)

    wanted = days * RUNS_A_DAY
    set_schedule(master, agent, "1s")
    before, already, most = Cost(pid), runs_made(master), 0
    runs = 0
    while runs < wanted:
        time.sleep(2)
        most = max(most, Cost(pid).resident)
        after, runs = Cost(pid), runs_made(master) - already
    run = (after.seconds - before.seconds) / runs
    faults, seconds = (b - a for a, b in zip(before.children, after.children))
    print(f"{runs} converged runs of {STATES} states by the schedule, as in {days} days: {run * 1000:.1f} ms of processor time each "
          "(aim: under 100 ms)")
    print(f"programs that it started meanwhile: {'none' if faults == 0 and seconds == 0 else f'some, {seconds:.2f} s'}")
    set_schedule(master, agent, "30m")
    time.sleep(20)
    after = Cost(pid)
    print(f"memory: {before.resident:.1f} MB before, {most:.1f} MB at most, {after.resident:.1f} MB when it is idle again")
    print(f"a day of the schedule: {RUNS_A_DAY * run + 86_400 * idle_share:.1f} s of processor time, "
          f"{(RUNS_A_DAY * run / 86_400 + idle_share) * 100:.4f} % of one processor")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path)
    parser.add_argument("--days", default=3, type=int)
    parser.add_argument("--idle", default=120, type=int)
    options = parser.parse_args()
    os.environ["PROVE_BUILD"] = str(options.build.resolve())
    from prove_master import Master     # reads PROVE_BUILD
    master = Master()
    try:
        measure(master, options.days, options.idle)
    finally:
        master.stop()


if __name__ == "__main__":
    main()
