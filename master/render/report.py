"""What went wrong in a template, as its author should read it: the template's own line, and no variable's value (S82)."""
import builtins
import re

import prove_names
from mako import exceptions
from mako import lexer as mako_lexer

MODULE_NAMES = {"context", "loop", "self", "local", "parent", "next", "caller", "capture", "UNDEFINED", "pageargs"}


class Refused(Exception):
    """The other side would not give a template, a file or targets."""


class WrongPython(Exception):
    def __init__(self, text, path, line):
        super().__init__(text)
        self.path = path
        self.line = line


def wrong_python(error, lines):
    """A SyntaxError of generated code, at the template's line."""
    return WrongPython(f"wrong Python: {error.msg}", lines.path, lines.at(error.lineno or 1)[0])


def template_frames(error):
    """(lines, template line) of every template that the exception came through, outermost first."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        lines = trace.tb_frame.f_globals.get("_prove_lines")
        if lines is not None:
            frames.append((lines, lines.at(trace.tb_lineno)[0]))
        trace = trace.tb_next
    return frames


def shell_hint(path):
    if path.endswith((".yml", ".yaml", ".yml.mako", ".yaml.mako")):
        return "text that is not for Mako is written <%text>...</%text>, or in a file named '.plain.yml'"
    return "text that is not for Mako is written <%text>...</%text>"


def column_of(text, line, word):
    lines = text.split("\n")
    if not 0 < line <= len(lines):
        return 0
    found = re.search(rf"\b{re.escape(word)}\b", lines[line - 1]) if word else re.search(r"\$\{|<%|%|\S", lines[line - 1])
    return found.start() + 1 if found else 1


def entry(path, line, column, text):
    return {"file": path, "line": line, "column": column, "text": text}


def walk(nodes):
    for node in nodes:
        yield node
        yield from walk(getattr(node, "nodes", []))


def undefined_names(lines, known):
    """Every name of a template that nobody defines, each at its first use."""
    tree = mako_lexer.Lexer(lines.text, lines.path).parse()
    nodes = [node for node in walk(tree.nodes) if hasattr(node, "undeclared_identifiers")]
    declared = set().union(*(node.declared_identifiers() for node in nodes)) if nodes else set()
    entries = {}
    for node in nodes:
        for name in sorted(set(node.undeclared_identifiers()) - declared - known):
            if name in entries or hasattr(builtins, name) or name in MODULE_NAMES:
                continue
            line = node.lineno
            while line < lines.text.count("\n") + 1 and not re.search(
                    rf"\b{re.escape(name)}\b", lines.text.split("\n")[line - 1]):
                line += 1
            entries[name] = (line, column_of(lines.text, line, name))
    result = []
    for name, (line, column) in entries.items():
        text = prove_names.with_nearest(f"'{name}' is not defined", name, known)
        if "did you mean" not in text:
            text += "; " + shell_hint(lines.path)
        result.append(entry(lines.path, line, column, text))
    return result


def compile_error(error):
    text = re.sub(r" (?:in file '.*'|) ?at line: \d+ char: \d+$", "", str(error), flags=re.S)
    column = error.pos
    control = re.match(r"(?:Fragment|Invalid control line:) '(.*)'(?: is not a partial control statement)?$", text, re.S)
    if control:
        text = f"Mako takes the line '% {control[1]}' for one that begins a block of Python, such as '% if x:'"
        column = column_of(error.source, error.lineno, None)
    python = re.match(r"\(SyntaxError\) (.*?)(?: \(<unknown>, line \d+\))? \((.*)\)$", text, re.S)
    if python:
        text = f"wrong Python: {python[1]} in {python[2]}"
    return [entry(error.filename, error.lineno, column, f"{text}; {shell_hint(error.filename)}")]


def leaves(value, found):
    """Texts and numbers among the names, so that no message repeats one."""
    if isinstance(value, dict):
        for member in value.values():
            leaves(member, found)
    elif isinstance(value, (list, tuple)):
        for member in value:
            leaves(member, found)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool) and len(str(value)) > 3:
        found.add(str(value))


def without_values(error, request, template):
    """The exception's type and text, with every value of the target's names taken out that the template does not say."""
    text = str(error)
    own = isinstance(error, (prove_names.MissingName, Refused))
    if isinstance(error, ValueError):
        text = re.sub(r"""(['"]).*\1""", "'...'", text, flags=re.S)
    values = set()
    leaves({name: value for name, value in request["names"].items() if name not in ("target", "probe")}, values)
    for value in sorted(values, key=len, reverse=True):
        if value not in template:
            text = text.replace(value, "...")
    if own:
        return text
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def describe(error, text, request):
    if isinstance(error, (exceptions.SyntaxException, exceptions.CompileException)) and text is None:
        return compile_error(error), []
    if isinstance(error, WrongPython):
        return [entry(error.path, error.line, 0, f"{error}; {shell_hint(error.path)}")], []
    if isinstance(error, UnicodeEncodeError) and text is None:
        text = "the rendered text is not UTF-8"
    frames = template_frames(error)
    if not frames:
        return [entry(request["path"], 1, 1, text or without_values(error, request, request["text"]))], []
    lines, line = frames[-1]
    contexts = []
    for (outer, at), (inner, _) in zip(reversed(frames[:-1]), reversed(frames[1:])):
        if outer is not inner:
            contexts.append(f"in a template that {outer.path}:{at} brings in")
    if isinstance(error, NameError) and text is None and str(error).endswith("' is not defined"):
        known = set(request["names"])
        undefined = undefined_names(lines, known)
        if undefined:
            return undefined, contexts[:5]
    word = getattr(error, "word", "")
    text = text or without_values(error, request, lines.text)
    return [entry(lines.path, line, column_of(lines.text, line, word), text)], contexts[:5]


def report(error, text, request):
    errors, contexts = describe(error, text, request)
    return {"errors": errors, "contexts": contexts}
