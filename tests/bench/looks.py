"""What looking at a large fleet costs: `status`, `drift`, `history`, `schedules list`, `targets` and `metrics`, of whole processes.

    /usr/bin/python3 tests/bench/looks.py [--build DIR] [--targets N] [--runs N]

One real agent is enrolled, applied to and found to have drifted; then what the database has of it is written once more under each of
N names, one in a hundred of them converged never, and the master is started
over that. Beside each: the same command where one of them has been seen so far.
"""
import argparse
import hashlib
import os
import pathlib
import sqlite3
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/system"))
LOOKS = [("status",), ("drift",), ("targets",), ("schedules", "list"), ("schedules", "show", "nightly"), ("history", "web1"), ("metrics",)]


def median_ms(master, look, runs):
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        out = master.cli(*look).out
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times), len(out)


def prepare(master, targets):
    path = master.folder / "kept"
    master.write("states/site.yml", f"kept: [{{fn: file.managed, path: {path}, content: as it should be}}]\n")
    master.write("targets.yml", "targets:\n" + "".join(f"  - {{name: web{number}, states: [site]}}\n" for number in range(1, targets + 1)))
    master.write("schedules.yml", "schedules:\n  nightly: {targets: '*', run: states apply, cron: 0 3 * * *}\n")
    master.start()
    master.agent("web1")
    master.cli("states", "apply", "web1")
    path.write_text("another")
    master.cli("states", "apply", "web1")


def multiply(file, targets):
    """Writes the rows of web1 for web2 and so on, as a fleet would have made them."""
    database = sqlite3.connect(file)
    def rows(table):
        cursor = database.execute(f"SELECT * FROM {table}")
        return [column[0] for column in cursor.description], cursor.fetchall()
    for table, named in (("keys", True), ("agents", False), ("facts", False), ("standings", True)):
        columns, (row,) = rows(table)
        key = columns.index("id" if table == "keys" else "key")
        copies = []
        for number in range(2, targets + 1):
            copy = list(row)
            copy[key] = hashlib.blake2b(number.to_bytes(4, "big"), digest_size=len(copy[key])).digest()
            if named:
                copy[columns.index("target" if table == "standings" else "name")] = f"web{number}"
            if table == "standings" and number % 100 == 0:
                copy[columns.index("standing")] = "failed"
            copies.append(copy)
        database.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(columns))})", copies)
    database.commit()
    database.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=ROOT / "build/release", type=pathlib.Path)
    parser.add_argument("--targets", default=10_000, type=int)
    parser.add_argument("--runs", default=7, type=int)
    options = parser.parse_args()
    os.environ["PROVE_BUILD"] = str(options.build.resolve())
    from prove_master import Master     # reads PROVE_BUILD
    master = Master()
    try:
        prepare(master, options.targets)
        floors = {look: median_ms(master, look, options.runs)[0] for look in LOOKS}
        master.program.stop()
        multiply(next((master.folder / "master").glob("*.db")), options.targets)
        begin = time.perf_counter()
        master.start()
        print(f"{options.targets} targets: the master answers {time.perf_counter() - begin:.2f} s after its start", flush=True)
        for look in LOOKS:
            took, size = median_ms(master, look, options.runs)
            print(f"prove-cli {' '.join(look):24} {took:8.1f} ms   before: {floors[look]:6.1f} ms   {size / 1024:8.1f} KiB", flush=True)
    finally:
        master.stop()


if __name__ == "__main__":
    main()
