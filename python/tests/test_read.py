"""``esper_telemetry.read``: forms, refusals, and logs that are broken. That its figures are those of every reader is tested in test/query."""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Dict, List
from unittest.mock import patch

import scratch  # noqa: F401  (finds the package)

import esper_telemetry
from esper_telemetry.reading import UnreadableRun


def line(seq: int, kind: str, data: Dict[str, Any], version: str = "1.0") -> bytes:
    return json.dumps({"v": version, "seq": seq, "timeMs": seq, "run": "r", "rank": 0, "type": kind, "data": data}).encode() + b"\n"


LINES = [
    line(0, "TRAINING_STARTED", {}),
    b"\xff garbage\n",
    line(1, "STEP_COMPLETED", {"step": 1, "loss": 0.5, "tokensPerSecond": 7, "extra": {"a,b": 1, "acc": 2, "word": "x", "no": True}}),
    line(2, "STEP_COMPLETED", {"step": 2, "loss": "NaN"}),
    line(3, "FIGURES_LOGGED", {"figures": {"late": 3}}),
    line(4, "STEP_COMPLETED", {"step": 9}, version="9.0"),
    b"[" * 100_000 + b"\n",
    line(5, "STEP_COMPLETED", {"step": 3})[:-9],
]
EXPECTED = {
    "rank": [0, 0],
    "batch": [1, 2],
    "timeMs": [1, 2],
    "totalLoss": [0.5, None],
    "own/tokens/s": [7, None],
    "own/acc": [2, None],
    "own/late": [None, 3],
}


class Read(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.runs = Path(folder.name)

    def run_of(self, name: str, lines: List[bytes], packed: bool = False) -> Path:
        run = self.runs / name
        run.mkdir()
        path = run / f"events-0.jsonl{'.gz' if packed else ''}"
        path.write_bytes(gzip.compress(b"".join(lines)) if packed else b"".join(lines))
        manifest = {"v": "1.0", "id": name, "name": "shared", "createdMs": 1}
        (run / "run.json").write_text(json.dumps(manifest))
        return run

    def test_lists(self) -> None:
        path = self.run_of("a", LINES)
        with self.assertWarnsRegex(UserWarning, "^.*events-0.jsonl: lines passed over: 3, the first in line 2: no events that version [0-9.]+ reads$"):
            self.assertEqual(esper_telemetry.read(path, "lists"), EXPECTED)
        self.assertEqual(esper_telemetry.read("latest", "lists", runs=self.runs), EXPECTED)
        self.assertEqual(esper_telemetry.read(self.run_of("b", LINES, packed=True), "lists"), EXPECTED)

    def test_figures_that_are_logged_alone_are_rows(self) -> None:
        logged = [line(n, "FIGURES_LOGGED", {"figures": {"x": n}}) for n in range(3)] + [line(3, "FIGURES_LOGGED", {"batch": 40, "figures": {}})]
        self.assertEqual(esper_telemetry.read(self.run_of("c", logged), "lists")["batch"], [1, 2, 3, 40])

    def test_plain_lists_where_nothing_is_installed(self) -> None:
        path = self.run_of("d", LINES)
        with patch.dict(sys.modules, {"pandas": None, "pyarrow": None}):
            self.assertEqual(esper_telemetry.read(path), EXPECTED)
            with self.assertRaises(ImportError):
                esper_telemetry.read(path, "pandas")

    def test_refusals_are_one_sentence(self) -> None:
        with self.assertRaisesRegex(UnreadableRun, '^There is no run "nobody" in '):
            esper_telemetry.read("nobody", runs=self.runs)
        (self.runs / "empty").mkdir()
        with self.assertRaisesRegex(UnreadableRun, "^.*empty is no run: it has no events-0.jsonl.$"):
            esper_telemetry.read(self.runs / "empty")
        broken = self.run_of("e", LINES, packed=True) / "events-0.jsonl.gz"
        broken.write_bytes(broken.read_bytes()[:60])
        with self.assertRaisesRegex(UnreadableRun, "^.*events-0.jsonl.gz cannot be read: .*[.]$"):
            esper_telemetry.read(broken.parent, "lists")
        with self.assertRaisesRegex(ValueError, "form is"):
            esper_telemetry.read(broken.parent, "csv")


if __name__ == "__main__":
    unittest.main()
