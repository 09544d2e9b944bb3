"""Prove's benchmarks: figures, each beside its floor, never a verdict.

    /usr/bin/python3 tests/bench/bench.py [--build DIR] [--runs N] [NAME...]

Everything is measured as whole processes on this machine; a figure is the median of N runs, with the least and the most
beside it. The floors are measured in the same run, since machines differ and drift.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/system"))
STATES = 1000


def timed(command, runs, **keywords):
    """Milliseconds of each run of a command, after one warm-up, and the last run's standard output."""
    out, times = b"", []
    for number in range(runs + 1):
        start = time.perf_counter()
        done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **keywords)
        took = (time.perf_counter() - start) * 1000
        if done.returncode != 0:
            sys.exit(f"{command}: exit code {done.returncode}\n{done.stdout.decode()}\n{done.stderr.decode()}")
        out = done.stdout
        if number > 0:
            times.append(took)
    return times, out


def show(name, times, floor=None, floor_name="", aim=None):
    median = statistics.median(times)
    line = f"{name:<58} {median:8.1f} ms  ({min(times):.1f} to {max(times):.1f})"
    if floor:
        line += f"  {median / floor:5.1f} x {floor_name} ({floor:.1f} ms)"
    if aim:
        line += f"  aim {aim} ms"
    print(line, flush=True)
    return median


def write_catalog(folder, target, files):
    """A catalog of 1,000 small file.managed states, each with content of its own, no template syntax."""
    (folder / "states").mkdir(parents=True)
    (folder / "prove.yml").write_text("options: {}\n")
    (folder / "targets.yml").write_text(f"targets:\n  - {{name: {target}, states: [many]}}\n")
    states = "".join(f"file_{n}:\n  - fn: file.managed\n    path: {files}/f{n}\n    mode: \"0644\"\n"
                     f"    content: |\n      setting_{n} = {n}\n      # kept by Prove\n" for n in range(STATES))
    (folder / "states/many.yml").write_text(states)


def bench_local(build, runs, work):
    """A no-op `states apply` of 1,000 file.managed states, in process."""
    files = work / "local-files"
    files.mkdir()
    catalog = work / "local-catalog"
    write_catalog(catalog, "here", files)
    cli = build / "bin/prove-cli"
    apply = [cli, "--catalog", catalog, "--here", "--output", "json", "states", "apply", "here"]
    subprocess.run([str(a) for a in apply], check=True, stdout=subprocess.DEVNULL)
    floor_input = "\n".join(str(files / f"f{n}") for n in range(STATES)).encode()
    floor = int(subprocess.run([build / "bench/bench_floor"], input=floor_input, stdout=subprocess.PIPE, check=True)
                .stdout.split()[0]) / 1000
    start, _ = timed([cli, "--version"], runs)
    show("prove-cli --version (starting the process)", start)
    times, out = timed(apply, runs)
    total = show("local no-op apply of 1,000 file.managed", times, floor, "floor lstat+read+BLAKE2b", 75)
    report = next(json.loads(l) for l in out.splitlines() if b'"result"' in l)["body"]["report"]
    compiling, _ = timed([cli, "--catalog", catalog, "--output", "json", "compile", "here"], runs)
    print(f"    checking (the engine's own time) {report['ms']} ms; "
          f"loading and compiling, with the process, {statistics.median(compiling):.1f} ms; the rest {total - statistics.median(compiling) - report['ms']:.1f} ms")


def bench_master(build, runs, work):
    """The same through master and agent, ping, and memory."""
    os.environ["PROVE_BUILD"] = str(build)
    from prove_master import Master
    master = Master()
    try:
        files = master.folder / "files"
        files.mkdir()
        for name in ("prove.yml",):
            (master.catalog / name).unlink()
        master.catalog.rmdir()
        write_catalog(master.catalog, "web1", files)
        master.start()
        agent = master.agent("web1")
        status = pathlib.Path(f"/proc/{agent.program.process.pid}/status")
        time.sleep(2)
        resident = {l.split(":")[0]: l.split()[1] for l in status.read_text().splitlines() if l.startswith(("VmRSS", "RssAnon"))}
        print(f"{'resident memory of an idle agent':<58} {int(resident['VmRSS']) / 1024:8.1f} MB"
              f"  (private {int(resident['RssAnon']) / 1024:.1f} MB)  floor 6.2 MB (libzmq as Debian has it, limits)  aim 8 MB")
        cli = [build / "bin/prove-cli", "--master", master.socket]
        start, _ = timed([build / "bin/prove-cli", "--version"], runs)
        times, _ = timed([*cli, "ping", "web1"], runs)
        show("prove-cli ping of one agent, as a whole process", times, statistics.median(start), "starting prove-cli", 10)

        apply = [*cli, "--output", "json", "states", "apply", "web1"]
        first, _ = timed(apply, 0)
        floor_input = "\n".join(str(files / f"f{n}") for n in range(STATES)).encode()
        floor = int(subprocess.run([build / "bench/bench_floor"], input=floor_input, stdout=subprocess.PIPE, check=True)
                    .stdout.split()[0]) / 1000
        times, out = timed(apply, runs)
        total = show("no-op apply of 1,000 file.managed through the master", times, floor, "floor lstat+read+BLAKE2b", 150)
        lines = [json.loads(l) for l in out.splitlines()]
        job = master.json("jobs", "show", lines[0]["job"])[0]
        accepted = next(l["time_ms"] for l in lines if l["event"] == "accepted")
        result = next(l for l in lines if l["event"] == "result")
        checking = result["body"]["report"]["ms"]
        print(f"    compiling, signing and sending {accepted - job['created_ms']} ms; checking {checking} ms; result, storing "
              f"and showing {total - (accepted - job['created_ms']) - checking:.1f} ms")
        resident = {l.split(":")[0]: l.split()[1] for l in status.read_text().splitlines() if l.startswith("VmRSS")}
        print(f"{'resident memory of the agent after these runs':<58} {int(resident['VmRSS']) / 1024:8.1f} MB")
    finally:
        master.stop()


BENCHES = {"local": bench_local, "master": bench_master}


def main():
    parser = argparse.ArgumentParser(description="Prove's benchmarks.")
    parser.add_argument("names", nargs="*", help=", ".join(BENCHES))
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path)
    parser.add_argument("--runs", default=9, type=int)
    options = parser.parse_args()
    for name in options.names or BENCHES:
        with tempfile.TemporaryDirectory(prefix="prove-bench-") as work:
            BENCHES[name](options.build.resolve(), options.runs, pathlib.Path(work))


if __name__ == "__main__":
    main()
