"""Jinja2: compiles and renders templates, with the place of everything they write; and says what is wrong in their text.

Jinja itself knows lines for errors only. So the code that it generates is made to hand every piece of output over with
its line, as a `Placed` text, which keeps its places through macros, call blocks and inherited blocks.
"""
import re

import jinja2
import jinja2.compiler
import jinja2.defaults
import jinja2.ext
import jinja2.loaders
import jinja2.meta
import jinja2.nodes
import jinja2.runtime
import prove_channel
import prove_names
import prove_reads
import prove_record
import prove_report


class Placed(str):
    """Text that knows where it was written: [(text, path, line, whether it is the template's own)]."""

    __slots__ = ("pieces",)

    def __str__(self):
        return self


def placed(pieces):
    text = Placed("".join([piece[0] for piece in pieces]))
    text.pieces = pieces
    return text


def concat(texts):
    """Jinja's, for what macros and blocks give; a text of nobody knows its place belongs to who writes the whole."""
    texts = list(texts)
    if not any(isinstance(text, Placed) for text in texts):
        return "".join(texts)
    pieces = []
    for text in texts:
        pieces += text.pieces if isinstance(text, Placed) else [(text, None, 0, False)]
    return placed(pieces)


jinja2.runtime.concat = concat  # used by blocks that are called: self.name() and super()


class Generator(jinja2.compiler.CodeGenerator):
    """The hooks are those by which Jinja's own NativeCodeGenerator changes what output becomes."""

    def _output_child_to_const(self, node, frame, finalize):
        if not isinstance(node, jinja2.nodes.TemplateData):
            raise jinja2.nodes.Impossible()
        return node.data, self.name, node.lineno, True

    def _output_const_repr(self, group):
        return f"environment.written({list(group)!r})"

    def _output_child_pre(self, node, frame, finalize):
        self.write(f"environment.expression({self.name!r}, {node.lineno}, ")
        super()._output_child_pre(node, frame, finalize)

    def _output_child_post(self, node, frame, finalize):
        super()._output_child_post(node, frame, finalize)
        self.write(")")


class MissingValue(jinja2.UndefinedError):
    def __init__(self, text, word, is_name):
        super().__init__(text)
        self.word = word
        self.is_name = is_name


class MissingTemplate(prove_channel.Missing, jinja2.TemplateNotFound):
    """For `ignore missing`, too."""

    def __init__(self, text):
        super().__init__(text)
        self.text = text

    def __str__(self):
        return self.text


class Undefined(jinja2.StrictUndefined):
    """What is not there: an error wherever it is used, but in `is defined` and `default`."""

    __slots__ = ()

    def __init__(self, hint=None, obj=jinja2.utils.missing, name=None, exc=None):
        super().__init__(hint, obj, name, exc or self._error)

    def _error(self, text):
        is_name = self._undefined_hint is None and self._undefined_obj is jinja2.utils.missing
        try:
            if self._undefined_hint is None and not is_name:
                self._undefined_obj[self._undefined_name]  # our own mappings know better words
        except prove_names.MissingName as error:
            text = error.text
        except Exception:
            pass
        return MissingValue(text, str(self._undefined_name or ""), is_name)


class Lines:
    """For one compiled template: the template's line of each generated one."""

    def __init__(self, path, text, template):
        self.path = path
        self.text = text
        self.template = template

    def place(self, trace):
        return self.template.get_corresponding_lineno(trace.tb_lineno), 0


ENDED = ("autoescape", "block", "call", "filter", "for", "if", "macro", "raw", "set", "with")
TAGS = (*ENDED, "break", "continue", "do", "extends", "from", "import", "include")
CODE = {}  # (path, text) -> code: text of the catalog, nothing of a target


class Loader(jinja2.loaders.BaseLoader):
    def load(self, environment, path, globals=None):
        text = environment.found[path]
        if (path, text) not in CODE:
            code = environment.compile(text, path, path)
            # Chance is the only thing beyond the names that Jinja hands out.
            by_chance = set(re.findall(r"\b(?:random|lipsum)\b", text))
            CODE[path, text] = (code, prove_reads.is_followed(code) and not by_chance and "__" not in text)
        code, is_followed = CODE[path, text]
        prove_reads.Current.reads.repeatable &= is_followed
        template = environment.template_class.from_code(environment, code, globals)
        template.root_render_func.__globals__["_prove_lines"] = Lines(path, text, template)
        return template


class Environment(jinja2.Environment):
    """One for each render: what a template's module holds must not reach the next target's."""

    code_generator_class = Generator
    concat = staticmethod(concat)
    written = staticmethod(placed)

    def __init__(self, request, names):
        write = prove_names.flow if request["yaml"] else prove_names.plain
        super().__init__(undefined=Undefined, loader=Loader(), trim_blocks=True, lstrip_blocks=True,
                         keep_trailing_newline=True, extensions=[jinja2.ext.do, jinja2.ext.loopcontrols],
                         finalize=lambda value: str(value) if isinstance(value, (Placed, jinja2.Undefined)) else write(value))
        self.found = {request["path"]: request["text"]}
        self.filters["yaml"] = prove_names.yaml
        self.globals.update(names)  # of every template: one that is imported has the same names

    def join_path(self, template, parent):
        """Names are looked up at the other side, which checks them (S80)."""
        try:
            answer = prove_channel.ask("template", name=str(template), asked_by=parent)
        except prove_channel.Missing as error:
            raise MissingTemplate(str(error)) from None
        self.found[answer["path"]] = answer["text"]
        return answer["path"]

    def expression(self, path, line, text):
        pieces = text.pieces if isinstance(text, Placed) else [(text, None, 0, False)]
        return placed([piece if piece[1] else (piece[0], path, line, False) for piece in pieces])


