"""What an engine writes: pieces of text, each with the line of the template that wrote it."""
import prove_report


class LimitReached(BaseException):
    """No Exception: a template's `except Exception` must not swallow it. `place` is (path, line) where it is known."""

    place = None


class Recorder:
    """`literal` text is the template's own, so that its lines go on as the template's do."""

    def __init__(self, limit):
        self.pieces = []
        self.room = limit

    def add(self, text, path, line, literal):
        self.room -= len(text)
        if self.room < 0:
            reached = LimitReached("writes more than {output} of text, the most that one file may")
            reached.place = (path, line)
            raise reached
        self.pieces.append((text, path, line, literal))

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

    def result(self):
        """The answer to a request, but for its probes."""
        text, origins = self.finish()
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise prove_report.WrongAt("the rendered text is not UTF-8: it holds half a character, such as chr(0xd800)", *origins[text.count("\n", 0, error.start)]) from None
        files = {}
        runs = runs_of(origins, files)
        return {"text": text, "files": list(files), "runs": runs}


def runs_of(origins, files):
    """Triples (first rendered line, file, template line), flat; one only where the template's lines do not just go on."""
    runs = []
    last = expected = None
    for at, origin in enumerate(origins):
        if origin is None:
            continue  # nothing was written at all
        path, line = origin
        if path != last or line != expected:
            runs += (at, files.setdefault(path, len(files)), line)
        last, expected = path, line + 1
    return runs
