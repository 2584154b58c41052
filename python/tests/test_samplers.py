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
from esper_telemetry.driver_sampler import DriverSampler, parse_device, parse_processes, ticks
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
        told = self.root(self.MEMORY).read()
        assert told is not None
        page = os.sysconf("SC_PAGE_SIZE")
        self.assertEqual(told, {"ramUsedBytes": 600 * 1024, "ramTotalBytes": 1000 * 1024, "cpuPercent": None, "processRssBytes": 7 * page})

    def test_the_busy_share_since_the_sample_before(self) -> None:
        reader = self.root({**self.MEMORY, "proc/stat": "cpu 100 0 0 100 0 0 0 0 50\ncpu0 …"})
        reader.read()
        self.root({"proc/stat": "cpu 130 0 0 150 20 0 0 0 60\ncpu0 …"})
        self.assertEqual(reader.read()["cpuPercent"], 30.0)  # type: ignore[index]
        self.assertIsNone(reader.read()["cpuPercent"], "no time passed")  # type: ignore[index]

    def test_the_tightest_control_group(self) -> None:
        def group(folder: str, limit: str) -> Dict[str, str]:
            at = f"sys/fs/cgroup/{folder}"
            return {f"{at}memory.max": limit, f"{at}memory.current": "307200", f"{at}memory.stat": "anon 1\ninactive_file 102400\n"}

        groups = {"proc/self/cgroup": "0::/pod/box\n", **group("pod/", "409600"), **group("pod/box/", "max\n"), **group("", "819200")}
        told = self.root({**self.MEMORY, **groups}).read()
        self.assertEqual((told["ramUsedBytes"], told["ramTotalBytes"]), (204800, 409600))  # type: ignore[index]
        told = self.root(group("pod/", "99999999999")).read()
        self.assertEqual(told["ramTotalBytes"], 819200)  # type: ignore[index]

    def test_control_groups_version_1(self) -> None:
        at = "sys/fs/cgroup/memory/"
        group = {
            "proc/self/cgroup": "5:cpu:/\n4:memory:/elsewhere\n", f"{at}memory.limit_in_bytes": "409600",
            f"{at}memory.usage_in_bytes": "307200", f"{at}memory.stat": "total_inactive_file 102400\n",
        }  # fmt: skip
        told = self.root({**self.MEMORY, **group}).read()
        self.assertEqual((told["ramUsedBytes"], told["ramTotalBytes"]), (204800, 409600))  # type: ignore[index]

    def test_no_proc_no_sample(self) -> None:
        self.assertIsNone(self.root({}).read())


LINES = [
    "2, GPU-a, 00000000:65:00.0, 0, NVIDIA H100 80GB HBM3, 1024, 81559, 37, 41, 120.50",
    "2, GPU-b, 00000000:66:00.0, 1, NVIDIA H100 80GB HBM3, 0, 81559, [N/A], 30, [Not Supported]",
]


class Driver(unittest.TestCase):
    def test_a_line(self) -> None:
        _, told = parse_device(LINES[0])  # type: ignore[misc]
        self.assertEqual(
            told,
            {
                "uuid": "GPU-a", "pciBusId": "00000000:65:00.0", "index": 0, "name": "NVIDIA H100 80GB HBM3",
                "usedBytes": 1024 * MIB, "totalBytes": 81559 * MIB, "utilizationPercent": 37.0,
                "temperatureCelsius": 41.0, "powerWatts": 120.5,
            },
        )  # fmt: skip
        _, told = parse_device(LINES[1])  # type: ignore[misc]
        self.assertEqual((told["usedBytes"], told["utilizationPercent"], told["powerWatts"]), (0, None, None))

    def test_anything_else_is_no_line(self) -> None:
        for line in ("", "Failed to initialize NVML: Driver/library version mismatch", "Unable to determine the device handle for GPU", "1, 2"):
            self.assertIsNone(parse_device(line))

    def test_ticks(self) -> None:
        grouped = lambda lines: [[d["uuid"] for d in tick] for tick in ticks(lines)]  # noqa: E731
        self.assertEqual(grouped(LINES * 2), [["GPU-a", "GPU-b"]] * 2)
        self.assertEqual(grouped([LINES[0], "noise", *LINES]), [["GPU-a"], ["GPU-a", "GPU-b"]])
        self.assertEqual(grouped([*LINES, LINES[0]]), [["GPU-a", "GPU-b"]], "half a tick is none")

    def test_processes(self) -> None:
        told = parse_processes("GPU-a, 12, 900, python3, with a comma\nGPU-a, 13, [N/A], /bin/x\n[Insufficient Permissions]\n")
        self.assertEqual(
            told,
            {"GPU-a": [{"pid": 12, "name": "python3, with a comma", "usedBytes": 900 * MIB}, {"pid": 13, "name": "/bin/x", "usedBytes": None}]},
        )


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
