"""When stacks are recorded and what is read of them, on an allocator of the test's own: windows, budget, peaks, spikes, refusals."""

from __future__ import annotations

import unittest
from typing import Any, Callable, Dict, List, Optional
from unittest import mock

from esper_telemetry import attribution, attribution_cost
from esper_telemetry.attribution import APART, HALF, SPIKE_WAIT, WARM_UP, MemoryAttribution
from esper_telemetry.stack_history import LiveBlock

MIB = 2**20
#: Allocations of an update.
MADE = 10


def block(line: int, size: int) -> LiveBlock:
    return LiveBlock(0, size, [{"filename": "/project/train.py", "line": line, "name": "update"}])


class History:
    """What the allocator would have recorded."""

    def __init__(self) -> None:
        self.kept = 1 * MIB
        self.needed = 5 * MIB
        self.is_on = self.is_traced = False
        self.read_ms = 0.0
        self.fails = False
        self.clock = 0.0

    def start(self) -> None:
        self.is_on = True

    def stop(self) -> None:
        self.is_on = self.is_traced = False

    def trace(self) -> None:
        self.is_traced = True

    def end_trace(self) -> None:
        self.is_traced = False

    def live_blocks(self) -> List[LiveBlock]:
        if self.fails:
            raise RuntimeError("the allocator is gone")
        self.clock += self.read_ms / 1e3
        return [block(1, self.kept)]

    def at_peak(self, made: Dict[int, int]) -> Dict[int, List[LiveBlock]]:
        return {0: [block(1, self.kept), block(2, self.needed)]} if self.is_traced and made == {0: MADE} else {}


class Windows(unittest.TestCase):
    def setUp(self) -> None:
        self.history = History()
        self.events: List[Dict[str, Any]] = []
        self.failures: List[str] = []
        self.made = 0
        self.observer: Optional[Callable[..., None]] = None
        self.batch = 0

        def observe(observer: Callable[..., None]) -> None:
            self.observer = observer

        begins = {"available": lambda: True, "can_record": lambda: True, "when_cuda_begins": lambda act: act()}
        for name, value in {**begins, "StackHistory": lambda: self.history, "observe_out_of_memory": observe}.items():
            patch = mock.patch.object(attribution.stack_history, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        for place, name, value in [(attribution_cost, "allocations", lambda: {0: self.made}), (attribution.BetweenUpdates, "begin", lambda *_: None)]:
            counted = mock.patch.object(place, name, value)
            counted.start()
            self.addCleanup(counted.stop)
        self.recorder = MemoryAttribution(
            lambda kind, data, ms: self.events.append(data),
            lambda what, error: self.failures.append(what),  # type: ignore[arg-type]
            timer=lambda: self.history.clock,
        )

    def update(self, times: int = 1, grows: int = 0, scope: str = "update") -> None:
        """So many updates of a tenth of a second, after each of which so much more is kept."""
        for _ in range(times):
            self.batch += 1
            self.made += MADE
            self.history.clock += 0.1
            self.history.kept += grows
            reading = {
                "allocatedBytes": self.history.kept,
                "peakAllocatedBytes": self.history.kept + self.history.needed,
                "peakScope": scope,
                "deviceTotalBytes": 100 * MIB,
                "deviceFreeBytes": 100 * MIB - self.history.kept,
                "reservedBytes": self.history.kept,
            }
            self.recorder.read([reading], self.batch, 100)

    def moments(self) -> List[Any]:
        return [(event["moment"], event["why"], event["fromBatch"], event["toBatch"]) for event in self.events]

    def test_the_first_window_and_its_peak(self) -> None:
        self.assertTrue(self.history.is_on)
        self.update(WARM_UP + 1 + 2 * HALF, grows=MIB)
        begin = WARM_UP + 1
        self.assertEqual(self.moments(), [("end of update", "warm-up", begin + HALF, begin + 2 * HALF), ("peak", "warm-up", None, begin + 2 * HALF)])
        self.assertEqual(self.events[0]["grewBytes"], HALF * MIB)
        self.assertEqual([line["line"].split(":")[1] for line in self.events[1]["lines"]], ["1 update", "2 update"])
        self.update()
        self.assertFalse(self.history.is_on)

    def test_a_steady_loop_has_no_second_window(self) -> None:
        self.update(20 * APART)
        self.assertEqual(len(self.events), 2)

    def test_what_is_needed_more_begins_a_window_and_is_held_against_the_first_peak(self) -> None:
        self.update(WARM_UP + 1 + 2 * HALF)
        first = self.batch
        for _ in range(3 * APART):
            self.history.needed += MIB // 4
            self.update()
        peaks = [event for event in self.events if event["moment"] == "peak"]
        self.assertEqual((peaks[1]["why"], peaks[1]["fromBatch"]), ("trend", first))
        self.assertEqual(peaks[1]["lines"][0]["grewBytes"], (peaks[1]["toBatch"] - first) * MIB // 4)

    def test_a_spike_is_waited_for_and_read_when_it_comes_again(self) -> None:
        self.update(40)
        del self.events[:]
        self.spike()
        self.assertEqual(self.events, [])
        self.update(30)
        self.assertTrue(self.history.is_traced)
        self.spike()
        self.assertEqual(self.moments(), [("peak", "spike", WARM_UP + 1 + 2 * HALF, self.batch)])
        self.assertEqual(self.events[0]["lines"][0]["grewBytes"], 75 * MIB)
        self.update(SPIKE_WAIT + 1)
        self.assertFalse(self.history.is_on)

    def test_of_peaks_of_the_run_only_a_higher_one_is_a_spike(self) -> None:
        self.update(40, scope="run")
        self.history.needed = 70 * MIB
        self.update(60, scope="run")
        self.assertEqual([event["why"] for event in self.events if event["why"] == "spike"], [])
        self.history.needed = 95 * MIB
        self.update(scope="run")
        self.assertEqual(self.events[-1]["why"], "spike")

    def test_beyond_its_budget_nothing_is_recorded(self) -> None:
        self.history.read_ms = 400
        self.update(WARM_UP + 1 + 2 * HALF + 1)
        self.assertEqual([event["moment"] for event in self.events], ["end of update"])
        self.assertFalse(self.history.is_on)
        self.update(APART * 2, grows=MIB // 8)
        self.assertEqual(len(self.events), 1)

    def test_a_refusal_is_read_at_once(self) -> None:
        self.update(2)
        assert self.observer is not None
        self.observer(0, 64 * MIB, 64 * MIB, 0)
        self.assertEqual(self.moments(), [("refused", "refused", None, 2)])
        self.assertEqual((self.events[0]["requestedBytes"], self.events[0]["totalBytes"]), (64 * MIB, MIB))
        self.observer(1, 64 * MIB, 64 * MIB, 0)
        self.recorder.stop()
        self.observer(0, 64 * MIB, 64 * MIB, 0)
        self.assertEqual(len(self.events), 1)

    def test_a_failure_costs_the_record_alone(self) -> None:
        self.history.fails = True
        self.update(WARM_UP + 1 + 2 * HALF)
        self.assertEqual(len(self.failures), 1)
        assert self.observer is not None
        self.observer(0, 1, 1, 0)
        self.update(100, grows=MIB)
        self.assertEqual((len(self.failures), self.events), (1, []))
        self.assertFalse(self.history.is_on)

    def spike(self) -> None:
        before, self.history.needed = self.history.needed, 80 * MIB
        self.update()
        self.history.needed = before


if __name__ == "__main__":
    unittest.main()
