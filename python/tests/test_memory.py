"""Memory as a stand-in torch reports it."""

from __future__ import annotations

import os
import sys
import unittest
from typing import Any, Dict, List
from unittest.mock import patch

import scratch  # noqa: F401  (finds the package)
from standin_torch import GIB, MIB, Card, flat, stats, torch_module

from esper_telemetry import memory
from esper_telemetry.allocator import expandable_segments, statistics
from esper_telemetry.memory import MemoryReader


def read(torch: Any, times: int = 1, **options: Any) -> List[List[Dict[str, Any]]]:
    with patch.dict(sys.modules, {"torch": torch}):
        reader = MemoryReader(**options)
        return [reader.read() for _ in range(times)]


class Statistics(unittest.TestCase):
    def test_four_and_a_half_of_ten_gib(self) -> None:
        card = Card([stats(round(4.5 * GIB), 10 * GIB, active=5 * GIB, peak=6 * GIB, inactive_split=GIB, retries=2)])
        ((entry,),) = read(torch_module(card), devices="cuda:0")
        self.assertGreaterEqual(entry.pop("readMs"), 0)
        self.assertEqual(
            entry,
            {
                "device": "cuda:0",
                "uuid": "GPU-01234567-89ab-cdef-0123-456789abcdef",
                "pciBusId": "00000000:65:00.0",
                "name": "NVIDIA H100 80GB HBM3",
                "allocatedBytes": round(4.5 * GIB),
                "reservedBytes": 10 * GIB,
                "activeBytes": 5 * GIB,
                "requestedBytes": round(4.5 * GIB) - 1024,
                "inactiveSplitBytes": GIB,
                "peakAllocatedBytes": 6 * GIB,
                "peakReservedBytes": 10 * GIB,
                "peakActiveBytes": 6 * GIB,
                "peakScope": "run",
                "allocRetries": 2,
                "ooms": 0,
                "deviceAllocs": 40,
                "deviceFrees": 2,
                "syncAllStreams": 2,
                "segments": 512,
                "deviceFreeBytes": 70 * GIB,
                "deviceTotalBytes": 80 * GIB,
                "processFraction": 1.0,
            },
        )

    def test_one_call_a_device_and_reading(self) -> None:
        card = Card([stats(GIB, 2 * GIB)])
        read(torch_module(card), times=5, devices="cuda:0")
        self.assertEqual(card.reads, 5)

    def test_before_cuda_begins_nothing_is_measured_and_no_context_made(self) -> None:
        for torch in (torch_module(Card([{}])), torch_module(Card([{}]), initialized=False)):
            ((entry,),) = read(torch, devices="cuda:0")
            measured = {name for name, value in entry.items() if value is not None}
            self.assertLessEqual(measured, {"device", "uuid", "pciBusId", "name", "processFraction", "readMs"})

    def test_free_memory_is_asked_only_where_the_process_holds_some(self) -> None:
        card = Card([stats(0, 0), stats(MIB, 2 * MIB)])
        ((before,), (after,)) = read(torch_module(card), times=2, devices="cuda:0")
        self.assertEqual((before["allocatedBytes"], before["deviceFreeBytes"]), (0, None))
        self.assertEqual(after["deviceFreeBytes"], 70 * GIB)

    def test_what_was_refused_before_the_run_is_not_the_runs(self) -> None:
        card = Card([stats(GIB, 2 * GIB, retries=7), stats(GIB, 2 * GIB, retries=7), stats(GIB, 2 * GIB, retries=9), stats(GIB, 2 * GIB, retries=1)])
        with patch.dict(sys.modules, {"torch": torch_module(card)}):
            reader = MemoryReader("cuda:0")
            reader.begin()
            self.assertEqual([reader.read()[0]["allocRetries"] for _ in range(3)], [0, 2, 1])

    def test_the_program_stays_on_its_device(self) -> None:
        """PyTorch 2.6 goes to the device whose fraction it is asked for, and stays there."""
        torch = torch_module(Card([stats(GIB, 2 * GIB)]), Card([stats(GIB, 2 * GIB)]))
        current = [0]

        def fraction(index: int) -> float:
            current[0] = index
            return 0.5

        torch.cuda.current_device = lambda: current[0]
        torch.cuda.set_device = lambda index: current.__setitem__(0, index)
        torch.cuda.get_per_process_memory_fraction = fraction
        (entries,) = read(torch)
        self.assertEqual([entry["processFraction"] for entry in entries], [0.5, 0.5])
        self.assertEqual(current, [0])

    def test_keys_that_a_version_lacks_are_null(self) -> None:
        torch = torch_module(Card([stats(GIB, 2 * GIB, version="1.13")]), version="1.13.1", fraction=None)
        ((entry,),) = read(torch, devices="cuda:0")
        for name in ("requestedBytes", "deviceAllocs", "deviceFrees", "syncAllStreams", "processFraction"):
            self.assertIsNone(entry[name], name)
        self.assertEqual((entry["allocatedBytes"], entry["allocRetries"]), (GIB, 0))

    def test_a_flat_dictionary_reads_the_same(self) -> None:
        nested = stats(GIB, 2 * GIB, retries=3)
        self.assertEqual(statistics(nested), statistics(flat(nested)))

    def test_odd_values_are_null(self) -> None:
        odd = {"allocated_bytes": {"all": {"current": -5}}, "reserved_bytes": 7, "num_ooms": "many", "num_alloc_retries": 2**60}
        self.assertEqual(set(statistics(odd).values()), {None})

    def test_counters_travel_as_they_are_after_a_reset(self) -> None:
        """The reader of the log recognises the reset; the client does not subtract."""
        card = Card([stats(GIB, GIB, retries=7), stats(GIB, GIB, retries=1)])
        found = read(torch_module(card), times=2, devices="cuda:0")
        self.assertEqual([entry["allocRetries"] for (entry,) in found], [7, 1])

    def test_expandable_segments_have_no_inactive_splits(self) -> None:
        card = Card([stats(GIB, 2 * GIB, inactive_split=MIB)])
        for variable in ("PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ALLOC_CONF"):
            with patch.dict(os.environ, {variable: "max_split_size_mb:512, expandable_segments : True"}):
                ((entry,),) = read(torch_module(card), devices="cuda:0")
                self.assertIsNone(entry["inactiveSplitBytes"])
                self.assertTrue(expandable_segments())
        self.assertFalse(expandable_segments())

    def test_cuda_malloc_async_leaves_fields_unmeasured_not_zero(self) -> None:
        ((entry,),) = read(torch_module(Card([stats(GIB, 2 * GIB)]), backend="cudaMallocAsync"), devices="cuda:0")
        self.assertEqual((entry["allocatedBytes"], entry["reservedBytes"]), (GIB, 2 * GIB))
        for name in ("inactiveSplitBytes", "allocRetries", "ooms", "segments", "requestedBytes", "deviceAllocs"):
            self.assertIsNone(entry[name], name)

    def test_peaks_are_of_an_update_once_they_were_reset(self) -> None:
        card = Card([stats(GIB, 2 * GIB)])
        found = read(torch_module(card), times=3, devices="cuda:0", reset_peaks=True)
        self.assertEqual([entry["peakScope"] for (entry,) in found], ["run", "update", "update"])
        self.assertEqual(card.peak_resets, 3)


