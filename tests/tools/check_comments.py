#!/usr/bin/python3
"""Every file opens with a comment that says what it is for; nothing is left for later in a comment.

Unfinished work is an issue, not a note in a source (house style 15 and 16).
"""

import re

import sources

FOLDERS = sources.PRODUCT + ("tests",)
LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def opens_with_comment(path, lines):
    if path.suffix in (".cpp", ".hpp", ".c", ".h"):
        return bool(lines) and (lines[0].startswith("// ") or lines[0].startswith("/* "))
    rest = lines[1:] if lines and lines[0].startswith("#!") else lines
    while rest and not rest[0].strip():
        rest = rest[1:]
    return bool(rest) and (rest[0].startswith("# ") or rest[0].startswith('"""'))


def check(root):
    for path in sources.files(root, FOLDERS, (".cpp", ".hpp", ".c", ".h", ".py")):
        # The tools name the words that they look for; golden files are input as users write it.
        if path.parts[:2] in (("tests", "tools"), ("tests", "golden")):
            continue
        text = (root / path).read_text(encoding="utf-8")
        lines = text.splitlines()
        if not lines:
            continue
        if not opens_with_comment(path, lines):
            yield f"{path}:1: does not open with a comment that says what the file is for"
        if path.suffix == ".hpp" and "#pragma once" not in text:
            yield f"{path}: no '#pragma once'"
        for match in COMMENT.finditer(text):
            word = LATER.search(match.group(0))
            if word:
                number = text.count("\n", 0, match.start() + word.start()) + 1
                yield f"{path}:{number}: '{word.group(0)}' in a comment; unfinished work is an issue"


if __name__ == "__main__":
    sources.run(__doc__, check)
