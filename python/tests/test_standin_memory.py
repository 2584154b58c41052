"""PyTorch's statistics, mem_get_info, NVML, nvidia-smi and the allocator's snapshot of the stand-in device agree, at every moment."""

from __future__ import annotations

import unittest
from typing import Any, Dict, List

import scratch  # noqa: F401  (finds the package)
from on_standin import GIB, LOOK, MIB, TORCHES, needs, run

CONTEXT = 300 * MIB

PROGRAM = (
    LOOK
    + """
looks = []
torch.cuda.init()
tensors = [torch.empty(n * MIB, dtype=torch.uint8, device="cuda") for n in (1, 3, 20, 64, 200)]
looks.append(look())
del tensors[1::2]
looks.append(look())
torch.cuda.empty_cache()
looks.append(look())
side = torch.cuda.Stream()
with torch.cuda.stream(side):
    tensors.append(torch.empty(50 * MIB, dtype=torch.uint8, device="cuda"))
looks.append(look())
pinned = torch.arange(32 * MIB, dtype=torch.uint8).pin_memory()
there = pinned.to("cuda", non_blocking=True)
back = there.cpu()
looks.append(look())
text, kind = "", ""
try:
    while True:
        tensors.append(torch.empty(256 * MIB, dtype=torch.uint8, device="cuda"))
except RuntimeError as error:
    text, kind = str(error), type(error).__name__
looks.append(look())
stats = torch.cuda.memory_stats()
print(json.dumps({
    "looks": looks, "text": text, "kind": kind, "pinned": pinned.is_pinned(), "same": bool(torch.equal(back, pinned)),
    "retries": stats.get("num_alloc_retries", 0), "ooms": stats.get("num_ooms", 0), "name": torch.cuda.get_device_name(),
}))
"""
)

#: Allocators by the setting that chooses them.
ALLOCATORS = {"native": "", "expandable": "expandable_segments:True", "cudaMallocAsync": "backend:cudaMallocAsync"}


def agree(
    test: unittest.TestCase, look: Dict[str, Any], *, context: int = CONTEXT, others: int = 0, moment: object = ""
) -> None:
    """Every source of figures reports the same of one device that this process and nothing else uses."""
    used = look["total"] - look["free"]
    test.assertEqual(used, context + others + look["reserved"], f"mem_get_info, {moment}")
    test.assertEqual(look["nvml"]["used"], used, f"NVML, {moment}")
    test.assertEqual(look["nvml"]["free"], look["free"], f"NVML, {moment}")
    test.assertEqual(look["nvml"]["total"], look["total"])
    test.assertEqual(
        look["nvml"]["processes"][str(look["pid"])], context + look["reserved"], f"NVML's processes, {moment}"
    )
    test.assertEqual(look["smiUsed"], used, f"nvidia-smi, {moment}")
    test.assertEqual(look["smiTotal"], look["total"])
    test.assertEqual(look["smiApps"][str(look["pid"])], context + look["reserved"], f"nvidia-smi's processes, {moment}")
    if "snapshotReserved" in look:
        test.assertEqual(look["snapshotReserved"], look["reserved"], f"snapshot, {moment}")
        test.assertEqual(look["snapshotAllocated"], look["allocated"], f"snapshot, {moment}")


