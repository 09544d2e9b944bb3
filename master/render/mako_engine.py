"""Mako: compiles and renders templates, with the place of everything they write; and says what is wrong in their text."""
import ast
import builtins
import re
import sys
import types

import prove_channel
import prove_names
import prove_reads
import prove_record
import prove_report
from mako import exceptions
from mako import lexer as mako_lexer
from mako import template as mako_template
from mako.lookup import TemplateCollection
from mako.runtime import Context

TAGS = ("block", "call", "def", "doc", "include", "inherit", "namespace", "page", "text")
# Mako's words for what it finds, and ours.
WORDS = [
    (r"(?:Fragment|Invalid control line:) '(.*)'(?: is not a partial control statement)?$",
     "Mako takes the line '% {0}' for one that begins a block of Python, such as '% if x:'"),
    (r"Unterminated control keyword: '(\w+)'", "'% {0}' is without its '% end{0}'"),
    (r"No starting keyword '(\w+)' for '(\w+)'", "'% {1}' is without its '% {0}'"),
    (r"Keyword '(\w+)' doesn't match keyword '(\w+)'", "'% {0}' cannot end '% {1}'"),
    (r"Invalid attributes? for tag '(\w+)': (.*)", "<%{0}> has no attribute {1}"),
    (r"Missing attribute\(s\): (.*)", "this tag needs the attribute {0}"),
    (r"Unclosed tag: <%(\w+)>", "<%{0}> is not closed"),
    (r"No such tag: '(\w+)'", "there is no tag <%{0}>"),
    (r"Expected: .*\}", "an expression '${{' is without its '}}'"),
    (r"Expected: .*%>", "'<%' is without its '%>'"),
]
MODULE_NAMES = {"context", "loop", "self", "local", "parent", "next", "caller", "capture", "UNDEFINED", "pageargs"}


class Lines:
    """For one compiled template: generated line -> (template line, whether it writes the template's own text)."""

    def __init__(self, path, text, source):
        self.path = path
        self.text = text
        self.map = mako_template.ModuleInfo.get_module_source_metadata(source, full_line_map=True)["full_line_map"]
        lines = [line.lstrip() for line in source.split("\n")]
        self.literal = [line.startswith(("__M_writer('", '__M_writer("')) for line in lines]
        self.written = [line.startswith("__M_writer(") and not literal for line, literal in zip(lines, self.literal)]
        self.codes = {}  # by id: what was generated, and stays
        self.known = {}  # (id of code, instruction) -> what at() gave

    def keep(self, code):
        self.codes = {id(one): one for one in prove_reads.codes(code)}

    def at(self, generated):
        at = min(generated, len(self.map)) - 1
        return self.map[at], self.literal[generated - 1]

    def of(self, frame):
        """at() of where a frame stands. Python finds the line of an instruction by counting from the code's first one."""
        key = (id(frame.f_code), frame.f_lasti)
        found = self.known.get(key)
        if found is None:
            found = self.at(frame.f_lineno)
            if key[0] in self.codes:  # not what a template makes by exec(), whose id another may have next time
                self.known[key] = found
        return found

    def place(self, trace):
        """The line; and the column where it is an expression's: the nth that is written is the nth of its line."""
        generated = trace.tb_lineno
        line = self.at(generated)[0]
        earlier = sum(self.written[at] and self.map[at] == line for at in range(min(generated, len(self.map)) - 1))
        columns = [found.start() + 1 for found in re.finditer(r"\$\{", self.text.split("\n")[line - 1])]
        return line, columns[earlier] if self.written[generated - 1] and earlier < len(columns) else 0


CODE = {}  # (path, text, filter) -> generated source and code: text of the catalog, nothing of a target


def compile_text(template, text, path):
    """Mako's own, but generated code is kept, and run anew for each render: its module must not carry data over."""
    key = (path, text, template.default_filters[0])
    if key not in CODE:
        source, _ = mako_template._compile(template, text, path, generate_magic_comment=False)
        lines = Lines(path, text, source)
        try:
            code = compile(source, template.module_id, "exec")
            lines.keep(code)
            CODE[key] = (source, code, lines, prove_reads.is_followed(code, source))
        except SyntaxError as error:
            raise prove_report.WrongAt(f"wrong Python: {error.msg}; {hint(path)}", path,
                                       lines.at(error.lineno or 1)[0]) from None
    source, code, lines, is_followed = CODE[key]
    prove_reads.Current.reads.repeatable &= is_followed
    module = types.ModuleType(template.module_id)
    module.__dict__["_prove_lines"] = lines
    exec(code, module.__dict__, module.__dict__)
    return source, module


mako_template._compile_text = compile_text


class Catalog(TemplateCollection):
    """Where <%include>, <%inherit> and <%namespace> find templates: at the other side, which checks the name (S80)."""

    def __init__(self, default_filter):
        self.default_filter = default_filter
        self.found = {}

    def adjust_uri(self, uri, relativeto):
        answer = prove_channel.ask("template", name=str(uri), asked_by=relativeto)
        self.found[answer["path"]] = answer["text"]
        return answer["path"]

    def get_template(self, uri, relativeto=None):
        return self.make(uri, self.found[uri])

    def make(self, path, text):
        return mako_template.Template(
            text=text, filename=path, uri=path, lookup=self, strict_undefined=True,
            default_filters=[self.default_filter],
            imports=["from prove_names import flow as _prove_flow, plain as _prove_plain"])


