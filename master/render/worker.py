"""A render worker: text and names in, text and the place of every line out. One request at a time, over descriptor 3.

Frames are a length (4 bytes, big-endian) and JSON. While it renders, a worker may ask ({"ask": ...}) for a template, a
file's text or targets, and gets one answer. It serves one snapshot of one catalog, keeps nothing of a request, and ends
after an error or a limit, so that nothing strange lives on (S79).
"""
import json
import os
import signal
import sys
import types

import prove_names
import prove_fence
import prove_report
from mako import template as mako_template
from mako.lookup import TemplateCollection
from mako.runtime import Context

CHANNEL = 3


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
    send({"ask": kind, **what})
    answer = receive(prove_names.Names)
    if "refused" in answer:
        raise prove_report.Refused(answer["refused"])
    return answer


class LimitReached(BaseException):
    """No Exception: a template's `except Exception` must not swallow it."""


class Recorder:
    """The output buffer: every piece of text with the template line that wrote it."""

    def __init__(self, limit):
        self.pieces = []
        self.room = limit

    def write(self, text):
        self.room -= len(text)
        if self.room < 0:
            raise LimitReached("writes more than {output} of text")
        frame = sys._getframe(1)
        while frame is not None and "_prove_lines" not in frame.f_globals:
            frame = frame.f_back
        lines = frame.f_globals["_prove_lines"]
        self.pieces.append((text, lines.path, *lines.at(frame.f_lineno)))

    def finish(self):
        """The text, and for each of its lines (path, line): that of the first piece with something to see in it."""
        origins = []
        seen = blank = here = None
        for text, path, line, literal in self.pieces:
            parts = text.split("\n")
            for at, part in enumerate(parts):
                if at:
                    origins.append(seen or blank or here)
                    seen = blank = None
                if seen is None:
                    here = (path, line + at if literal else line)
                    if part and not part.isspace():
                        seen = here
                    elif blank is None and (part or at + 1 < len(parts)):
                        blank = here
        origins.append(seen or blank or here)
        return "".join(piece[0] for piece in self.pieces), origins


class Lines:
    """For one compiled template: generated line -> (template line, whether it writes the template's own text)."""

    def __init__(self, path, text, source):
        self.path = path
        self.text = text
        self.map = mako_template.ModuleInfo.get_module_source_metadata(source, full_line_map=True)["full_line_map"]
        self.literal = [line.lstrip().startswith(("__M_writer('", '__M_writer("')) for line in source.split("\n")]

    def at(self, generated):
        at = min(generated, len(self.map)) - 1
        return self.map[at], self.literal[generated - 1]


CODE = {}  # (path, text, filter) -> generated source and code: text of the catalog, nothing of a target


def compile_text(template, text, path):
    """Mako's own, but generated code is kept, and run anew for each render: its module must not carry data over."""
    key = (path, text, template.default_filters[0])
    if key not in CODE:
        source, _ = mako_template._compile(template, text, path, generate_magic_comment=False)
        lines = Lines(path, text, source)
        try:
            CODE[key] = (source, compile(source, template.module_id, "exec"), lines)
        except SyntaxError as error:
            raise prove_report.wrong_python(error, lines) from None
    source, code, lines = CODE[key]
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
        answer = ask("template", name=str(uri), asked_by=relativeto)
        self.found[answer["path"]] = answer["text"]
        return answer["path"]

    def get_template(self, uri, relativeto=None):
        return self.make(uri, self.found[uri])

    def make(self, path, text):
        return mako_template.Template(
            text=text, filename=path, uri=path, lookup=self, strict_undefined=True,
            default_filters=[self.default_filter],
            imports=["from prove_names import flow as _prove_flow, plain as _prove_plain"])


def context_names(request):
    names = request["names"]
    if names.get("facts", {}) is None:
        names["facts"] = prove_names.Nothing(names.get("target")["name"])
    for name, value in names.items():
        if isinstance(value, prove_names.Names):
            value._path = name
    names["probe"] = prove_names.Probes(names.get("probe", {}), request["collect_probes"])
    names["yaml"] = prove_names.yaml
    names["file"] = lambda name: ask("file", name=name, asked_by=request["path"])["text"]
    names["targets"] = lambda expression: with_facts(ask("targets", expression=expression)["targets"])
    return names


def with_facts(targets):
    for target in targets:
        if target["facts"] is None:
            target["facts"] = prove_names.Nothing(target["name"])
    return targets


def runs_of(origins, files):
    """Triples (first rendered line, file, template line), flat; one only where the template's lines do not just go on."""
    runs = []
    last = expected = None
    for at, (path, line) in enumerate(origins):
        if path != last or line != expected:
            runs += (at, files.setdefault(path, len(files)), line)
        last, expected = path, line + 1
    return runs


def render(request):
    names = context_names(request)
    probes = names["probe"]
    catalog = Catalog("_prove_flow" if request["yaml"] else "_prove_plain")
    recorder = Recorder(request["output"])
    template = catalog.make(request["path"], request["text"])
    context = Context(recorder, **names)
    template.render_context(context)
    text, origins = recorder.finish()
    text.encode("utf-8")
    files = {}
    runs = runs_of(origins, files)
    return {"text": text, "files": list(files), "runs": runs, "probes": probes._read}


def start_timers(request):
    """Limits end a render inside Python, at the template's line; the other side ends a worker that will not hear."""
    used = int(sum(os.times()[:2]))
    cpu = used + request["cpu"] + 1
    prove_fence.resource.setrlimit(prove_fence.resource.RLIMIT_CPU, (cpu, prove_fence.resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, request["wall"])


def limit_signal(text):
    def raise_limit(number, frame):
        raise LimitReached(text)
    return raise_limit


def answer(request):
    limits = {"cpu": request["cpu"], "wall": request["wall"], "output": f"{request['output'] >> 20} MiB"}
    try:
        start_timers(request)
        result = render(request)
        signal.setitimer(signal.ITIMER_REAL, 0)
        return result
    except LimitReached as error:
        return prove_report.report(error, str(error).format(**limits), request)
    except MemoryError as error:
        return prove_report.report(error, f"takes more than {request['memory'] >> 20} MiB of memory", request)
    except RecursionError as error:
        return prove_report.report(error, "calls or includes itself without end", request)
    except BaseException as error:  # whatever a template raises, SystemExit too, is the template's error
        return prove_report.report(error, None, request)


def quiet():
    """What a template prints goes nowhere: nobody reads it, and a full pipe would stop the worker."""
    nowhere = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def main():
    settings = receive()
    signal.signal(signal.SIGXCPU, limit_signal("takes more than {cpu} s of processor time"))
    signal.signal(signal.SIGALRM, limit_signal("takes longer than {wall} s"))
    quiet()
    send({"open": prove_fence.close(settings["memory"])})
    while True:
        request = receive(prove_names.Names)
        request.update(settings)
        result = answer(request)
        signal.setitimer(signal.ITIMER_REAL, 0)
        del request
        send(result)
        if "errors" in result:
            os._exit(0)


main()
