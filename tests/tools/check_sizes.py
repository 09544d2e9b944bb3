#!/usr/bin/python3
"""No source file over 400 lines, no function over 60; exceptions stand in sizes_allowed.txt, each with its reason.

Functions are found by layout, which clang-format keeps: a line that ends in '{' at namespace or class level and is no
namespace, class or initialiser begins one, and the brace at its indentation ends it. Test cases count as functions of
twice that length, since a specification may be a long list.
"""

import re

import sources

MOST_LINES = 400
MOST_FUNCTION_LINES = 60
FOLDERS = sources.PRODUCT + ("tests",)
NOT_A_FUNCTION = re.compile(r"^\s*(namespace|class|struct|union|enum|extern|public|private|protected|typedef)\b")
BEGINS = re.compile(r"^(?P<indent>\s*)(?P<head>\S.*)\{$")


def allowed(root):
    path = root / "tests/tools/sizes_allowed.txt"
    result = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            line = line.split("#")[0].strip()
            if line:
                name, _, reason = line.partition(" ")
                result[name] = reason.strip()
    return result


def long_functions(lines, most):
    """(line number, length) of functions over `most` lines. Only outermost ones: a lambda is part of its function."""
    at = 0
    while at < len(lines):
        match = BEGINS.match(lines[at])
        head = match.group("head") if match else ""
        # A head over several lines ends in ') {', ') const {', or a member initialiser.
        if not match or NOT_A_FUNCTION.match(lines[at]) or ")" not in head or head.startswith("} "):
            at += 1
            continue
        end = "}"
        indent = match.group("indent")
        # The closing brace stands where the function's first line begins, which may be a few lines above.
        for below in range(at + 1, len(lines)):
            line = lines[below]
            if line.strip().startswith(end) and len(line) - len(line.lstrip()) <= len(indent):
                if below - at + 1 > most:
                    yield at + 1, below - at + 1
                at = below
                break
        at += 1


def check(root):
    exceptions = allowed(root)
    for name, reason in exceptions.items():
        if not reason:
            yield f"sizes_allowed.txt: {name} has no reason"
        if not (root / name).exists():
            yield f"sizes_allowed.txt: there is no {name} any more"
    for path in sources.files(root, FOLDERS, (".cpp", ".hpp", ".py", ".c")):
        # What tests read is no source, and some of it is wrong on purpose.
        if str(path) in exceptions or path.parts[:2] == ("tests", "golden"):
            continue
        text = (root / path).read_text(encoding="utf-8")
        lines = len(text.splitlines())
        if lines > MOST_LINES:
            yield f"{path}: {lines} lines; at most {MOST_LINES}: split it by what it does"
        if path.suffix in (".cpp", ".hpp"):
            most = MOST_FUNCTION_LINES * (2 if path.parts[0] == "tests" else 1)
            for number, length in long_functions(sources.code_lines(text), most):
                yield f"{path}:{number}: a function of {length} lines; at most {most}: give its steps names"


if __name__ == "__main__":
    sources.run(__doc__, check)
