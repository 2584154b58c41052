"""examples/gpu_check.py, rehearsed on the stand-in device: what it records on a real one has this form."""

from __future__ import annotations

import gzip
import json
import subprocess
import tarfile
import unittest
from typing import Any

from on_standin import GIB, command, environment, needs
from scratch import PACKAGE, Scratch

PROGRAM = PACKAGE.parent / "examples" / "gpu_check.py"
FILES = [
    "PROVENANCE.json", "allocator-trace.json.gz", "client.json", "expandable-segments.json", "nvidia-smi.json", "out-of-memory.json", "runs.tar.gz",
]  # fmt: skip


@unittest.skipUnless(PROGRAM.exists(), "the examples are not at hand")
@needs("torch-current")
class GpuCheck(Scratch):
    def test_records_everything_in_a_few_small_files(self) -> None:
        out = self.runs.parent / "check"
        words = command("torch-current", ["--memory", "8GiB"], [str(PROGRAM), "--out", str(out), "--gib", "1"])
        done = subprocess.run(words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=350)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        self.assertEqual(sorted(path.name for path in out.iterdir()), FILES)
        self.assertTrue(all(path.stat().st_size < 16 * 2**20 for path in out.iterdir()))

        def read(name: str) -> Any:
            data = (out / name).read_bytes()
            return json.loads(gzip.decompress(data) if name.endswith(".gz") else data)

        provenance = read("PROVENANCE.json")
        self.assertEqual((provenance["isStandIn"], provenance["totalBytes"], provenance["failed"]), (True, 8 * GIB, []))
        self.assertIn("no GPU", provenance["card"])
        (client,) = read("client.json")
        self.assertEqual(client["reading"]["allocatedBytes"], client["memoryStats"]["allocated_bytes.all.current"])
        self.assertEqual(client["reading"]["deviceFreeBytes"], client["memGetInfo"]["free"])
        self.assertGreater(client["readMicroseconds"]["median"], 0)
        for error in read("out-of-memory.json"):
            found = error["read"]
            self.assertEqual(error["class"], "OutOfMemoryError")
            # Texts round to hundredths of their unit.
            self.assertAlmostEqual(found["allocatedBytes"], error["allocatedBytes"], delta=0.005 * GIB + 1, msg=error["text"])
            self.assertTrue(found["triedBytes"], error["text"])
        usual, expandable = read("expandable-segments.json")
        reserved = usual["columns"].index("reservedPeak")
        self.assertGreater(usual["steps"][-1][reserved], expandable["steps"][-1][reserved])
        (trace,) = read("allocator-trace.json.gz")
        self.assertGreater(len(trace["events"]), 300)
        rows = read("nvidia-smi.json")["devices"]["rows"]
        self.assertEqual(len(rows), 2)
        with tarfile.open(out / "runs.tar.gz") as runs:
            names = runs.getnames()
        for name in ("ppo", "steady", "leak", "spike", "fragment", "wall"):
            self.assertIn(f"recorded-{name}/events-0.jsonl", names)


if __name__ == "__main__":
    unittest.main()
