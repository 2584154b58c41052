"""The host's figures from a stand-in /proc, the driver's from a stand-in nvidia-smi."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
import unittest
from typing import Any, Dict, List, Tuple
from unittest.mock import patch

from scratch import Scratch

import esper_telemetry as esper
from esper_telemetry.driver_sampler import DriverSampler, parse_counted, ticks
from esper_telemetry.host_sampler import HostReader

MIB = 2**20


class Host(Scratch):
    def root(self, files: Dict[str, str]) -> HostReader:
        for name, text in files.items():
            path = self.runs / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return HostReader(str(self.runs))

    MEMORY = {"proc/meminfo": "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\n", "proc/self/statm": "50 7 3"}

    def test_memory_and_the_resident_set(self) -> None:
        found = self.root(self.MEMORY).read()
        assert found is not None
        page = os.sysconf("SC_PAGE_SIZE")
        self.assertEqual(found, {"ramUsedBytes": 600 * 1024, "ramTotalBytes": 1000 * 1024, "cpuPercent": None, "processRssBytes": 7 * page})

    def test_the_busy_share_since_the_sample_before(self) -> None:
        reader = self.root({**self.MEMORY, "proc/stat": "cpu 100 0 0 100 0 0 0 0 50\ncpu0 …"})
        reader.read()
        self.root({"proc/stat": "cpu 130 0 0 150 20 0 0 0 60\ncpu0 …"})
        self.assertEqual(reader.read()["cpuPercent"], 30.0)  # type: ignore[index]
        self.assertIsNone(reader.read()["cpuPercent"], "no time passed")  # type: ignore[index]

    def test_no_proc_no_sample(self) -> None:
        self.assertIsNone(self.root({}).read())


LINES = [
    "2, GPU-a, 00000000:65:00.0, 0, 1024, 81559, 37, 41, 120.50, NVIDIA GB200, 1 of 2",
    "2, GPU-b, 00000000:66:00.0, 1, 0, 81559, [N/A], 30, [Not Supported], NVIDIA GB200, 1 of 2",
]


class Driver(unittest.TestCase):
    def test_a_counted_line(self) -> None:
        count, found = parse_counted(LINES[0])  # type: ignore[misc]
        self.assertEqual((count, found["uuid"], found["name"]), (2, "GPU-a", "NVIDIA GB200, 1 of 2"))
        for line in ("", "Failed to initialize NVML: Driver/library version mismatch", "1, 2", LINES[0][3:]):
            self.assertIsNone(parse_counted(line))

    def test_ticks(self) -> None:
        grouped = lambda lines: [[d["uuid"] for d in tick] for tick in ticks(lines)]  # noqa: E731
        self.assertEqual(grouped(LINES * 2), [["GPU-a", "GPU-b"]] * 2)
        self.assertEqual(grouped([LINES[0], "noise", *LINES]), [["GPU-a"], ["GPU-a", "GPU-b"]])
        self.assertEqual(grouped([*LINES, LINES[0]]), [["GPU-a", "GPU-b"]], "half a tick is none")


class LongLived(Scratch):
    """The whole path: a program named nvidia-smi on the PATH."""

    def setUp(self) -> None:
        super().setUp()
        self.bin = self.runs.parent / "bin"
        self.bin.mkdir()
        program = self.bin / "nvidia-smi"
        looping = "printf '%s\\n' " + " ".join(f"'{line}'" for line in LINES)
        program.write_text(
            f"""#!/bin/sh
echo "$@" >> {self.bin}/calls
case "$1" in
  --query-compute-apps=*) echo 'GPU-b, 77, 512, python3' ;;
  *) while :; do
{looping}
sleep 0.05; done ;;
esac
"""
        )
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
        self.path = patch.dict(os.environ, {"PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}"})

    def test_it_samples_until_it_is_stopped_and_then_is_gone(self) -> None:
        got: List[Tuple[str, Any]] = []
        two = threading.Event()

        def emit(kind: str, data: Any, cost: float) -> None:
            got.append((kind, data))
            if len(got) == 2:
                two.set()

        with self.path:
            sampler = DriverSampler(emit, lambda what, why: self.fail(f"{what}: {why}"), every=2.0)
            self.assertTrue(two.wait(60))
            sampler.stop()
        assert sampler._process is not None
        self.assertIsNotNone(sampler._process.returncode)
        kind, data = got[0]
        self.assertEqual((kind, [d["uuid"] for d in data["devices"]]), ("DEVICE_SAMPLED", ["GPU-a", "GPU-b"]))
        self.assertEqual([d["processes"] for d in data["devices"]], [[], [{"pid": 77, "name": "python3", "usedBytes": 512 * MIB}]])
        calls = (self.bin / "calls").read_text().splitlines()
        self.assertEqual(len(calls), 2, "one long-lived process, and one question who uses the devices")
        self.assertIn("-lms 2000", calls[0])

    def test_within_a_run(self) -> None:
        with self.path, esper.start("x", runs=self.runs) as run:
            deadline = time.monotonic() + 60
            log = run.path / "events-0.jsonl"  # type: ignore[operator]
            while not {"HOST_SAMPLED", "DEVICE_SAMPLED"} <= {json.loads(line)["type"] for line in log.read_text().splitlines()}:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
        self.assertEqual(self.only_events()[-1]["type"], "TRAINING_COMPLETED", "no sample follows the end")

    def test_without_nvidia_smi_nothing_happens(self) -> None:
        sampler = DriverSampler(lambda *_: self.fail("emitted"), lambda *_: self.fail("reported"), command="no-such-program")
        sampler.stop()


if __name__ == "__main__":
    unittest.main()