class Writer(prove_record.Recorder):
    """The output buffer of Mako's generated code, whose line says which line of the template writes."""

    def write(self, text):
        frame = sys._getframe(1)
        while frame is not None and "_prove_lines" not in frame.f_globals:
            frame = frame.f_back
        lines = frame.f_globals["_prove_lines"]
        self.add(text, lines.path, *lines.of(frame))


def render(request, names):
    catalog = Catalog("_prove_flow" if request["yaml"] else "_prove_plain")
    writer = Writer(request["output"])
    template = catalog.make(request["path"], request["text"])
    template.render_context(Context(writer, **names, yaml=prove_names.yaml))
    return writer.result()


def hint(path):
    if path.endswith((".yml", ".yaml", ".yml.mako", ".yaml.mako")):
        return "text that is not for Mako is written <%text>...</%text>, or in a file named '.plain.yml'"
    return "text that is not for Mako is written <%text>...</%text>"


def wrong_text(error):
    """Errors that Mako finds in a text before it runs; None for others."""
    if not isinstance(error, (exceptions.SyntaxException, exceptions.CompileException)):
        return None
    text = re.sub(r" (?:in file '.*'|) ?at line: \d+ char: \d+$", "", str(error), flags=re.S)
    line, column = error.lineno, error.pos
    for pattern, words in WORDS:
        if match := re.match(pattern, text, re.S):
            text = words.format(*match.groups())
    if forgotten := re.match(r"Mako takes the line '% ((?:for|while|if|elif|with|try|except)\b.*[^:])' for", text):
        text = f"'% {forgotten[1]}' is without the ':' at its end"
        column = prove_report.column_of(error.source, line, None)
    if text.startswith("Mako takes"):
        column = prove_report.column_of(error.source, line, None)
    if match := re.match(r"<%(\w+)> is not closed", text):
        line, column = last_place(error.source, "<%" + match[1])
    if match := re.match(r"there is no tag <%(\w+)>", text):
        text = prove_names.with_nearest(text, match[1], TAGS)
    if match := re.match(r"\((?:Syntax|Indentation|Tab)Error\) (.*?)(?: \(<unknown>, line (\d+)\))? \((.*)\)$", text, re.S):
        code = ast.literal_eval(match[3]).split("\n")
        wrong = re.sub(":pass$", ":", code[min(int(match[2] or 1), len(code)) - 1].strip())
        text = f"wrong Python: {match[1]} in '{wrong}'"
        if len(code) > 1:
            line, column = place_from(error.source, line, wrong)
    if "did you mean" not in text:
        text += "; " + hint(error.filename)
    return [prove_report.entry(error.filename, line, column, text)]


def last_place(text, word):
    before = text[:text.rfind(word)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def place_from(text, line, word):
    """The first line from `line` on that has `word`, and its column there."""
    lines = text.split("\n")
    for at in range(line - 1, len(lines)):
        if word and word in lines[at]:
            return at + 1, lines[at].index(word) + 1
    return line, 1


def walk(nodes):
    for node in nodes:
        yield node
        yield from walk(getattr(node, "nodes", []))


def traces(error):
    trace = error.__traceback__
    while trace is not None:
        yield trace
        trace = trace.tb_next


def explained(error, lines, known):
    """Every name of a template that nobody defines, each at its first use; None where the error is another one."""
    frames = [trace for trace in traces(error) if "_prove_lines" in trace.tb_frame.f_globals]
    if frames and frames[-1].tb_frame.f_code.co_name == "<module>" and isinstance(error, (NameError, AttributeError)):
        line, column = lines.place(frames[-1])
        text = f"{error}; in <%! ... %> there are no names of a target: they are in <% ... %>"
        return [prove_report.entry(lines.path, line, column or 1, text)]
    if not isinstance(error, NameError) or not str(error).endswith("' is not defined"):
        return None
    tree = mako_lexer.Lexer(lines.text, lines.path).parse()
    nodes = [node for node in walk(tree.nodes) if hasattr(node, "undeclared_identifiers")]
    declared = set().union(*(node.declared_identifiers() for node in nodes)) if nodes else set()
    known = known | {"yaml"}
    entries = {}
    for node in nodes:
        for name in sorted(set(node.undeclared_identifiers()) - declared - known):
            if name in entries or hasattr(builtins, name) or name in MODULE_NAMES:
                continue
            line = node.lineno
            while line < lines.text.count("\n") + 1 and not re.search(
                    rf"\b{re.escape(name)}\b", lines.text.split("\n")[line - 1]):
                line += 1
            entries[name] = (line, prove_report.column_of(lines.text, line, name))
    return [prove_report.undefined_entry(lines.path, line, column, name, known, hint(lines.path))
            for name, (line, column) in entries.items()]
