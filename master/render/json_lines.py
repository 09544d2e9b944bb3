"""Values of Python files to lines of JSON, each with the place in the file that made it."""
import json

import prove_names
import prove_report
from prove_builder import Made, State

DEEPEST = 60


class Writer:
    def __init__(self, path, limit):
        self.path = path
        self.limit = self.room = limit
        self.text = []
        self.places = []  # line and column of each line, flat

    def wrong(self, text, place):
        raise prove_report.WrongAt(text, self.path, *place)

    def line(self, text, place):
        self.room -= len(text) + 1
        if self.room < 0:
            self.wrong(f"gives more than {self.limit >> 20} MiB of text, the most that one file may", place)
        self.text.append(text)
        self.places += place

    def write(self, value, place, before="", after=""):
        """`before` has the indentation, and the key where there is one."""
        if isinstance(value, Made):
            place = value.place if not before.strip() else place
        if isinstance(value, prove_names.Results):
            value = value._whole()
        indent = before[:len(before) - len(before.lstrip(" "))]
        if len(indent) > DEEPEST:
            self.wrong("this is nested too deeply, or holds itself", place)
        if isinstance(value, dict):
            self.line(f"{before}{{", place)
            last = len(value) - 1
            for at, (key, member) in enumerate(value.items()):
                here = key_place(value, key, member, place)
                name = self.scalar(key, here, "a key is a text, found ")
                self.write(member, here, f"{indent} {name}: ", "," if at < last else "")
            self.line(f"{indent}}}{after}", place)
        elif isinstance(value, (list, tuple)):
            self.line(f"{before}[", place)
            for at, member in enumerate(value):
                self.write(member, place, indent + " ", "," if at + 1 < len(value) else "")
            self.line(f"{indent}]{after}", place)
        else:
            self.line(f"{before}{self.scalar(value, place)}{after}", place)

    def scalar(self, value, place, only_text=""):
        if isinstance(value, State):
            value = value.id
        if isinstance(value, prove_names.Secret):
            value = value._hole
        if isinstance(value, str):
            try:
                value.encode("utf-8")
            except UnicodeEncodeError:
                self.wrong("a text is not UTF-8", place)
            return json.dumps(str(value), ensure_ascii=False)
        if only_text:
            self.wrong(only_text + type(value).__name__, place)
        if isinstance(value, int) and not -2**63 <= value < 2**63:
            self.wrong("a number must fit into 64 bits", place)
        if value is None or isinstance(value, (bool, int)):
            return json.dumps(value)
        if isinstance(value, float) and abs(value) < float("inf"):
            return json.dumps(value)
        if isinstance(value, float):
            self.wrong("a number must be finite", place)
        if isinstance(value, prove_names.Nothing):
            value._fail("facts")
        if isinstance(value, (set, frozenset)):
            self.wrong("a set has no order; write sorted(...) to make a list of it", place)
        self.wrong("a value is a text, number, boolean, None, list or dict, found " + type(value).__name__, place)


def key_place(mapping, key, member, place):
    """Where a key was written; else where its value was; else where the mapping is."""
    if isinstance(mapping, Made) and key in mapping.keys_at:
        return mapping.keys_at[key]
    return member.place if isinstance(member, (Made, State)) else place
