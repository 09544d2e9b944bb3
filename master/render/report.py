"""What went wrong in a template, as its author should read it: the template's own line, and no variable's value (S82)."""
import re

import prove_channel
import prove_names

# What Python says of functions that Mako generates: nobody wrote them.
EXPRESSIONS = [
    (r"^(?:flow|plain)\(\) missing .*", "an expression is empty; text that is not for Mako is written <%text>...</%text>"),
    (r"^(?:flow|plain)\(\) got an unexpected keyword argument '(.*)'", r"an assignment is no expression; write <% \1 = ... %>"),
    (r"^(?:flow|plain)\(\) takes .*", "an expression is one value; a list of several is written [a, b]"),
]
CALLS = [
    (r"^render_body\(\) ", "the <%page args> of this template: "),
    (r"^render_body\.<locals>\.", ""),
]
MISSING_PACKAGES = {"mako": "python3-mako", "jinja2": "python3-jinja2"}


class WrongAt(Exception):
    """An error that knows its place. `text` holds no value of a variable."""

    def __init__(self, text, path, line, column=0):
        super().__init__(text)
        self.path = path
        self.line = line
        self.column = column


def entry(path, line, column, text):
    return {"file": path, "line": line, "column": column, "text": text}


def undefined_entry(path, line, column, name, known, hint):
    text = prove_names.with_nearest(f"'{name}' is not defined", name, known)
    if "did you mean" not in text and hint:
        text += "; " + hint
    return entry(path, line, column, text)


def column_of(text, line, word, begin=1):
    """Of a word, from column `begin` on; else of the line's first expression, or of its begin."""
    lines = text.split("\n")
    if not 0 < line <= len(lines):
        return 0
    for pattern in ([rf"\b{re.escape(word)}\b"] if word else []) + [r"\$\{|<%|\{\{|\{%", r"\S"]:
        if found := re.compile(pattern).search(lines[line - 1], begin - 1):
            return found.start() + 1
    return 1


def template_frames(error):
    """(lines, line, column) of every template that the exception came through, outermost first."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        lines = trace.tb_frame.f_globals.get("_prove_lines")
        place = lines.place(trace) if lines is not None else None
        if place is not None:
            frames.append((lines, *place))
        trace = trace.tb_next
    return frames


def contexts_of(frames, path):
    """What brought in the template that is wrong, innermost first."""
    contexts = []
    for lines, line, _ in reversed(frames):
        if lines.path != path:
            contexts.append(f"in a template that {lines.path}:{line} brings in")
            path = lines.path
    return contexts[:5]


def leaves(value, found):
    """Texts and numbers among the names, so that no message repeats one."""
    if isinstance(value, dict):
        for member in dict.values(value):  # which is no read of the template's
            leaves(member, found)
    elif isinstance(value, (list, tuple)):
        for member in value:
            leaves(member, found)
    elif isinstance(value, prove_names.Results):
        leaves(value._given, found)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool) and len(str(value)) > 3:
        found.add(str(value))


def without_values(error, request, template):
    """The exception's type and text, with every value of the target's names taken out that the template does not say."""
    text = str(error)
    own = isinstance(error, (prove_names.MissingName, prove_channel.Refused)) or hasattr(error, "word")
    if isinstance(error, ValueError):
        text = re.sub(r"""(['"]).*\1""", "'...'", text, flags=re.S)
    values = set()
    leaves({name: value for name, value in request["names"].items() if name not in ("target", "probe")}, values)
    for value in sorted(values, key=len, reverse=True):
        if value not in template:
            text = text.replace(value, "...")
    if own:
        return text
    for pattern, words in EXPRESSIONS:
        if re.match(pattern, text):
            return re.sub(pattern, words, text)
    for pattern, words in CALLS:
        text = re.sub(pattern, words, text)
    name = type(error).__name__
    text = f"{name}: {text}" if text else name
    results = request["names"].get("results")
    waits = results._waiting() if isinstance(results, prove_names.Results) else []
    if waits:
        text += (f"; until '{waits[0]}' has run its results are empty, false and without members: write for that, too, as "
                 f"in json.loads(results.{waits[0]}.stdout or '[]')")
    if isinstance(error, OSError) or "can't start new thread" in text:
        text += "; rendering can compute, and nothing else: no files of this machine, no network, no processes"
    return text


def entries_of(error, text, request, engine, frames):
    """The errors, each at its place. `text` says which limit was reached; None for an error of the template's own."""
    if text is None and isinstance(error, WrongAt):
        return [entry(error.path, error.line, error.column, str(error))]
    if text is None and engine is not None and (wrong := engine.wrong_text(error)):
        return wrong
    if place := getattr(error, "place", None):
        return [entry(*place, 0, text)]
    if not frames:
        return [entry(request["path"], 1, 1, text or without_values(error, request, request["text"]))]
    lines, line, column = frames[-1]
    if text is None and (explained := engine.explained(error, lines, set(request["names"]))):
        return explained
    word = getattr(error, "word", "")
    if word or not column:
        column = column_of(lines.text, line, word, column or 1)
    return [entry(lines.path, line, column, text or without_values(error, request, lines.text))]


def report(error, text, request, engine):
    frames = template_frames(error)
    errors = entries_of(error, text, request, engine, frames)
    return {"errors": errors, "contexts": contexts_of(frames, errors[0]["file"])}


def without_package(error, request):
    """An engine that is not installed."""
    package = MISSING_PACKAGES.get((error.name or "").split(".")[0])
    if package is None:
        raise error
    return {"errors": [entry(request["path"], 1, 1, f"rendering this takes Debian's package {package}, which is not there")],
            "contexts": []}
