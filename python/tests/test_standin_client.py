"""The Python client on PyTorch's own allocator, from the oldest CUDA build to the current one: what it reads is what PyTorch has."""

from __future__ import annotations

import functools
import unittest
from typing import Any, Dict

import scratch  # noqa: F401  (finds the package)
from on_standin import GIB, LOOK, MIB, needs, run
from test_standin_memory import ALLOCATORS, CONTEXT

from esper_telemetry.allocator import NOT_BY_CUDA_MALLOC_ASYNC

#: PyTorch and allocator; 2.0 has no expandable segments. 2.11 is that of the real recordings.
PAIRS = (
    ("torch-2.0", "native"), ("torch-2.0", "cudaMallocAsync"), ("torch-2.6", "native"), ("torch-2.6", "expandable"), ("torch-2.11", "native"),
    ("torch-current", "native"), ("torch-current", "expandable"), ("torch-current", "cudaMallocAsync"),
)  # fmt: skip
#: What a version's statistics do not have.
LACKING = {"torch-2.0": {"deviceAllocs", "deviceFrees", "syncAllStreams"}}

PROGRAM = (
    LOOK
    + """
from esper_telemetry.allocator import STATS
from esper_telemetry.memory import MemoryReader
from esper_telemetry.out_of_memory import of_error
torch.cuda.init()
reader, failed = MemoryReader(reset_peaks=True, report=lambda what, why: failed.append(f"{what}: {why}")), []
kept = [torch.empty(n * MIB + 100, dtype=torch.uint8, device=f"cuda:{d}") for d in (0, 1) for n in (1, 3, 30)]
brief = torch.empty(50 * MIB, dtype=torch.uint8, device="cuda:0"); del brief
def reading():
    entries = reader.read()
    return [{"reading": entry, "stats": torch.cuda.memory_stats(i), "info": torch.cuda.mem_get_info(i)} for i, entry in enumerate(entries)]
before = [{key: torch.cuda.memory_stats(i).get(key) for key in STATS.values()} for i in (0, 1)]
first = reading()
smaller = torch.empty(7 * MIB, dtype=torch.uint8, device="cuda:0"); del smaller
second = reading()
torch.cuda.empty_cache()
third = reading()
current = torch.cuda.current_device()
unused = MemoryReader(devices="cuda:2").read()
names = {}
accelerator = getattr(torch, "accelerator", None)
if accelerator is not None:
    names["type"] = accelerator.current_accelerator().type
    for name in ("memory_allocated", "memory_reserved", "get_memory_info"):
        if hasattr(accelerator, name):
            names[name] = getattr(accelerator, name)(0)
del kept
torch.cuda.empty_cache()

def refused():
    kept = [torch.empty(n, dtype=torch.uint8, device="cuda") for n in (300 * MIB + 77777, 5 * MIB + 1, 12345)]
    between = [torch.empty(11 * MIB, dtype=torch.uint8, device="cuda") for _ in range(3)]
    del between[1]
    asked, counted = 1900 * MIB + 4321, torch.cuda.memory_stats()
    try:
        torch.empty(asked, dtype=torch.uint8, device="cuda")
    except RuntimeError as error:
        text, read = str(error), of_error(error)
    (free, total), stats = torch.cuda.mem_get_info(), torch.cuda.memory_stats()
    others = [{"pid": pid, "bytes": used} for pid, used in nvml_memory(0)["processes"].items() if pid != os.getpid()]
    return {
        "text": text, "read": read, "asked": asked, "free": free, "total": total, "others": others,
        "allocated": torch.cuda.memory_allocated(), "reserved": torch.cuda.memory_reserved(),
        "counted": [stats.get(name, 0) - counted.get(name, 0) for name in ("num_ooms", "num_alloc_retries")],
    }

unlimited = refused()
torch.cuda.set_per_process_memory_fraction(0.5)
limited = refused()
print(json.dumps({
    "unlimited": unlimited, "limited": limited, "keys": STATS, "before": before, "readings": [first, second, third], "failed": failed, "current": current, "unused": [unused, nvml_memory(2)["used"]], "names": names,
    "smi": [row.split(", ") for row in smi("--query-gpu=uuid,pci.bus_id", "--format=csv,noheader").splitlines()],
}))
"""
)


@functools.lru_cache(maxsize=None)
def made(venv: str, allocator: str) -> Any:
    conf = ALLOCATORS[allocator]
    options = ("--memory", "2GiB,3GiB", "--others", "123MiB,0", "--devices", "3")
    return run(PROGRAM, *options, venv=venv, env={"PYTORCH_CUDA_ALLOC_CONF": conf, "PYTORCH_ALLOC_CONF": conf})


def shown(bytes_: int) -> int:
    """As PyTorch writes an amount, in hundredths of its unit, read back to bytes."""
    unit = next(unit for unit in (1, 2**10, 2**20, 2**30) if unit == 2**30 or bytes_ <= unit * 2**10)
    return int(float(f"{bytes_ / unit:.2f}") * unit + 0.5)


