#!/usr/bin/python3
"""Who may include whom: every #include of the product against layers.txt.

Refused are an include of a room that is not listed, a third-party header outside its fence, a header that nobody here
knows, and a room that the list does not have. A header that shows a fenced library (itself or through another of its
room) may be included by its own room only: the library would come along.
"""

import re

import sources

FENCED = {
    "nlohmann": "nlohmann", "sodium.h": "sodium", "sodium": "sodium", "spdlog": "spdlog", "fmt": "spdlog",
    "yaml-cpp": "yaml-cpp", "yaml.h": "libyaml", "zmq.h": "zmq", "zmq.hpp": "zmq", "zmq_addon.hpp": "zmq", "boost": "boost", "date": "date",
    "systemd": "systemd", "CLI": "CLI", "sqlite3.h": "sqlite3", "zlib.h": "zlib", "libpq-fe.h": "libpq",
}
SYSTEM_FOLDERS = {"sys", "linux", "netinet", "arpa", "net", "asm"}
SYSTEM_HEADERS = set("""
    dirent.h errno.h fcntl.h grp.h ifaddrs.h limits.h mntent.h netdb.h poll.h pthread.h pwd.h regex.h sched.h shadow.h
    signal.h spawn.h stdint.h stdio.h stdlib.h string.h syslog.h termios.h time.h unistd.h utmpx.h crypt.h locale.h
    fnmatch.h glob.h wordexp.h getopt.h malloc.h
""".split())
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Layers:
    def __init__(self, text):
        self.rooms, self.fences = {}, {}
        for line in text.splitlines():
            line = line.split("#")[0].strip()
            if not line:
                continue
            names, rest = line.split(":", 1)
            allowed, _, fence = rest.partition("|")
            for name in (n.strip() for n in names.split(",")):
                self.rooms[name] = allowed.split()
                self.fences[name] = set(fence.split())

    def allows(self, room, other):
        return room == other or any(a in ("*", other, other.split("/")[0]) for a in self.rooms[room])


def room_of(path):
    parts = path.parts if hasattr(path, "parts") else tuple(path.split("/"))
    return "proto" if parts[0] == "proto" else "/".join(parts[:2])


def includes(root, path):
    for number, line in enumerate(sources.code_lines((root / path).read_text(encoding="utf-8")), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1) == "<", match.group(2)


def third_party(name):
    """The fence that a <header> belongs to, '' for the language's and the system's own, None for an unknown one."""
    first = name.split("/")[0]
    if first in FENCED:
        return FENCED[first]
    if first in SYSTEM_FOLDERS and "/" in name or name in SYSTEM_HEADERS:
        return ""
    return "" if "." not in name and "/" not in name else None


def showing_headers(root, all_includes):
    """Headers that bring a fenced library along, and which."""
    showing = {}
    changed = True
    while changed:
        changed = False
        for path, entries in all_includes.items():
            if path.suffix != ".hpp":
                continue
            for _, angled, name in entries:
                library = third_party(name) if angled else showing.get(name)
                if library and str(path) not in showing:
                    showing[str(path)] = library
                    changed = True
    return showing


def check(root):
    layers = Layers((root / "tests/tools/layers.txt").read_text(encoding="utf-8"))
    all_includes = {path: list(includes(root, path)) for path in sources.files(root)}
    showing = showing_headers(root, all_includes)
    for path, entries in all_includes.items():
        room = room_of(path)
        if room not in layers.rooms:
            yield f"{path}: layers.txt has no room '{room}'"
            continue
        for number, angled, name in entries:
            where = f"{path}:{number}"
            if angled:
                library = third_party(name)
                if library is None:
                    yield f"{where}: <{name}> is no header that this project knows"
                elif library and library not in layers.fences[room]:
                    yield f"{where}: {room} may not include <{name}>: {library} is not in its fence"
                continue
            other = room_of(name)
            if not (root / name).exists():
                yield f"{where}: there is no \"{name}\"; includes are written from the top of the tree"
            elif not layers.allows(room, other):
                yield f"{where}: {room} may not include {other}"
            elif name in showing and other != room:
                yield f"{where}: \"{name}\" brings {showing[name]} along; only {other} may include it"


if __name__ == "__main__":
    sources.run(__doc__, check)