class Agreement(unittest.TestCase):
    """Each method of one PyTorch; each allocator is one program."""

    def moments(self, venv: str, allocator: str) -> None:
        conf = ALLOCATORS[allocator]
        made = run(
            PROGRAM,
            "--memory",
            "2GiB",
            "--others",
            "256MiB",
            venv=venv,
            env={"PYTORCH_CUDA_ALLOC_CONF": conf, "PYTORCH_ALLOC_CONF": conf},
        )
        looks: List[Dict[str, Any]] = made["looks"]
        for moment, look in enumerate(looks):
            agree(self, look, others=256 * MIB, moment=f"{venv}, {allocator}, moment {moment}")
            self.assertEqual(look["total"], 2 * GIB)
        full, half, trimmed, streamed, copied, refused = looks
        self.assertEqual(full["allocated"], 288 * MIB)
        self.assertEqual(half["allocated"], 221 * MIB)
        self.assertEqual(half["reserved"], full["reserved"])
        self.assertLess(trimmed["reserved"], half["reserved"])
        self.assertEqual(streamed["allocated"], 271 * MIB)
        self.assertEqual(copied["allocated"], 303 * MIB, "pinned memory is the host's")
        self.assertLess(refused["free"], 256 * MIB)
        self.assertTrue(made["pinned"] and made["same"], "a copy through pinned memory brings back every byte")
        self.assertEqual(made["kind"], "OutOfMemoryError")
        self.assertIn("stand-in", made["name"])
        if allocator != "cudaMallocAsync":
            self.assertEqual((made["retries"], made["ooms"]), (1, 1))
            self.assertIn("Tried to allocate 256.00 MiB", made["text"])

    @needs("torch-current")
    def test_current(self) -> None:
        for allocator in ALLOCATORS:
            with self.subTest(allocator):
                self.moments("torch-current", allocator)

    @needs("torch-2.6")
    def test_cuda_12(self) -> None:
        for allocator in ALLOCATORS:
            with self.subTest(allocator):
                self.moments("torch-2.6", allocator)

    @needs("torch-2.0")
    def test_cuda_11(self) -> None:
        for allocator in ("native", "cudaMallocAsync"):  # 2.0 has no expandable segments
            with self.subTest(allocator):
                self.moments("torch-2.0", allocator)


GRAPH = (
    LOOK
    + """
torch.cuda.init()
weight = torch.empty(1024, 1024, device="cuda")
static = torch.empty(1024, 1024, device="cuda")
warm = torch.cuda.Stream()
with torch.cuda.stream(warm):
    static @ weight
torch.cuda.synchronize()
graph, side = torch.cuda.CUDAGraph(), torch.cuda.Stream()
with torch.cuda.graph(graph):
    first = static @ weight
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        second = first + 1
    torch.cuda.current_stream().wait_stream(side)
    third = second * 2
before = look()
pools = sorted({tuple(s["segment_pool_id"]) for s in torch.cuda.memory_snapshot() if any(b["address"] == t.data_ptr() for b in s["blocks"] for t in (first, second, third))})
outside = torch.empty(1024, 1024, device="cuda")
graph.replay()
out = look()
print(json.dumps({"looks": [before, out], "pools": [list(p) for p in pools]}))
"""
)


class Graphs(unittest.TestCase):
    @needs("torch-current", "torch-2.6")
    def test_a_graph_keeps_its_private_pool(self) -> None:
        """Also what a stream allocates that joined the capture by waiting for it."""
        for venv in ("torch-current", "torch-2.6"):
            with self.subTest(venv):
                made = run(GRAPH, venv=venv)
                for look in made["looks"]:
                    agree(self, look, moment=venv)
                self.assertEqual(len(made["pools"]), 1)
                self.assertNotEqual(made["pools"][0], [0, 0])


LIMIT = (
    LOOK
    + """
torch.cuda.set_per_process_memory_fraction(0.25)
kept, text = [], ""
try:
    while True:
        kept.append(torch.empty(64 * MIB, dtype=torch.uint8, device="cuda"))
except RuntimeError as error:
    text = str(error)
print(json.dumps({"look": look(), "text": text}))
"""
)


class Limit(unittest.TestCase):
    @needs(*TORCHES)
    def test_a_process_stays_within_its_fraction(self) -> None:
        for venv in TORCHES:
            with self.subTest(venv):
                made = run(LIMIT, "--memory", "4GiB", venv=venv)
                agree(self, made["look"], moment=venv)
                self.assertEqual(made["look"]["reserved"], GIB)
                self.assertGreater(made["look"]["free"], 2 * GIB)
                self.assertIn("1024.00 MiB allowed" if venv == "torch-current" else "", made["text"])


if __name__ == "__main__":
    unittest.main()