def line_of(generator):
    """Where a piece comes from that no expression wrote: a filtered block."""
    while generator.gi_yieldfrom is not None:
        generator = generator.gi_yieldfrom
    lines = generator.gi_frame.f_globals["_prove_lines"]
    return lines.path, lines.template.get_corresponding_lineno(generator.gi_frame.f_lineno)


def render(request, names):
    environment = Environment(request, names)
    template = environment.get_template(request["path"])
    recorder = prove_record.Recorder(request["output"])
    generator = template.root_render_func(template.new_context())
    for text in generator:
        if not isinstance(text, Placed):
            text = environment.expression(*line_of(generator), text)
        for piece in text.pieces:
            recorder.add(*piece)
    return recorder.result()


def hint(path):
    text = "text that is not for Jinja is written {% raw %}...{% endraw %}"
    return text + (", or in a file named '.plain.yml'" if path.endswith((".yml.jinja", ".yaml.jinja")) else "")


def wrong_text(error):
    """Errors that Jinja finds in a text before it runs; None for others."""
    if not isinstance(error, jinja2.TemplateSyntaxError):
        return None
    if unknown := unknown_name(error, error.name, error.lineno, error.source):
        return unknown
    text, line = (error.message or "").rstrip("."), error.lineno
    if unknown := re.match(r"Encountered unknown tag '(\w+)'", text):
        begin = "if" if unknown[1] in ("elif", "else") else unknown[1].removeprefix("end")
        if begin != unknown[1] and begin in ENDED:
            text = "'{% " + unknown[1] + " %}' is without its '{% " + begin + " %}'"
        else:
            text = prove_names.with_nearest(f"there is no tag '{unknown[1]}'", unknown[1], TAGS)
        if re.search(r"{%[-+]?\s*" + unknown[1] + r"\s*=", error.source):
            text = "a variable is set by '{% set " + unknown[1] + " = ... %}'"
    elif (open_tag := last_open_tag(error.source)) and "nexpected end of template" in text:
        text, line = "'{% " + open_tag[0] + " %}' is without its '{% end" + open_tag[0] + " %}'", open_tag[1]
    elif re.match(r"unexpected char [\"']['\"]", text):
        text = "wrong Jinja: a text in quotes is not closed"
    else:
        text = f"wrong Jinja: {text[:1].lower()}{text[1:]}"
    if "did you mean" not in text:
        text += "; " + hint(error.name)
    return [prove_report.entry(error.name, line, prove_report.column_of(error.source, line, ""), text)]


def last_open_tag(text):
    """The innermost tag that is never ended, and its line."""
    opened = []
    for found in re.finditer(r"{%[-+]?\s*(end)?(\w+)", text):
        if not found[1]:
            opened.append((found[2], text.count("\n", 0, found.start()) + 1))
        else:
            while opened and opened.pop()[0] != found[2]:
                pass  # a tag that has no end, such as `set x = 1`
    return next((tag for tag in reversed(opened) if tag[0] in ENDED), None)


def unknown_name(error, path, line, source):
    """A filter or a test that does not exist: found before rendering, or during it where it may never be reached."""
    found = re.match(r"No (filter|test) named '(.*)'", error.message or "")
    if not found:
        return None
    known = jinja2.defaults.DEFAULT_FILTERS if found[1] == "filter" else jinja2.defaults.DEFAULT_TESTS
    text = prove_names.with_nearest(f"there is no {found[1]} '{found[2]}'", found[2], known)
    return [prove_report.entry(path, line, prove_report.column_of(source, line, found[2]), text)]


def explained(error, lines, known):
    """Every name that nobody defines and no `is defined` asks for, each at its first use; None for other errors."""
    if isinstance(error, jinja2.TemplateRuntimeError) and not isinstance(error, MissingValue):
        return unknown_name(error, lines.path, prove_report.template_frames(error)[-1][1], lines.text)
    if not isinstance(error, MissingValue) or not error.is_name:
        return None
    environment = lines.template.environment
    tree = environment.parse(lines.text, lines.path)
    known = known | set(environment.globals)
    asked = {node.node.name for node in tree.find_all((jinja2.nodes.Test, jinja2.nodes.Filter))
             if node.name in ("defined", "undefined", "default", "d") and isinstance(node.node, jinja2.nodes.Name)}
    missing = jinja2.meta.find_undeclared_variables(tree) - known - asked | {error.word}
    entries = {}
    for node in tree.find_all(jinja2.nodes.Name):
        if node.name in missing and node.ctx == "load" and node.name not in entries:
            column = prove_report.column_of(lines.text, node.lineno, node.name)
            entries[node.name] = prove_report.undefined_entry(lines.path, node.lineno, column, node.name, known,
                                                              hint(lines.path))
    return sorted(entries.values(), key=lambda entry: (entry["line"], entry["column"]))
