"""What a rendering read, so that it can be remembered: the same text over the same reads gives the same result.

A read is (kind, path). "value": all that is at this path of the names; "keys": the names of a mapping's members, in their
order; "kind": only what it is, or that it is not there; "template" and "file": which text of the catalog a name means.
What cannot be followed (the clock, chance, the machine, ways around the mappings of prove_names) makes it unrepeatable.
"""
import builtins
import dis
import re

# Modules whose functions give the same for the same arguments. Whatever else a template imports, it is rendered anew.
PURE_MODULES = set(
    "__future__ abc base64 binascii bisect cmath collections contextlib copy csv dataclasses decimal difflib encodings enum fractions "
    "functools hashlib heapq hmac html ipaddress itertools json mako math numbers operator pprint prove_names re shlex "
    "string struct textwrap types typing unicodedata urllib.parse zlib".split())
# Built-in functions that look beyond the names, or get at the members of a mapping without asking it.
BEYOND_NAMES = {"open", "eval", "exec", "compile", "id", "hash", "memoryview", "breakpoint", "__import__",
                "__builtins__", "__loader__"}
CONTEXT_NAME = re.compile(r"context(?:\.get\(|\[)['\"](\w+)['\"]")  # Mako's generated code asks for names so
ADDRESS = re.compile(r" at 0x[0-9a-f]{6,}>")
_import = builtins.__import__


class Reads:
    def __init__(self):
        self.noted = {}
        self.repeatable = True

    def note(self, kind, path):
        self.noted[kind, path] = None

    def result(self):
        return [[kind, *path] for kind, path in self.noted]


class Current:
    """The reads of the request that is being rendered; a worker has one at a time."""

    reads = Reads()


def _importing(name, globals=None, locals=None, fromlist=(), level=0):
    # What a module that we let pass imports itself is its own affair.
    asks = globals is None or "_prove_lines" in globals
    if asks and not _is_pure(name):
        Current.reads.repeatable = False
    return _import(name, globals, locals, fromlist, level)


def _is_pure(name):
    return name in PURE_MODULES or name.split(".")[0] in PURE_MODULES


def begin():
    builtins.__import__ = _importing
    Current.reads = Reads()
    return Current.reads


def is_followed(code, source=""):
    """Whether generated code gets at its names only in ways that are noted."""
    if not BEYOND_NAMES.isdisjoint(CONTEXT_NAME.findall(source)):
        return False
    return all(_is_followed(one) for one in codes(code))


def codes(code):
    yield code
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            yield from codes(constant)


def _is_followed(code):
    before = None
    for instruction in dis.get_instructions(code):
        name = instruction.argval
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME") and name in BEYOND_NAMES:
            return False
        if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            if name.startswith("__") and name.endswith("__"):
                return False
            if before in ("dict", "object", "super") and name != "fromkeys":  # dict.get(vars, ...) does not ask vars
                return False
        if instruction.opname.startswith("LOAD_") and instruction.opname != "LOAD_CONST":
            before = name
        elif instruction.opname not in ("PRECALL", "PUSH_NULL"):
            before = None
    return True
