"""Frames between a render worker and the program that started it, over descriptor 3: a length (4 bytes, big-endian) and
JSON. While it renders, a worker may ask ({"ask": ...}) for a template, a file's text or targets, and gets one answer.
"""
import json
import os

import prove_names
import prove_reads

CHANNEL = 3


class Refused(Exception):
    """The other side would not give a template, a file or targets."""


class Missing(Refused):
    """What was asked for is not there."""


def read_exactly(size):
    pieces = []
    while size:
        piece = os.read(CHANNEL, min(size, 1 << 20))
        if not piece:
            os._exit(0)
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def receive(hook=None):
    return json.loads(read_exactly(int.from_bytes(read_exactly(4), "big")), object_pairs_hook=hook)


def send(message):
    data = json.dumps(message, ensure_ascii=False).encode("utf-8")
    data = len(data).to_bytes(4, "big") + data
    while data:
        data = data[os.write(CHANNEL, data):]


def ask(kind, **what):
    """One question to the other side; what it refuses is an error at the template's line that asked."""
    if kind != "targets":
        prove_reads.Current.reads.note(kind, (str(what["name"]), what["asked_by"]))
    send({"ask": kind, **what})
    answer = receive(prove_names.Names)
    if "refused" in answer:
        raise (Missing if answer["missing"] else Refused)(answer["refused"])
    return answer
