#!/usr/bin/python3
"""No two headers of one namespace declare a type of the same name.

A program that links both has one of their destructors for both, and no compiler or linker says so.
"""

import re

import sources

TYPE = re.compile(r"^(?:struct|class|enum class) (\w+)(?: final)?(?: :[^;]*)?\s*\{")
NAMESPACE = re.compile(r"^namespace ([\w:]+) \{")
# Why two may share a name.
ALLOWED = {
    "prove::Enrolment": "an agent's and a master's, of which no program has both",
}


def check(root):
    first = {}
    for path in sources.files(root, suffixes=(".hpp",)):
        namespace = ""
        for number, line in enumerate(sources.code_lines((root / path).read_text(encoding="utf-8")), 1):
            if found := NAMESPACE.match(line):
                namespace = found.group(1)
            elif found := TYPE.match(line):
                name = f"{namespace}::{found.group(1)}"
                here = f"{path}:{number}"
                before = first.setdefault(name, here)
                if before != here and name not in ALLOWED:
                    yield f"{here}: {name} is declared in {before}, too"


if __name__ == "__main__":
    sources.run(__doc__, check)
