"""What templates see: mappings whose members are attributes, and how values are written into rendered text.

Only plain values get here (S81): they came as JSON and nothing in them is ever rendered again. No error text of this
file holds a value, only names (S82).
"""
import copy
import json
import re


class MissingName(AttributeError, KeyError):
    """A name that a mapping does not have; `word` is what to underline in the template's line."""

    def __init__(self, word, explain):
        super().__init__(word)
        self.word = word
        self._explain = explain

    @property
    def text(self):
        return self._explain()  # looking for the nearest name takes long, and most are caught: `default` of Jinja

    def __str__(self):
        return self.text


def nearest(word, candidates):
    import difflib  # only where something is wrong: it costs 2 ms

    found = difflib.get_close_matches(word, [name for name in candidates if isinstance(name, str)], 1, 0.5)
    return found[0] if found else None


def with_nearest(text, word, candidates):
    found = nearest(word, candidates)
    return f"{text}; did you mean '{found}'?" if found else text


class OnlyPrinted(TypeError):
    """Something else than printing was done with a value that is not known before the run."""

    word = ""


class Later:
    """An output of another state (!out): known only during the run. It prints as the hole that the target will fill."""

    __slots__ = ("_hole",)

    def __init__(self, hole):
        self._hole = hole


def _only_printed(self, *_):
    raise OnlyPrinted("this is the output of a state, known only during the run: a template can print it as it is, and "
                      "nothing else; where it decides something, let a condition of the state ask for it")


for _name in ("str repr format bytes bool int float index len iter next contains getitem getattr hash call eq ne lt le gt "
              "ge add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow neg abs round and or "
              "xor html").split():
    setattr(Later, f"__{_name}__", _only_printed)


class Secret(Later):
    """A secret, or a text with secrets in it: it prints as the text with marks, which the target will fill (S91)."""

    __slots__ = ()


def _only_printed_secret(self, *_):
    raise OnlyPrinted("this is a secret: a template can print it as it is, and nothing else; where it decides something, "
                      "let a variable beside it say so")


class Mark(str):
    """What a secret became: text that no filter may change."""

    __slots__ = ()


for _name in [name for name in Later.__dict__ if name.startswith("__") and Later.__dict__[name] is _only_printed]:
    setattr(Secret, _name, _only_printed_secret)
for _name in ("encode strip lstrip rstrip replace translate lower upper title capitalize swapcase casefold center ljust "
              "rjust zfill expandtabs partition __html__").split():
    setattr(Mark, _name, _only_printed_secret)


class Names(dict):
    """A mapping whose members are attributes too. Python's own methods (items, get ...) win over members.

    It notes what is read of it: `_path` is where it stands among the names, `_reads` where its reads go; None where what
    holds it was read whole already. A list is read whole as soon as it is reached.
    """

    __slots__ = ("_path", "_reads")

    def __new__(cls, pairs=()):
        """From JSON, as a list of pairs: a hole is no mapping."""
        if isinstance(pairs, list) and len(pairs) == 1 and pairs[0][0] in ("$hole", "$secret"):
            return (Later if pairs[0][0] == "$hole" else Secret)(pairs[0][1])
        names = super().__new__(cls)
        names._path = names._reads = None
        return names

    def _name(self):
        return ".".join(self._path) if self._path else "this mapping"

    def _note(self, kind):
        if self._reads is not None:
            self._reads.note(kind, self._path)

    def _note_member(self, key):
        if self._reads is not None:
            self._reads.note("kind", (*self._path, str(key)))

    def __missing__(self, key):
        def explain():
            return with_nearest(f"{self._name()} has no '{key}'", str(key), self)
        self._note_member(key)
        raise MissingName(str(key), explain)

    def __getattr__(self, key):
        if key.startswith("__"):
            raise AttributeError(key)
        return self[key]

    def __getitem__(self, key):
        value = super().__getitem__(key)
        if type(value) is Names or type(value) is Nothing:
            if value._path is None:
                value._path = (*(self._path or ("this mapping",)), str(key))
                value._reads = self._reads
            if self._reads is not None:
                # C code takes an empty one for granted without asking it.
                self._reads.note("kind" if type(value) is Names and dict.__len__(value) else "value", value._path)
        elif self._reads is not None:
            self._reads.note("value", (*self._path, key))
        return value

    def get(self, key, default=None):
        if dict.__contains__(self, key):
            return self[key]
        self._note_member(key)
        return default

    def __contains__(self, key):
        self._note_member(key)
        return super().__contains__(key)

    def setdefault(self, key, default=None):
        self.get(key)
        return super().setdefault(key, default)

    def pop(self, key, *default):
        self.get(key)
        return super().pop(key, *default)

    def __deepcopy__(self, memo):
        self._note("value")
        return Names([(key, copy.deepcopy(value, memo)) for key, value in dict.items(self)])

    def __reduce_ex__(self, protocol):
        self._note("value")
        return Names, (list(dict.items(self)),)


def _noting(name, kind):
    method = getattr(dict, name)

    def noting(self, *arguments):
        self._note(kind)
        return method(self, *arguments)
    noting.__name__ = name
    return noting


for _name in "__iter__ __len__ __reversed__ keys".split():
    setattr(Names, _name, _noting(_name, "keys"))
for _name in "items values popitem copy __eq__ __ne__ __or__ __ror__ __repr__".split():
    setattr(Names, _name, _noting(_name, "value"))


