"""Errors about memory, by the vectors that Esper's own programs are held to as well."""

from __future__ import annotations

import time
import unittest
from typing import Any, Dict

import scratch  # noqa: F401  (finds the package)
from vectors import cases

from esper_telemetry.out_of_memory import is_out_of_memory, of_error, parse, read

UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def size(amount: str) -> int:
    number, unit = amount.split(" ")
    value = float(number) * UNITS[unit]
    return int(value + 0.5) if value >= 0 else -int(-value + 0.5)


def expected(figures: Dict[str, Any]) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    for name, value in figures.items():
        if name in ("impossible", "device"):
            found[name] = value
        elif name == "otherProcesses":
            found[name] = [{"pid": process["pid"], "bytes": size(process["bytes"])} for process in value]
        elif isinstance(value, list):
            found[name] = size(value[0]) - size(value[1])
        else:
            found[name] = size(value)
    return found


class Texts(unittest.TestCase):
    def test_vectors(self) -> None:
        self.assertGreater(len(cases("memory-errors")), 60)
        for case in cases("memory-errors"):
            with self.subTest(case["name"]):
                given, wanted = case["given"], case["expected"]
                answer = read(given["text"], given.get("errorType")) or {"memory": None, "outOfMemory": None}
                self.assertEqual((answer["memory"], answer.get("by")), (wanted["memory"], wanted.get("by")))
                found = {name: value for name, value in (answer["outOfMemory"] or {}).items() if value is not None and name != "by"}
                if "impossible" in found:
                    found["impossible"] = [one["figure"] for one in found["impossible"]]
                self.assertEqual(found, expected(wanted.get("figures", {})))

    def test_any_other_text_is_none(self) -> None:
        self.assertIsNone(parse("expected all tensors to be on the same device"))

    def test_time_grows_with_the_text_and_no_faster(self) -> None:
        def took(text: str) -> float:
            began = time.thread_time()
            read(text)
            return time.thread_time() - began

        for head, run in (("CUDA out of memory. Tried to allocate ", "1"), ("out of memory ", "process 1 has "), ("out of memory shape[", "1,")):
            small = min(took(head + run * (2000 // len(run))) for _ in range(3))
            large = min(took(head + run * (20000 // len(run))) for _ in range(3))
            self.assertLess(large, 40 * small + 0.05, head)


class Errors(unittest.TestCase):
    def test_by_class_or_text(self) -> None:
        kind = type("OutOfMemoryError", (RuntimeError,), {})
        self.assertTrue(is_out_of_memory(kind("x")))
        self.assertTrue(is_out_of_memory(RuntimeError("CUDA out of memory. Tried to allocate …")))
        self.assertTrue(is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory")))
        self.assertTrue(is_out_of_memory(ValueError("No available memory for the cache blocks.")))
        self.assertFalse(is_out_of_memory(RuntimeError("shape mismatch")))

    def test_the_host_and_what_only_sounds_so(self) -> None:
        found = of_error(MemoryError())
        assert found is not None
        self.assertEqual((found["device"], found["by"]), ("cpu", "python"))
        self.assertFalse(is_out_of_memory(RuntimeError("out of resource: shared memory, Required: 663808")))


if __name__ == "__main__":
    unittest.main()
