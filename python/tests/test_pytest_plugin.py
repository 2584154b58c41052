"""The pytest plugin's assertions, with answers of its own making and a pytest of one function: the real one is no part of the test's environments."""

from __future__ import annotations

import importlib
import sys
import tempfile
import types
import unittest
from pathlib import Path
from typing import Any, Dict
from unittest import mock

from test_rehearse import GIB, MIB, process, rehearsal

from esper_telemetry.rehearse import answer
from esper_telemetry.rehearse.cards import of_size


def plugin() -> Any:
    stand_in = types.ModuleType("pytest")
    stand_in.fixture = lambda function: function  # type: ignore[attr-defined]
    with mock.patch.dict(sys.modules, {"pytest": stand_in}):
        sys.modules.pop("esper_telemetry.pytest", None)
        return importlib.import_module("esper_telemetry.pytest")


class Plugin(unittest.TestCase):
    def setUp(self) -> None:
        self.plugin = plugin()

    def rehearsed(self, status: int = 0, **more: Any) -> Any:
        return self.plugin.Rehearsed(answer.answer(of_size(5 * GIB), rehearsal(process(**more), status=status), None, 0))

    def test_what_holds_holds(self) -> None:
        found = self.rehearsed()  # 2 GiB allocated, 3 GiB reserved, 300 MiB of context
        self.assertIs(found.assert_fits(spare="1GiB").assert_peak(2 * GIB).assert_peak("3GiB", reserved=True).assert_steady(), found)

    def test_a_failure_shows_the_answer(self) -> None:
        for check, what in [
            (lambda found: found.assert_fits(spare="2GiB"), "it does not fit with 2GiB to spare:"),
            (lambda found: found.assert_peak(2 * GIB - 1), f"its allocated peak is above {2 * GIB - 1}:"),
            (lambda found: found.assert_peak("2GiB", reserved=True), "its reserved peak is above 2GiB:"),
        ]:
            with self.assertRaises(AssertionError) as raised:
                check(self.rehearsed())
            first, second, *rest = str(raised.exception).splitlines()
            self.assertEqual((first, second[:6]), (what, "✓ Fits"))
            self.assertTrue(any("2.00 GiB allocated, 3.00 GiB reserved in update 2, backward, t.py:3" in line for line in rest))

    def test_growth_and_an_end_that_comes(self) -> None:
        held = [[GIB + i * 8 * MIB, GIB + i * 8 * MIB, i * 8 * MIB] for i in range(24)]
        growing: Dict[str, Any] = {"updates": held, "growth": 8 * MIB, "settled": False}
        with self.assertRaisesRegex(AssertionError, "memory grows:"):
            self.rehearsed(**growing).assert_steady()
        with self.assertRaisesRegex(AssertionError, "it does not fit"):
            self.rehearsed(**growing).assert_fits()

    def test_no_answer_passes_nothing(self) -> None:
        found = self.rehearsed(status=1, over=False, error="ValueError: no", updates=[])
        for check in (found.assert_fits, lambda: found.assert_peak("9GiB"), found.assert_steady):
            with self.assertRaisesRegex(AssertionError, "not rehearsed to an answer"):
                check()

    def test_the_fixture_keeps_runs_in_the_test_s_folder(self) -> None:
        with tempfile.TemporaryDirectory() as folder, mock.patch("esper_telemetry.rehearse.rehearse", return_value={"fits": True}) as ask:
            found = self.plugin.rehearse(Path(folder))(["train"], gpu="T4")
        self.assertEqual(found, {"fits": True})
        ask.assert_called_once_with(["train"], runs=Path(folder) / "runs", gpu="T4")


if __name__ == "__main__":
    unittest.main()
