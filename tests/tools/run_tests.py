"""Builds Prove and runs its tests, stage by stage, and counts them in one last line.

A stage is a function that yields Results. What cannot run here (hosts that cannot be booted) is reported as skipped, by
name. Exit status 0 only when nothing failed. The detail of every failure is printed where it happens.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
MODULE_SECONDS = 600
FUZZ_SECONDS = int(os.environ.get("PROVE_FUZZ_SECONDS", "12"))
# Everywhere the same, so that what fails on one machine fails on the others; another one looks elsewhere.
FUZZ_SEED = int(os.environ.get("PROVE_FUZZ_SEED", "1"))
# The rooms whose code runs in several threads, or that decide about order: what ThreadSanitizer looks at.
THREADED = ["unit_common_transport", "unit_common_process", "unit_engine", "unit_agent_daemon", "unit_master_jobs",
            "unit_master_server", "unit_master_store"]

LONGEST = ["unit_simulator", "unit_agent_daemon", "unit_common_timetable", "unit_master_compile", "unit_master_jobs"]


class Result:
    def __init__(self, stage, name, status, detail=""):
        self.stage, self.name, self.status, self.detail = stage, name, status, detail


def say(text):
    print(text, flush=True)


def command(arguments, timeout=3600, **keywords):
    """Runs a command; gives (exit code, output). A time-out is exit code 124."""
    try:
        done = subprocess.run([str(a) for a in arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=timeout, **keywords)
        return done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as expired:
        return 124, (expired.stdout or b"").decode("utf-8", "replace") + f"\nnot done after {timeout} s"


def build(stage, folder, options, targets=(), environment=None):
    """Configures and builds; yields a single Result."""
    started = time.monotonic()
    env = {**os.environ, **(environment or {})}
    code, output = command(["cmake", "-S", ".", "-B", folder, "-G", "Ninja", *options], env=env)
    if code == 0:
        code, output = command(["ninja", "-C", folder, *targets], env=env)
    seconds = time.monotonic() - started
    if code != 0:
        yield Result(stage, "it builds", "failed", output[-6000:])
    else:
        yield Result(stage, f"it builds ({seconds:.0f} s)", "passed")


def catch_programs(folder):
    tests = folder / "tests"
    return sorted(p for p in tests.iterdir() if p.name.startswith("unit_") and os.access(p, os.X_OK)) if tests.is_dir() else []


def run_catch(stage, program, environment=None):
    """Runs one Catch2 program; gives a Result for each test case."""
    results = []
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        env = {**os.environ, **(environment or {})}
        code, output = command([program, "-r", "junit", "-o", report.name, "-w", "NoTests"], timeout=600, env=env)
        try:
            cases = list(xml.etree.ElementTree.parse(report.name).iter("testcase"))
        except xml.etree.ElementTree.ParseError:
            cases = []
    failed = 0
    for case in cases:
        troubles = [child for child in case if child.tag in ("failure", "error")]
        failed += bool(troubles)
        detail = "\n".join((t.get("message") or "") + (t.text or "") for t in troubles)
        results.append(Result(stage, f"{program.name}: {case.get('name')}", "failed" if troubles else "passed", detail))
    if (code != 0 and not failed) or not cases:
        results.append(Result(stage, f"{program.name} runs to its end", "failed", f"exit code {code}\n{output[-6000:]}"))
    return results


def run_all(stage, programs, environment=None):
    """Runs Catch2 programs, as many at once as there are processors; none of the longest begins last, alone."""
    programs = sorted(programs, key=lambda program: program.name not in LONGEST)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for results in pool.map(lambda program: run_catch(stage, program, environment), programs):
            yield from results


def stage_build():
    yield from build("build", BUILD / "release", ["-DCMAKE_BUILD_TYPE=RelWithDebInfo"])
    code, output = command([ROOT / "packaging/exec-for-aarch64", BUILD / "release"])
    yield Result("build", "prove-exec for aarch64 builds", "passed" if code == 0 else "failed", output[-6000:])


def stage_lint():
    """What CTest runs beside the unit tests: the lint tools, and the journal under failing system calls."""
    code, output = command(["ctest", "--test-dir", BUILD / "release", "-R", "^(lint_.*|faultio)$", "--output-on-failure"])
    tests = re.findall(r"Test +#\d+: (\S+) \.+ *(\**\w+)", output)
    for name, status in tests:
        yield Result("lint", name, "passed" if status == "Passed" else "failed", "" if status == "Passed" else output)
    if not tests:
        yield Result("lint", "lint tests are there", "failed", output)


def stage_unit():
    yield from run_all("unit", catch_programs(BUILD / "release"))


# An instrumented story takes many times as long (tests/support/stories.hpp).
FEWER_STORIES = {"PROVE_SEEDS": "12"}
# AddressSanitizer, UBSan and libFuzzer's counters in one build of clang's, which is also the faster compiler for it.
SANITIZED = ["-DCMAKE_BUILD_TYPE=Debug", "-DPROVE_SANITIZE=address", "-DCMAKE_CXX_COMPILER=clang++"]


def stage_address():
    yield from build("address", BUILD / "address", SANITIZED, ["unit_tests"])
    environment = {**FEWER_STORIES, "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
                   "UBSAN_OPTIONS": "print_stacktrace=1"}
    yield from run_all("address", catch_programs(BUILD / "address"), environment)


def stage_thread():
    yield from build("thread", BUILD / "thread", ["-DCMAKE_BUILD_TYPE=Debug", "-DPROVE_SANITIZE=thread"], THREADED)
    environment = {**FEWER_STORIES, "TSAN_OPTIONS": f"suppressions={ROOT / 'tests/tools/tsan.supp'}"}
    yield from run_all("thread", [p for p in catch_programs(BUILD / "thread") if p.name in THREADED], environment)


def fuzz(program):
    """Runs one fuzzer for a while, over its corpus if it has one; gives a Result."""
    corpus = ROOT / "tests/fuzz/corpus" / program.name.removeprefix("fuzz_")
    with tempfile.TemporaryDirectory() as found:
        seeds = [corpus] if corpus.is_dir() else []
        code, output = command([program, f"-max_total_time={FUZZ_SECONDS}", f"-seed={FUZZ_SEED}", "-max_len=65536", "-timeout=10",
                                "-rss_limit_mb=2048", "-print_final_stats=1", f"-artifact_prefix={found}/", found, *seeds])
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
    good = code == 0 and runs and int(runs.group(1)) > 100
    name = f"{program.name} finds nothing ({runs.group(1) if runs else 0} inputs)"
    return Result("fuzz", name, "passed" if good else "failed", "" if good else output[-4000:])


def stage_fuzz():
    folder = BUILD / "address"
    yield from build("fuzz", folder, SANITIZED, ["fuzzers"])
    programs = [p for p in sorted((folder / "tests").glob("fuzz_*")) if os.access(p, os.X_OK) and p.is_file()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(fuzz, programs)
    if not programs:
        yield Result("fuzz", "fuzzers are there", "failed")


def stage_system():
    """tests/system: real processes, real hosts. Every test case is a unittest method; one process per module."""
    for module in sorted((ROOT / "tests/system").glob("test_*.py")):
        started = time.monotonic()
        # Interrupted, a module still stops the hosts and programs that it started.
        code, output = command(["timeout", "--signal=INT", "--kill-after=60", MODULE_SECONDS,
                                "/usr/bin/python3", "-B", ROOT / "tests/tools/run_unittest.py", module],
                               env={**os.environ, "PROVE_BUILD": str(BUILD / "release")})
        cases = [json.loads(line.removeprefix("@result ")) for line in output.splitlines() if line.startswith("@result ")]
        for line in output.splitlines():
            if line.startswith("@figure "):
                say("  " + line.removeprefix("@figure "))
        for case in cases:
            yield Result("system", f"{module.stem}: {case['name']}", case["status"], case["detail"])
        if not cases or code not in (0, 1):
            yield Result("system", f"{module.stem} runs to its end", "failed", f"exit code {code}\n{output[-6000:]}")
        say(f"  {module.stem}: {time.monotonic() - started:.0f} s")


STAGES = {"build": stage_build, "lint": stage_lint, "unit": stage_unit, "system": stage_system,
          "address": stage_address, "thread": stage_thread, "fuzz": stage_fuzz}


def main():
    parser = argparse.ArgumentParser(description="Builds Prove and runs its tests.")
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="only these: " + ", ".join(STAGES))
    parser.add_argument("--list", action="store_true", help="list the stages")
    options = parser.parse_args()
    if options.list:
        print("\n".join(STAGES))
        return 0
    unknown = [name for name in options.stages if name not in STAGES]
    if unknown:
        parser.error(f"no stage is called '{unknown[0]}'; there are: {', '.join(STAGES)}")
    chosen = options.stages or list(STAGES)
    if "build" not in chosen:
        chosen = ["build", *chosen]

    results = []
    for name in chosen:
        say(f"== {name}")
        started = time.monotonic()
        before = len(results)
        for result in STAGES[name]():
            results.append(result)
            if result.status == "failed":
                say(f"FAILED  {result.stage}: {result.name}")
                if result.detail:
                    say("        " + result.detail.rstrip().replace("\n", "\n        "))
            elif result.status == "skipped":
                say(f"skipped {result.stage}: {result.name}: {result.detail}")
        stage_results = results[before:]
        counts = {s: sum(r.status == s for r in stage_results) for s in ("passed", "failed", "skipped")}
        say(f"   {counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"
            f" in {time.monotonic() - started:.0f} s")
        if name == "build" and counts["failed"]:
            break
    counts = {s: sum(r.status == s for r in results) for s in ("passed", "failed", "skipped")}
    say(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
