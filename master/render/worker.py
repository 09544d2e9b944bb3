"""A render worker: a text and names in, a text and the place of every line out. One request at a time.

It serves one snapshot of one catalog, keeps nothing of a request, and ends after an error or a limit, so that nothing
strange lives on (S79). Engines are loaded when a request first needs them.
"""
import importlib
import os
import signal

import prove_channel
import prove_fence
import prove_names
import prove_reads
import prove_record
import prove_report

MOST = ", the most that one file may"
ENGINES = {"mako": "prove_mako", "jinja": "prove_jinja", "python": "prove_python"}


def names_of(request, reads):
    """What the template sees by its first names. What is no mapping is handed over at once, so it counts as read."""
    given = dict.__getitem__(request, "names")
    names = dict(dict.items(given))
    if "facts" in names and names["facts"] is None:
        names["facts"] = prove_names.Nothing(dict.get(given, "target")["name"])
    for name, value in names.items():
        if name in ("probe", "results"):
            continue
        if isinstance(value, prove_names.Names):
            value._path, value._reads = (name,), reads
            if dict.__len__(value):
                continue
        reads.note("value", (name,))
    names["probe"] = prove_names.Probes(dict(dict.items(names.get("probe", {}))), request["collect_probes"], reads)
    names["results"] = prove_names.Results(dict(dict.items(names.get("results", {}))), request["collect_probes"], reads)
    names["file"] = lambda name: prove_channel.ask("file", name=name, asked_by=request["path"])["text"]
    names["targets"] = lambda expression: targets(expression, reads)
    request["names"] = names
    return names


def targets(expression, reads):
    path = ("targets", str(expression))
    reads.note("keys", path)
    found = prove_channel.ask("targets", expression=expression)["targets"]
    for at, target in enumerate(found):
        if dict.get(target, "facts") is None:
            target["facts"] = prove_names.Nothing(dict.get(target, "name"))
        target._path, target._reads = (*path, str(at)), reads
    return found


def start_timers(request):
    """Limits end a render inside Python, at the template's line; the other side ends a worker that will not hear."""
    used = int(sum(os.times()[:2]))
    cpu = used + request["cpu"] + 1
    prove_fence.resource.setrlimit(prove_fence.resource.RLIMIT_CPU, (cpu, prove_fence.resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, request["wall"])


def limit_signal(text):
    def raise_limit(number, frame):
        raise prove_record.LimitReached(text)
    return raise_limit


def answer(request):
    limits = {"cpu": request["cpu"], "wall": request["wall"], "output": f"{request['output'] >> 20} MiB"}
    try:
        engine = importlib.import_module(ENGINES[request["engine"]])
    except ModuleNotFoundError as error:
        return prove_report.without_package(error, request)
    reads = prove_reads.begin()
    try:
        start_timers(request)
        names = names_of(request, reads)
        result = engine.render(request, names)
        signal.setitimer(signal.ITIMER_REAL, 0)
        result["probes"] = names["probe"]._read
        result["results"] = names["results"]._read
        if reads.repeatable and not prove_reads.ADDRESS.search(result["text"]):
            result["reads"] = reads.result()
        return result
    except prove_record.LimitReached as error:
        return at_a_limit(prove_report.report(error, str(error).format(**limits), request, engine))
    except MemoryError as error:
        return at_a_limit(prove_report.report(error, f"takes more than {request['memory'] >> 20} MiB of memory{MOST}", request, engine))
    except RecursionError as error:
        return at_a_limit(prove_report.report(error, "calls or includes itself without end", request, engine))
    except BaseException as error:  # whatever a template raises, SystemExit too, is the template's error
        return prove_report.report(error, None, request, engine)


def at_a_limit(result):
    """Who knows what it left behind: the worker ends with it."""
    result["ended"] = True
    return result


def quiet():
    """What a template prints goes nowhere: nobody reads it, and a full pipe would stop the worker."""
    nowhere = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def main():
    settings = prove_channel.receive()
    signal.signal(signal.SIGXCPU, limit_signal("takes more than {cpu} s of processor time" + MOST + "; does a loop in it ever end?"))
    signal.signal(signal.SIGALRM, limit_signal("takes longer than {wall} s" + MOST + "; what does it wait for?"))
    quiet()
    prove_channel.send({"open": prove_fence.close(settings["memory"])})
    while True:
        request = prove_channel.receive(prove_names.Names)
        request.update(settings)
        result = answer(request)
        signal.setitimer(signal.ITIMER_REAL, 0)
        del request
        prove_channel.send(result)
        if "ended" in result:
            os._exit(0)
