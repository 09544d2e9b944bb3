"""Runs one module of tests/system and prints a line `@result {json}` for each of its test cases, as run_tests.py reads.
A test that measures something prints `@figure TEXT`.

Usable by hand too: `/usr/bin/python3 tests/tools/run_unittest.py tests/system/test_x.py [NAME...]` runs only the cases
whose names contain one of NAME.
"""
import importlib.util
import json
import pathlib
import sys
import unittest


class Reporter(unittest.TestResult):
    def report(self, test, status, detail=""):
        # A module or class that cannot be set up (no host can be booted, say) is named as a whole.
        name = getattr(test, "_testMethodName", None)
        name = name.removeprefix("test_").replace("_", " ") if name else getattr(test, "description", str(test))
        print("@result " + json.dumps({"name": name, "status": status, "detail": detail}), flush=True)
        if status != "passed" and detail:
            print(detail, flush=True)

    def addSuccess(self, test):
        self.report(test, "passed")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.report(test, "failed", self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.report(test, "failed", self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.addFailure(subtest, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.report(test, "skipped", reason)


def cases(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from cases(item)
        else:
            yield item


def main():
    path = pathlib.Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    wanted = sys.argv[2:]
    chosen = [case for case in cases(suite) if not wanted or any(word in case.id() for word in wanted)]
    result = Reporter()
    unittest.TestSuite(chosen).run(result)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