class FreeMemory(unittest.TestCase):
    def read_at(self, delays: List[float]) -> List[bool]:
        card = Card([stats(GIB, 2 * GIB)], delays=delays)
        readings = read(torch_module(card), times=200, devices="cuda:0", timer=card.clock)
        return [entry["deviceFreeBytes"] is not None for (entry,) in readings]

    def test_a_slow_call_is_left_out_until_it_costs_little_on_average(self) -> None:
        self.assertEqual(self.read_at([0.008] * 3), [True] * 2 + [False] * 80 + [True] + [False] * 80 + [True] * 37)

    def test_one_slow_call_changes_nothing(self) -> None:
        self.assertEqual(self.read_at([0.00001, 0.02, 0.00001]), [True] * 200)


class Discovery(unittest.TestCase):
    def test_devices_on_which_the_process_holds_memory(self) -> None:
        cards = [Card([stats(0, 0)]), Card([stats(GIB, 2 * GIB)]), Card([stats(0, 0)])]
        ((entry,),) = read(torch_module(*cards))
        self.assertEqual(entry["device"], "cuda:1")
        self.assertEqual([card.free_reads for card in cards], [0, 1, 0])

    def test_the_current_device_until_there_is_one(self) -> None:
        cards = [Card([stats(0, 0)]), Card([stats(0, 0)] * 2 + [stats(GIB, 2 * GIB)])]
        found = read(torch_module(*cards), times=4)
        self.assertEqual([[e["device"] for e in entries] for entries in found][0], ["cuda:0"])
        self.assertEqual([e["device"] for e in found[-1]], ["cuda:1"])

    def test_a_device_used_later_is_found(self) -> None:
        late = Card([stats(0, 0)] * 2 + [stats(GIB, 2 * GIB)])
        found = read(torch_module(Card([stats(GIB, GIB)]), late), times=memory.DISCOVER_EVERY * 3)
        self.assertEqual([e["device"] for e in found[0]], ["cuda:0"])
        self.assertEqual([e["device"] for e in found[-1]], ["cuda:0", "cuda:1"])

    def test_nothing_without_torch_without_cuda_and_before_it_begins(self) -> None:
        self.assertEqual(read(None), [[]])
        self.assertEqual(read(torch_module(Card([stats(GIB, GIB)]), initialized=False)), [[]])
        self.assertEqual(read(torch_module(Card([stats(GIB, GIB)])), devices=[]), [[]])

    def test_devices_as_people_write_them(self) -> None:
        card = Card([stats(GIB, GIB)])
        for devices in ("cuda:0", "cuda", 0, ["cuda:0"], [0, "cuda:0", "cpu"]):
            ((entry,),) = read(torch_module(card), devices=devices)
            self.assertEqual(entry["device"], "cuda:0")

    def test_apples_memory(self) -> None:
        torch = torch_module(initialized=False)
        torch.mps = type("mps", (), {
            "current_allocated_memory": staticmethod(lambda: GIB),
            "driver_allocated_memory": staticmethod(lambda: 3 * GIB),
            "recommended_max_memory": staticmethod(lambda: 12 * GIB),
        })  # fmt: skip
        torch.backends = type("b", (), {"mps": type("m", (), {"is_available": staticmethod(lambda: True)})})
        ((entry,),) = read(torch)
        self.assertEqual(
            (entry["device"], entry["allocatedBytes"], entry["reservedBytes"], entry["deviceTotalBytes"], entry["deviceFreeBytes"]),
            ("mps", GIB, 3 * GIB, 12 * GIB, None),
        )
        self.assertIsNone(entry["allocRetries"])

    def test_intels_memory(self) -> None:
        torch = torch_module(Card([stats(GIB, 2 * GIB)], name="Intel Max 1550", uuid=None, pci=None))
        torch.xpu, torch.cuda = torch.cuda, torch_module(initialized=False).cuda
        ((entry,),) = read(torch)
        self.assertEqual((entry["device"], entry["reservedBytes"], entry["deviceFreeBytes"]), ("xpu:0", 2 * GIB, 70 * GIB))

    def test_a_backend_that_raises_is_reported_and_read_as_nothing(self) -> None:
        def fail(index: int) -> None:
            raise RuntimeError("no")

        torch = torch_module(Card([stats(GIB, GIB)]))
        torch.cuda.memory_stats_as_nested_dict = fail
        failed: List[str] = []
        ((entry,),) = read(torch, devices="cuda:0", report=lambda what, why: failed.append(what))
        self.assertIsNone(entry["allocatedBytes"])
        self.assertEqual(failed, ["cuda:0: memory could not be read"])


if __name__ == "__main__":
    unittest.main()
