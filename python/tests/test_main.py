"""``python -m esper_telemetry``: what it prints, and what it starts."""

from __future__ import annotations

import subprocess
import sys
import unittest
from pathlib import Path
from typing import Sequence

from scratch import Scratch

import esper_telemetry as esper

CLIENT = str(Path(esper.__file__).resolve().parent.parent)


class Main(Scratch):
    def setUp(self) -> None:
        super().setUp()
        self.programs = self.runs.parent / "programs"
        self.programs.mkdir()

    def program(self, name: str) -> None:
        """One that prints its name and arguments."""
        path = self.programs / name
        path.write_text('#!/bin/sh\necho "${0##*/} $*"\nexit 3\n')
        path.chmod(0o755)

    def run_it(self, *words: str) -> "subprocess.CompletedProcess[str]":
        env = {"PATH": str(self.programs), "PYTHONPATH": CLIENT, "ESPER_RUNS": str(self.runs)}
        command: Sequence[str] = [sys.executable, "-m", "esper_telemetry", *words]
        return subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_without_node_it_says_what_is_missing(self) -> None:
        shown = self.run_it()
        self.assertEqual(shown.returncode, 0)
        self.assertIn(f"Runs lie in {self.runs}; there is none yet.", shown.stdout)
        self.assertIn("needs Node 20 or newer", shown.stdout)
        refused = self.run_it("report", "latest")
        self.assertEqual((refused.returncode, refused.stdout), (127, ""))
        self.assertIn("report is a command of the viewer", refused.stderr)

    def test_the_viewer_is_the_installed_one_else_npx_brings_the_same_version(self) -> None:
        self.program("node")
        self.program("npx")
        done = self.run_it("report", "latest", "--json")
        self.assertEqual((done.returncode, done.stdout), (3, f"npx --yes esper-telemetry@{esper.__version__} report latest --json\n"))
        self.program("esper-telemetry")
        self.assertEqual(self.run_it("sanctum").stdout, "esper-telemetry sanctum\n")

    def test_it_names_the_newest_run(self) -> None:
        with esper.start("mine", runs=self.runs, sample_host=0, sample_driver=0) as run:
            run.step(loss=1.0)
        self.assertIn(f"the newest is {run.id}.", self.run_it().stdout)
        self.assertEqual(self.run_it("--version").stdout.strip(), esper.__version__)


if __name__ == "__main__":
    unittest.main()
