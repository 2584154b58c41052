"""A short part of the stand-in device's fuzz: threads, neighbours killed with -9, forks; plain and under sanitizers.

The long one is ``npm run long``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

from on_standin import OFF
from scratch import PACKAGE

BENCH = PACKAGE.parent / "bench" / "standin"
sys.path.append(str(BENCH))


@unittest.skipIf(OFF, "ESPER_TESTS_STANDIN=off")
@unittest.skipUnless(BENCH.is_dir(), "no checkout of the repository: bench/ is not installed")
@unittest.skipUnless(shutil.which("cc"), "no C compiler")
@unittest.skipUnless(sys.platform == "linux", "the stand-in device needs Linux")
class Fuzz(unittest.TestCase):
    def clean(self, build: str) -> None:
        from fuzz import compile_fuzz, fuzz

        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "fuzz"
            compile_fuzz(build, program)
            done = fuzz(program, seed=1, seconds=2, threads=4, neighbours=3)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^\d+ operations")

    def test_the_ledger_holds_what_the_threads_hold(self) -> None:
        self.clean("plain")

    def test_address_and_undefined_behaviour_sanitizers_are_silent(self) -> None:
        self.clean("address")

    def test_thread_sanitizer_is_silent(self) -> None:
        self.clean("thread")


if __name__ == "__main__":
    unittest.main()