@needs("torch-2.0", "torch-2.6", "torch-2.11", "torch-current")
class Client(unittest.TestCase):
    def test_every_field_is_pytorchs_own_or_null_where_it_has_none(self) -> None:
        for venv, allocator in PAIRS:
            with self.subTest(venv=venv, allocator=allocator):
                read = made(venv, allocator)
                self.assertEqual(read["failed"], [])
                for moment in read["readings"]:
                    self.assertEqual([entry["reading"]["device"] for entry in moment], ["standin:0", "standin:1"])
                    for index, entry in enumerate(moment):
                        stats = read["before"][index] if moment is read["readings"][0] else entry["stats"]
                        self.same(read["keys"], entry["reading"], stats, venv, allocator)
                        self.assertEqual([entry["reading"]["deviceFreeBytes"], entry["reading"]["deviceTotalBytes"]], entry["info"])
                        self.assertEqual([entry["reading"]["uuid"], entry["reading"]["pciBusId"]], read["smi"][index])

    def test_reading_moves_no_program_to_another_device_and_begins_none(self) -> None:
        for venv, allocator in PAIRS:
            with self.subTest(venv=venv, allocator=allocator):
                read = made(venv, allocator)
                (unused,), used = read["unused"]
                self.assertEqual(read["current"], 0)
                self.assertEqual((used, unused["device"], unused["deviceFreeBytes"], unused["processFraction"]), (0, "standin:2", None, None))

    def same(self, keys: Dict[str, str], reading: Dict[str, Any], stats: Dict[str, Any], venv: str, allocator: str) -> None:
        unmeasured = set(LACKING.get(venv, ()))
        unmeasured |= set(NOT_BY_CUDA_MALLOC_ASYNC) if allocator == "cudaMallocAsync" else {"inactiveSplitBytes"} if allocator == "expandable" else set()
        for field, key in keys.items():
            if field in unmeasured:
                self.assertIsNone(reading[field], field)
            elif not field.startswith("peak"):
                self.assertEqual(reading[field], stats[key], f"{field} on {venv}, {allocator}")

    def test_peaks_are_of_an_update_once_they_were_reset(self) -> None:
        for venv, allocator in PAIRS:
            with self.subTest(venv=venv, allocator=allocator):
                first, second, third = (moment[0]["reading"] for moment in made(venv, allocator)["readings"])
                self.assertEqual((first["peakScope"], second["peakScope"]), ("run", "update"))
                if allocator != "cudaMallocAsync":
                    self.assertEqual(first["peakAllocatedBytes"] - first["allocatedBytes"], 50 * MIB)
                    self.assertEqual(second["peakAllocatedBytes"] - second["allocatedBytes"], 7 * MIB)
                if allocator == "native" and venv not in LACKING:
                    self.assertGreater(third["deviceFrees"], second["deviceFrees"])

    def test_names_of_torch_accelerator(self) -> None:
        """It answers what torch.cuda does, where a version has it."""
        for venv in ("torch-2.6", "torch-current"):
            read = made(venv, "native")
            names, newest = read["names"], read["readings"][-1][0]["reading"]
            self.assertEqual(names["type"], "cuda")
            if venv == "torch-current":
                self.assertEqual(
                    (names["memory_allocated"], names["memory_reserved"], names["get_memory_info"]),
                    (newest["allocatedBytes"], newest["reservedBytes"], [newest["deviceFreeBytes"], newest["deviceTotalBytes"]]),
                )

    def test_every_figure_of_an_out_of_memory_text_to_its_last_digit(self) -> None:
        """With no limit of the process, and with half of the device."""
        for venv, allocator in PAIRS:
            for limit in ("unlimited", "limited"):
                with self.subTest(venv=venv, allocator=allocator, limit=limit):
                    self.refused(made(venv, allocator)[limit], venv, allocator, limit == "limited")

    def refused(self, case: Dict[str, Any], venv: str, allocator: str, is_limited: bool) -> None:
        read, text = case["read"], case["text"]
        self.assertEqual((case["total"], read["device"]), (2 * GIB, "cuda:0"), text)
        found = {name: value for name, value in read.items() if name not in ("device", "by") and value is not None}
        allocated, reserved = case["allocated"], case["reserved"]
        expected = {"triedBytes": shown(case["asked"]), "totalBytes": 2 * GIB, "freeBytes": shown(case["free"]), "allocatedBytes": shown(allocated)}
        if is_limited and "allowed" in text or is_limited and allocator == "cudaMallocAsync":
            expected["allowedBytes"] = GIB
        if allocator != "cudaMallocAsync":
            self.assertEqual(case["counted"], [1, 1])
            is_oldest = venv == "torch-2.0"
            expected["reservedUnallocatedBytes"] = shown(reserved) - shown(allocated) if is_oldest else shown(reserved - allocated)
            if not is_oldest:
                expected["processBytes"] = shown(CONTEXT + reserved)
                expected["otherProcesses"] = [{"pid": int(other["pid"]), "bytes": shown(other["bytes"])} for other in case["others"]]
        self.assertEqual(found, expected, text)


if __name__ == "__main__":
    unittest.main()
