"""Python files of a catalog: `states(ctx)` and `variables(ctx)` give what YAML would give, as values.

The answer is JSON with a line for each member, and for each line the place in the file that made it: for keys of dict
displays where they are written, for calls of the builder that of the call and its arguments.
"""
import ast
import types

import prove_json_lines
import prove_names
import prove_reads
import prove_report
from prove_builder import Context, Made


class Marker(ast.NodeTransformer):
    """Makes dict displays and dict(...) remember their places, and notes those of calls and their arguments."""

    def __init__(self, lines):
        self.lines = lines

    def visit_Dict(self, node):
        keys = {}
        for key in node.keys:
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                continue
            if key.value in keys:
                raise prove_report.WrongAt(f"the key '{key.value}' is there twice", self.lines.path, *self.lines.start(key))
            keys[key.value] = self.lines.start(key)
        return self.placed(node, keys)

    def visit_Call(self, node):
        keys = {keyword.arg: self.lines.start(keyword) for keyword in node.keywords if keyword.arg}
        place = self.lines.start(node)
        if node.args:
            place = self.lines.start(node.args[0])  # ctx.state's id
        elif isinstance(node.func, ast.Attribute):
            line, offset = node.func.end_lineno, node.func.end_col_offset - len(node.func.attr.encode())
            place = line, self.lines.column(line, offset)
        self.lines.calls[node.end_lineno, node.end_col_offset] = (place, keys)
        if isinstance(node.func, ast.Name) and node.func.id == "dict":
            return self.placed(node, keys)
        return self.generic_visit(node)

    def placed(self, node, keys):
        self.lines.dicts.append((self.lines.start(node), keys))
        at = ast.Constant(len(self.lines.dicts) - 1)
        call = ast.Call(ast.Name("_prove_dict", ast.Load()), [self.generic_visit(node), at], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))


class Lines:
    """One Python file: its text, and where its calls, its dicts and their members stand."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.split = text.split("\n")
        self.calls = {}  # (last line, column behind it) of a call -> its place, and those of its named arguments
        self.dicts = []  # place, and those of its keys

    def column(self, line, offset):
        """Python counts bytes of UTF-8."""
        text = self.split[line - 1] if line <= len(self.split) else ""
        return len(text.encode()[:offset].decode("utf-8", "replace")) + 1

    def start(self, node):
        return node.lineno, self.column(node.lineno, node.col_offset)

    def place(self, trace):
        code = trace.tb_frame.f_code
        if code.co_filename != self.path:
            return None  # of a text that the file evaluates itself
        line, _, offset, _ = list(code.co_positions())[trace.tb_lasti // 2]
        return (line, self.column(line, offset)) if line and offset is not None else (trace.tb_lineno, 0)

    def call(self, frame):
        """The place of the call that this frame makes, and its arguments' places."""
        _, line, _, offset = list(frame.f_code.co_positions())[frame.f_lasti // 2]
        return self.calls.get((line, offset)) or ((frame.f_lineno, 1), {})

    def made(self, value, at):
        place, keys = self.dicts[at]
        return Made(value, place, dict(keys))


CODE = {}  # (path, text) -> code and lines: text of the catalog, nothing of a target


def module_of(request, names):
    """The file's module, made anew: what it holds must not reach the next target's."""
    path, text = request["path"], request["text"]
    if (path, text) not in CODE:
        lines = Lines(path, text)
        try:
            tree = Marker(lines).visit(ast.parse(text, path))
            code = compile(tree, path, "exec")
            CODE[path, text] = (code, lines, prove_reads.is_followed(code))
        except SyntaxError as error:
            raise prove_report.WrongAt(f"wrong Python: {error.msg}", path, error.lineno or 1, error.offset or 1) from None
    code, lines, is_followed = CODE[path, text]
    prove_reads.Current.reads.repeatable &= is_followed
    module = types.ModuleType("catalog")
    module.__dict__.update(names, _prove_lines=lines, _prove_dict=lines.made)
    exec(code, module.__dict__)
    return module.__dict__, lines


def called(module, lines, name, names):
    """What the file's function gives, and where the function stands."""
    function = module.get(name)
    if not callable(function):
        defined = [key for key, value in module.items() if isinstance(value, types.FunctionType) and key not in names]
        found = prove_names.nearest(name, defined)
        kind = "state" if name == "states" else "variable"
        text = f"a {kind} file in Python defines {name}(ctx), and this one does not"
        line = module[found].__code__.co_firstlineno if found else 1
        raise prove_report.WrongAt(text + (f"; it has '{found}'" if found else ""), lines.path, line, 1)
    code = getattr(function, "__code__", None)
    place = (code.co_firstlineno, 1) if code else (1, 1)
    context = Context(names, lines)
    try:
        result = function(context)
    except TypeError as error:
        if error.__traceback__.tb_next is not None:
            raise
        raise prove_report.WrongAt(f"{name} takes one argument: def {name}(ctx)", lines.path, *place) from None
    if name == "states":
        result = context.with_made_states(result)
    if result is None:
        raise prove_report.WrongAt(f"{name}(ctx) gives nothing; where that is meant, return {{}}", lines.path, *place)
    return result, place


def render(request, names):
    module, lines = module_of(request, names)
    writer = prove_json_lines.Writer(lines.path, request["output"])
    if request["call"] == "_params":
        writer.write(module.get("_params", {}), (1, 1))
    else:
        writer.write(*called(module, lines, request["call"], names))
    return {"text": "\n".join(writer.text), "files": [lines.path], "runs": [], "places": writer.places}


def wrong_text(error):
    return None  # it is a WrongAt already


def explained(error, lines, known):
    """An undefined name, in the words that templates have for it."""
    if not isinstance(error, NameError) or not error.name:
        return None
    frame = prove_report.template_frames(error)[-1]
    return [prove_report.undefined_entry(lines.path, *frame[1:], error.name, known | {"ctx"}, "")]
