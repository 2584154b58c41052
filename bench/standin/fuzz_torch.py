"""PyTorch's own allocator under random work on the stand-in device, and then the books: run it with the launcher.

    python -m esper_telemetry.standin --memory 4GiB --devices 2 bench/standin/fuzz_torch.py SEED SECONDS

Threads allocate on streams of two devices, of sizes from one byte to half a gigabyte, write, copy back, free, empty the cache and reset peaks,
while the device is small enough to refuse. At rest every source of figures must agree; when all is freed, nothing is left.
"""

from __future__ import annotations

import random
import sys
import threading
import time
import warnings
from typing import Any, Dict, List

import torch

MIB = 2**20


def work(seed: int, until: float, done: List[int], refused: List[int]) -> None:
    chance = random.Random(seed)
    kept: List[Any] = []
    streams = {device: [torch.cuda.Stream(device) for _ in range(2)] for device in range(torch.cuda.device_count())}
    while time.monotonic() < until:
        device = chance.randrange(len(streams))
        size = chance.choice([1, 300, 5_000, 700_000, 3 * MIB, 21 * MIB, 90 * MIB, 512 * MIB]) + chance.randrange(1_000)
        action = chance.random()
        try:
            with torch.cuda.device(device), torch.cuda.stream(chance.choice(streams[device])):
                if action < 0.5:
                    mark = chance.randrange(256)
                    tensor = torch.empty(size, dtype=torch.uint8, device=f"cuda:{device}")
                    tensor[:8].copy_(torch.full((min(size, 8),), mark, dtype=torch.uint8))
                    kept.append((tensor, mark))
                elif action < 0.85 and kept:
                    tensor, mark = kept.pop(chance.randrange(len(kept)))
                    assert set(tensor[:8].cpu().tolist()) == {mark}, "another tensor's bytes"
                elif action < 0.9 and kept:
                    tensor, _ = chance.choice(kept)
                    tensor.record_stream(chance.choice(streams[tensor.device.index]))
                elif action < 0.92:
                    torch.cuda.empty_cache()
                elif action < 0.94:
                    torch.cuda.reset_peak_memory_stats(device)
                else:
                    pinned = torch.full((min(size, MIB),), 3, dtype=torch.uint8).pin_memory()
                    assert int(pinned.to(f"cuda:{device}", non_blocking=True)[-1:].cpu()) == 3
        except RuntimeError as error:
            if "out of memory" not in str(error).lower() and type(error).__name__ != "OutOfMemoryError":
                raise
            refused[0] += 1
            del kept[: len(kept) // 2]
        done[0] += 1
        while len(kept) > 60:
            kept.pop(0)


def held() -> Dict[int, int]:
    """What the device reports that this process holds beside PyTorch's reserved bytes: its context, and nothing else."""
    rest = {}
    for device in range(torch.cuda.device_count()):
        free, total = torch.cuda.mem_get_info(device)
        stats = torch.cuda.memory_stats(device)
        rest[device] = total - free - stats.get("reserved_bytes.all.current", 0)
    return rest


def main() -> None:
    warnings.simplefilter("ignore")
    seed, seconds = int(sys.argv[1]), float(sys.argv[2])
    torch.cuda.init()
    for device in range(torch.cuda.device_count()):
        torch.empty(1, device=f"cuda:{device}")
    context = held()
    done, refused = [0], [0]
    failures: List[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number, time.monotonic() + seconds, done, refused)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(seed * 100 + i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    torch.cuda.synchronize()
    assert held() == context, f"with its cache: {held()}, at first {context}"
    torch.cuda.empty_cache()
    assert held() == context, f"when all is freed: {held()}, at first {context}"
    allocated = [torch.cuda.memory_allocated(device) for device in range(torch.cuda.device_count())]
    assert allocated == [0] * len(allocated), f"still allocated: {allocated}"
    print(f"{done[0]} operations, {refused[0]} refused for lack of memory")


if __name__ == "__main__":
    main()
