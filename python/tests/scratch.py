"""What the tests share: a folder that goes away, and the events of a log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import types
import unittest
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional
from unittest import mock

PACKAGE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PACKAGE), str(Path(__file__).resolve().parent)]
# No launcher's variables, however the tests are run.
for name in [n for n in os.environ if n in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "ESPER_RUN_ID", "ESPER_RUNS") or n.startswith("PYTORCH_")]:
    del os.environ[name]

Event = Dict[str, Any]


def events_in(path: Path) -> List[Event]:
    """Every whole line of a log, parsed: none may be anything but an event."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1] if line]


def python(code: str, *, env: Optional[Dict[str, str]] = None, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Runs ``code`` in an interpreter of its own that finds the package and these tests."""
    return subprocess.run([sys.executable, "-c", code], env=environment(env), capture_output=True, text=True, timeout=300, **options)


def environment(more: Optional[Dict[str, str]] = None) -> Dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(PACKAGE), str(PACKAGE / "tests")]), **(more or {})}


class Scratch(unittest.TestCase):
    """A test with a folder of runs."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.runs = Path(folder.name) / "runs"

    def only_run(self) -> Path:
        """The one run there is."""
        (run,) = [entry for entry in self.runs.iterdir() if not entry.name.startswith(".")]
        return run

    def only_events(self, rank: int = 0) -> List[Event]:
        return events_in(self.only_run() / f"events-{rank}.jsonl")


class Shell:
    """IPython's, as far as it matters."""

    def __init__(self) -> None:
        self.hooks: List[Any] = []
        self.events = types.SimpleNamespace(register=lambda _, hook: self.hooks.append(hook), unregister=lambda _, hook: self.hooks.remove(hook))

    def run_cell(self, call: Any) -> None:
        error = None
        try:
            call()
        except BaseException as raised:
            error = raised
        for hook in list(self.hooks):
            hook(types.SimpleNamespace(error_in_exec=error))

    @contextmanager
    def open(self) -> Iterator[None]:
        """As in a notebook, this is the shell."""
        ipython = types.ModuleType("IPython")
        ipython.get_ipython = lambda: self  # type: ignore[attr-defined]
        with mock.patch.dict(sys.modules, {"IPython": ipython}):
            yield