class Nothing:
    """Facts of a target that was never seen: reading into them is an error that names the target."""

    __slots__ = ("_path", "_reads", "_target")

    def __init__(self, target):
        self._target = target
        self._path = ("facts",)
        self._reads = None

    def __bool__(self):
        return False

    def __eq__(self, other):
        return other is None

    __hash__ = None

    def _fail(self, key):
        raise MissingName(str(key), lambda: f"target '{self._target}' was never seen, so its facts are not known ('{key}')")

    def __getattr__(self, key):
        if key.startswith("__"):
            raise AttributeError(key)
        self._fail(key)

    def __getitem__(self, key):
        self._fail(key)


class Probes:
    """`probe`: booleans by name. While names are collected, a name not known yet is false and noted."""

    def __init__(self, answers, collect, reads):
        self._answers = answers
        self._collect = collect
        self._reads = reads
        self._read = []

    def __getattr__(self, key):
        if key.startswith("__"):
            raise AttributeError(key)
        return self[key]

    def __getitem__(self, key):
        self._reads.note("value", ("probe", str(key)))
        if key in self._answers:
            return self._answers[key]
        if not self._collect:
            text = (f"probe '{key}' is not declared by this state" if self._answers else
                    f"there is no probe '{key}' here; a state declares its own, and variables have none")
            raise MissingName(str(key), lambda: with_nearest(text, str(key), self._answers))
        if key not in self._read:
            self._read.append(key)
        return False


class Waiting:
    """The results of a state that has not run yet, and whatever is made of them: empty. What prints it shows a mark, by
    which the compiler finds who prints it: only the states that wait may."""

    __slots__ = ("_mark",)

    def __init__(self, name):
        self._mark = "prove-waits-for-results-of-" + re.sub(r"[^A-Za-z0-9_./-]", "-", name)

    def __getattr__(self, key):
        if key.startswith("__"):
            raise AttributeError(key)
        return self

    def __str__(self):
        return self._mark

    def __iter__(self):
        return iter(())

    def __hash__(self):
        return hash(self._mark)


for _name in ("add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow neg abs round and or call "
              "getitem").split():
    setattr(Waiting, f"__{_name}__", lambda self, *_, **__: self)
for _name in ("bool", "contains", "eq", "lt", "le", "gt", "ge"):
    setattr(Waiting, f"__{_name}__", lambda self, *_: False)
for _name in ("len", "int", "index"):
    setattr(Waiting, f"__{_name}__", lambda self: 0)
Waiting.__ne__ = lambda self, other: True
Waiting.__float__ = lambda self: 0.0
Waiting.__repr__ = Waiting.__str__
Waiting.__format__ = lambda self, spec: self._mark


class Results:
    """`results`: what the states gave that a late state waits for. In a state file, where other states may wait for
    others, names that are not there stand for what has not come yet, and are noted."""

    def __init__(self, given, waits, reads):
        self._given = given
        self._waits = waits
        self._reads = reads
        self._read = []
        for name, result in given.items():
            if isinstance(result, Names):
                result._path, result._reads = ("results", name), reads

    def _whole(self):
        self._reads.note("value", ("results",))
        return self._given

    def _waiting(self):
        return [name for name in self._read if name not in self._given]

    def __getattr__(self, key):
        if key.startswith("__"):
            raise AttributeError(key)
        return self[key]

    def __getitem__(self, key):
        if self._waits and key not in self._read:
            self._read.append(key)
        result = self._given.get(key)
        self._reads.note("kind" if isinstance(result, Names) and dict.__len__(result) else "value", ("results", str(key)))
        if key in self._given:
            return result
        if self._waits:
            return Waiting(str(key))
        text = f"results has no '{key}'"
        if not self._given:
            text += ": a state has the results of others only where it says 'late: true'"
        raise MissingName(str(key), lambda: with_nearest(text, str(key), self._given))


class Written(str):
    """Text that an expression became by itself, which still knows its value: for the filter `yaml` after it."""

    __slots__ = ("value",)


def _json(value):
    text = json.dumps(value, ensure_ascii=False, default=_refuse)
    for character in "\x7f\x85\u2028\u2029":  # legal in JSON, line breaks or not printable in YAML
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _refuse(value):
    if isinstance(value, Nothing):
        value._fail("facts")
    if isinstance(value, (set, frozenset)):
        raise TypeError("a set has no order; write sorted(...) to make a list of it")
    if isinstance(value, Secret):
        return value._hole
    return str(value)


def flow(value):
    """The default filter of state and variable files: YAML flow values, and strings as they are."""
    if type(value) is str:
        return value
    if isinstance(value, Secret):
        return Mark(value._hole)
    written = Written(_flow_text(value))
    written.value = value
    return written


def _flow_text(value):
    if isinstance(value, (str, Waiting)):
        return str(value)
    if value is None or isinstance(value, (bool, int, float)):
        return _scalar(value)
    if isinstance(value, (list, tuple, dict)):
        return _json(value)
    if callable(value):
        name = getattr(value, "__name__", "")
        raise TypeError(f"'{name}' is a function here; a member of that name is written ['{name}']")
    return str(_refuse(value))


def _scalar(value):
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, float) and value != value:
        return ".nan"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    return repr(value) if type(value) in (int, float) else str(value)


def plain(value):
    """The default filter of managed files: Mako's own, str()."""
    if type(value) is str:
        return value
    if isinstance(value, Nothing):
        value._fail("facts")
    if isinstance(value, Secret):
        return Mark(value._hole)
    if isinstance(value, Later):
        return value._hole
    written = Written(str(value))
    written.value = value
    return written


def yaml(value):
    """${x | yaml}: quoted where it is a string, a flow value otherwise; safe in any YAML."""
    if isinstance(value, Secret):
        value = value._hole
    value = getattr(value, "value", value)
    return _json(str(value)) if isinstance(value, str) else _flow_text(value)
