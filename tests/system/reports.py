"""Reading what `prove-cli --output json states` says: the report of one target, and what stands in it."""


def report_of(done, target):
    for line in done.lines():
        if line["event"] == "result" and line["target"] == target and "report" in line.get("body", {}):
            return line["body"]["report"]
    raise AssertionError(f"no report of {target}: {done}")


def outcomes(report):
    """(state, outcome) of every invocation, in the order in which they began."""
    return [(invocation["state"], invocation["outcome"]) for invocation in report["invocations"]]


def changed(report):
    """The states that changed something, or would."""
    return [state for state, outcome in outcomes(report) if outcome in ("changed", "would_change")]


def changes(report):
    """What a run changed, or would: (function, subject, resource, aspect, before, after) of each change."""
    return [(part["function"], part["subject"], change["resource"], change["aspect"], change.get("before"), change.get("after"))
            for invocation in report["invocations"] for part in invocation["parts"] for change in part.get("changes", [])]


def messages(report):
    """What is said of each state that failed: why, and what it wrote."""
    return {invocation["state"]: "\n".join(part.get(key, "") for part in invocation["parts"] for key in ("reason", "output"))
            for invocation in report["invocations"] if invocation["outcome"] == "failed"}
