"""PyTorch's statistics, mem_get_info, NVML, nvidia-smi and the allocator's snapshot of the stand-in device agree, at every moment."""

from __future__ import annotations

import functools
import unittest
from typing import Any, Dict, List

import scratch  # noqa: F401  (finds the package)
from on_standin import GIB, LOOK, MIB, TORCHES, needs, run

CONTEXT = 300 * MIB

#: One process of an allocator: what a process may have, then all sources at every moment, then a graph.
PROGRAM = (
    LOOK
    + """
made = {"looks": []}
torch.cuda.init()
torch.empty(1, device="cuda")
torch.cuda.empty_cache()

def fill(megabytes):
    kept = []
    try:
        while True:
            kept.append(torch.empty(megabytes * MIB, dtype=torch.uint8, device="cuda"))
    except RuntimeError as error:
        return kept, str(error), type(error).__name__

def limited():
    torch.cuda.set_per_process_memory_fraction(0.5)
    kept, text, _ = fill(64)
    return {"look": look(), "text": text}

if torch.cuda.get_allocator_backend() == "native":
    made["limited"] = limited()
    torch.cuda.set_per_process_memory_fraction(1.0)
    torch.cuda.empty_cache()
    torch.cuda.reset_accumulated_memory_stats()

looks = made["looks"]
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
more, made["text"], made["kind"] = fill(256)
looks.append(look())
stats = torch.cuda.memory_stats()
made.update(
    pinned=pinned.is_pinned(), same=bool(torch.equal(back, pinned)), retries=stats.get("num_alloc_retries", 0), ooms=stats.get("num_ooms", 0),
    name=torch.cuda.get_device_name(),
)
del tensors, there, more

def graph():
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
    pools = {tuple(s["segment_pool_id"]) for s in torch.cuda.memory_snapshot() if any(b["address"] == t.data_ptr() for b in s["blocks"] for t in (first, second, third))}
    outside = torch.empty(1024, 1024, device="cuda")
    graph.replay()
    return {"looks": [before, look()], "pools": sorted(list(pool) for pool in pools)}

if torch.cuda.get_allocator_backend() == "native" and torch.__version__ > "2.1":
    made["graph"] = graph()
print(json.dumps(made))
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


@functools.lru_cache(maxsize=None)
def made(venv: str, allocator: str) -> Any:
    conf = ALLOCATORS[allocator]
    settings = {"PYTORCH_CUDA_ALLOC_CONF": conf, "PYTORCH_ALLOC_CONF": conf}
    return run(PROGRAM, "--memory", "2GiB", "--others", "256MiB", venv=venv, env=settings)


class Agreement(unittest.TestCase):
    """Each method of one PyTorch; each allocator is one program."""

    def alike(self, look: Dict[str, Any], moment: object) -> None:
        agree(self, look, others=256 * MIB, moment=moment)
        self.assertEqual(look["total"], 2 * GIB)

    def moments(self, venv: str, allocator: str) -> None:
        found = made(venv, allocator)
        looks: List[Dict[str, Any]] = found["looks"]
        for moment, look in enumerate(looks):
            self.alike(look, f"{venv}, {allocator}, moment {moment}")
        full, half, trimmed, streamed, copied, refused = looks
        self.assertEqual(full["allocated"], 288 * MIB)
        self.assertEqual(half["allocated"], 221 * MIB)
        self.assertEqual(half["reserved"], full["reserved"])
        self.assertLess(trimmed["reserved"], half["reserved"])
        self.assertEqual(streamed["allocated"], 271 * MIB)
        self.assertEqual(copied["allocated"], 303 * MIB, "pinned memory is the host's")
        self.assertLess(refused["free"], 256 * MIB)
        self.assertTrue(found["pinned"] and found["same"], "a copy through pinned memory brings back every byte")
        self.assertEqual(found["kind"], "OutOfMemoryError")
        self.assertIn("stand-in", found["name"])
        if allocator != "cudaMallocAsync":
            self.assertEqual((found["retries"], found["ooms"]), (1, 1))
            self.assertIn("Tried to allocate 256.00 MiB", found["text"])

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

    @needs("torch-current", "torch-2.6")
    def test_a_graph_keeps_its_private_pool(self) -> None:
        """Also what a stream allocates that joined the capture by waiting for it."""
        for venv in ("torch-current", "torch-2.6"):
            with self.subTest(venv):
                graph = made(venv, "native")["graph"]
                for look in graph["looks"]:
                    self.alike(look, venv)
                self.assertEqual(len(graph["pools"]), 1)
                self.assertNotEqual(graph["pools"][0], [0, 0])

    @needs(*TORCHES)
    def test_a_process_stays_within_its_fraction(self) -> None:
        for venv in TORCHES:
            with self.subTest(venv):
                limited = made(venv, "native")["limited"]
                self.alike(limited["look"], venv)
                self.assertEqual(limited["look"]["reserved"], GIB)
                self.assertGreater(limited["look"]["free"], 400 * MIB, "the device is not full")
                self.assertIn("1024.00 MiB allowed" if venv == "torch-current" else "", limited["text"])


if __name__ == "__main__":
    unittest.main()
