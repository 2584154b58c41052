"""Runs test files and writes what each test came to, as JSON: ``python3 results.py OUT.json [-k NAME] [test_log.py …]``, of
all tests or of those that hold NAME.

A test that is skipped without anyone noticing proves nothing: a run of the suite on several interpreters shows in these files whether each
test ran on one of them at least. Exit status 1 where a test failed, or where none was found.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import sys
import time
import unittest
from pathlib import Path
from typing import Any, Dict, List, Tuple

HERE = Path(__file__).resolve().parent


class Results(unittest.TextTestResult):
    """Of every test its state (passed, failed, skipped), the reason of a skip, its seconds, and those of the processor, with what it started."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.tests: Dict[str, Dict[str, Any]] = {}
        self._began = self._processor = 0.0

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._began, self._processor = time.perf_counter(), sum(os.times()[:4])

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        seconds, processor = time.perf_counter() - self._began, sum(os.times()[:4]) - self._processor
        self._entry(test).update(seconds=round(seconds, 3), processorSeconds=round(processor, 3))

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        self._entry(test).update(state="failed")

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        self._entry(test).update(state="failed")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._entry(test).update(state="failed")

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        self._entry(getattr(test, "test_case", test)).update(state="skipped", reason=reason)

    def addUnexpectedSuccess(self, test: Any) -> None:
        super().addUnexpectedSuccess(test)
        self._entry(test).update(state="failed")

    def _entry(self, test: Any) -> Dict[str, Any]:
        return self.tests.setdefault(test.id(), {"state": "passed"})


def main(out: str, files: List[str]) -> int:
    sys.path[:0] = [str(HERE.parent), str(HERE)]
    loader = unittest.TestLoader()
    if files[:1] == ["-k"]:
        loader.testNamePatterns, files = [f"*{files[1]}*"], files[2:]
    suite = unittest.TestSuite(loader.discover(str(HERE), pattern) for pattern in files or ["test_*.py"])
    result = unittest.TextTestRunner(resultclass=Results).run(suite)
    assert isinstance(result, Results)
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    Path(out).write_text(json.dumps({"python": platform.python_version(), "torch": torch_version(), "tests": result.tests}, indent=1))
    return 0 if result.wasSuccessful() and result.tests else 1


def torch_version() -> Any:
    """Version of the torch that is installed, without importing it; None without one."""
    if importlib.util.find_spec("torch") is None:
        return None
    from importlib.metadata import version

    return version("torch")


if __name__ == "__main__":
    arguments: Tuple[str, List[str]] = (sys.argv[1], sys.argv[2:])
    sys.exit(main(*arguments))
