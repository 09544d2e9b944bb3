"""The product's sources as the lint tools see them: which files there are, and their text without comments and strings.

Used by the check_*.py beside it; needs nothing but Python's standard library.
"""

import argparse
import pathlib
import re
import sys

PRODUCT = ("proto", "common", "agent", "master")

_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""",
    re.DOTALL)


def files(root, folders=PRODUCT, suffixes=(".cpp", ".hpp")):
    """Paths below root's folders, sorted, relative to root; but not of tests/golden, where broken catalogs are data."""
    found = []
    for folder in folders:
        for path in (root / folder).rglob("*"):
            if path.suffix in suffixes and path.is_file() and root / "tests/golden" not in path.parents:
                found.append(path.relative_to(root))
    return sorted(found)


def code_lines(text):
    """The lines of C++ text with comments and literals blanked, so that what is left is code; lines keep their numbers."""
    def blank(match):
        token = match.group(0)
        # An include's name looks like a string; it has to stay.
        line_start = match.string.rfind("\n", 0, match.start()) + 1
        if match.string[line_start:match.start()].strip() == "#include":
            return token
        # Digit separators are no character literals.
        if token[0] == "'" and match.start() > 0 and match.string[match.start() - 1].isalnum():
            return token
        return "".join("\n" if c == "\n" else " " for c in token)
    return _TOKEN.sub(blank, text).split("\n")


def run(description, check):
    """Main of a tool: check(root) yields complaints as text. Exits 1 where there is any."""
    parser = argparse.ArgumentParser(description=description)
    default = pathlib.Path(__file__).resolve().parent.parent.parent
    parser.add_argument("--root", type=pathlib.Path, default=default, help="the source tree (default: this one)")
    complaints = list(check(parser.parse_args().root))
    for complaint in complaints:
        print(complaint)
    print(f"{len(complaints)} complaint{'' if len(complaints) == 1 else 's'}")
    sys.exit(1 if complaints else 0)
