"""Memory pressure: when the callback is called, and what is recorded of what it did."""

from __future__ import annotations

import sys
import unittest
from typing import Any, List, Optional
from unittest.mock import patch

from scratch import Scratch
from standin_torch import GIB, Card, stats, torch_module

import esper_telemetry as esper
from esper_telemetry.pressure import DevicePressure, budget_bytes


class Pressure(Scratch):
    def train(self, peaks: List[float], callback: Any, retries: Optional[List[int]] = None, **levels: float) -> List[Any]:
        """A run whose updates peak at these shares of a budget of 10 GiB; its interventions."""
        counts = retries or [0] * len(peaks)
        script = [stats(GIB, 2 * GIB, peak=int(peak * 10 * GIB), retries=count) for peak, count in zip(peaks, counts)]
        # Two are read while the run starts: what was refused before it, and where it stands.
        with patch.dict(sys.modules, {"torch": torch_module(Card([script[0], script[0], *script], free=8 * GIB, total=10 * GIB))}):
            with esper.start("test", runs=self.runs, sample_host=0, sample_driver=0) as run:
                run.on_pressure(callback, **levels)
                for _ in peaks:
                    run.ppo_update(update_ms=10)
                self.failures = run.failures
        return [e for e in self.only_events() if e["type"].startswith("INTERVENTION")]

    def test_is_called_once_above_and_again_only_after_it_was_below(self) -> None:
        calls: List[DevicePressure] = []
        self.train([0.5, 0.9, 0.91, 0.95, 0.85, 0.95, 0.79, 0.93], calls.append)
        self.assertEqual([round(call.fraction or 0, 2) for call in calls], [0.91, 0.93])
        self.assertEqual((calls[0].device, calls[0].budget_bytes, calls[0].is_refused), ("cuda:0", 10 * GIB, False))

    def test_refused_memory_is_pressure(self) -> None:
        calls: List[DevicePressure] = []
        self.train([0.5] * 4, calls.append, retries=[7, 7, 8, 8])
        self.assertEqual([call.is_refused for call in calls], [True])

    def test_what_was_done_is_recorded_with_its_effect(self) -> None:
        applied, ended = self.train([0.5, 0.95, 0.95] + [0.6] * 6, lambda _: "halved the microbatch")
        self.assertEqual((applied["type"], applied["data"]["kind"], applied["data"]["batch"]), ("INTERVENTION_APPLIED", "halved the microbatch", 2))
        found = ended["data"]
        self.assertEqual((ended["type"], found["id"], found["helped"], found["reverted"], found["updates"], found["batch"]), ("INTERVENTION_ENDED", 1, True, None, 5, 8))
        self.assertAlmostEqual(found["pressureAfter"], 0.6, places=2)
        self.assertEqual(found["updateMsAfter"], 10)

    def test_what_did_not_help_says_so(self) -> None:
        _, ended = self.train([0.95] * 8, lambda _: "prayed")
        self.assertEqual((ended["data"]["helped"], ended["data"]["reason"]), (False, "neither pressure nor refusals fell"))

    def test_a_callback_that_raises_is_counted_and_training_goes_on(self) -> None:
        def callback(_: DevicePressure) -> None:
            raise RuntimeError("oops")

        self.assertEqual(self.train([0.95, 0.5, 0.95], callback), [])
        self.assertEqual(self.failures, 2)

    def test_levels_that_cannot_be_are_told(self) -> None:
        with esper.start("other", runs=self.runs, sample_host=0, sample_driver=0) as run:
            run.on_pressure(lambda _: None, above=0.5, below=0.6)()
            self.assertEqual(run.failures, 1)

    def test_the_budget_knows_the_limit_of_the_process(self) -> None:
        reading = {"deviceTotalBytes": 1000, "deviceFreeBytes": 600, "reservedBytes": 300, "processFraction": 0.5}
        self.assertEqual(budget_bytes(reading), 500)
        self.assertEqual(budget_bytes({**reading, "processFraction": None}), 900)
        self.assertEqual(budget_bytes({**reading, "processFraction": 0.2}), 300)
        self.assertIsNone(budget_bytes({**reading, "reservedBytes": None}))


if __name__ == "__main__":
    unittest.main()
