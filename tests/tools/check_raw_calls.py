#!/usr/bin/python3
"""Raw calls stay in the adapters: time, randomness, opening and syncing files, starting processes, sleeping.

Elsewhere the product uses Clock, Random, common/files and common/process, so that a simulator can stand in for the
machine (reliability, "How to build it"). Comments and strings do not count. Names after '.', '->' or 'x::' are members.
"""

import re

import sources

ADAPTERS = ("common/time/", "common/files/", "common/process/", "common/transport/", "agent/host/", "master/store/")

FREE = r"(?<![\w.>:])(?:std::|::)?"      # a free function, with or without its namespace
GLOBAL = r"(?<![\w>])::"                 # only with the leading '::': as a member the name is common
CALLS = [
    (re.compile(FREE + r"(time|gettimeofday|clock_gettime|clock)\s*\((?!\s*\))"), "use a Clock"),
    (re.compile(r"_clock\s*::\s*now\b"), "use a Clock"),
    (re.compile(FREE + r"(rand|srand|srandom|drand48|getrandom)\s*\("), "use a Random"),
    (re.compile(r"\brandom_device\b|\brandombytes_(?:buf|uniform)\b"), "use a Random"),
    (re.compile(GLOBAL + r"(open|openat|openat2|creat|mkstemp)\s*\("), "use common/files"),
    (re.compile(FREE + r"(fopen|freopen|mkstemp)\s*\("), "use common/files"),
    (re.compile(r"\bstd::(?:basic_)?[io]?f(?:ile)?stream\b"), "use common/files"),
    (re.compile(FREE + r"(fsync|fdatasync|sync_file_range|syncfs)\s*\("), "use common/files"),
    (re.compile(FREE + r"(fork|vfork|popen|system|posix_spawnp?|execve|execvp)\s*\("), "use common/process"),
    (re.compile(r"\bsleep_(?:for|until)\b|" + FREE + r"(sleep|usleep|nanosleep)\s*\("),
     "wait for what is meant, not for time to pass"),
]


def allowed(root):
    """(path, call) pairs of raw_calls_allowed.txt: lines "PATH CALL REASON"."""
    path = root / "tests/tools/raw_calls_allowed.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    entries = [line.split(None, 2) for line in lines if line.strip() and not line.startswith("#")]
    return {(entry[0], entry[1]): entry[2] if len(entry) > 2 else "" for entry in entries}


def check(root):
    exceptions = allowed(root)
    unused = set(exceptions)
    for path in sources.files(root):
        if str(path).startswith(ADAPTERS):
            continue
        for number, line in enumerate(sources.code_lines((root / path).read_text(encoding="utf-8")), 1):
            for pattern, instead in CALLS:
                match = pattern.search(line)
                if not match:
                    continue
                call = re.sub(r"[\s(]|std::|^::", "", match.group(0))
                if exceptions.get((str(path), call)):
                    unused.discard((str(path), call))
                else:
                    yield f"{path}:{number}: raw call '{call}': {instead}"
    for path, call in sorted(unused):
        yield f"raw_calls_allowed.txt: {path} {call}: has no reason or is not needed any more"


if __name__ == "__main__":
    sources.run(__doc__, check)
