"""Programs of allocations (programs.ts) on PyTorch's own allocator, over the stand-in device: what it decided, as JSON lines.

Reads one program a line from standard input and writes one answer a line: for each operation the address (or the text of the
out-of-memory error) and the statistics after it. All programs of a process have the settings of its environment and begin
with an empty allocator."""

import ctypes
import gc
import json
import sys

import torch

STATISTICS = [
    "allocated_bytes.all.current", "allocated_bytes.all.peak", "active_bytes.all.current", "reserved_bytes.all.current",
    "reserved_bytes.all.peak", "requested_bytes.all.current", "inactive_split_bytes.all.current", "inactive_split.all.current",
    "allocation.all.current", "segment.all.current", "reserved_bytes.small_pool.current", "oversize_allocations.current",
    "oversize_segments.current", "num_alloc_retries", "num_ooms", "num_sync_all_streams", "num_device_alloc", "num_device_free",
]  # fmt: skip

cudart = torch.cuda.cudart()
driver = ctypes.CDLL("libcuda.so.1")
torch.cuda.init()
streams = [torch.cuda.default_stream()] + [torch.cuda.Stream() for _ in range(3)]


def outside(size):
    """Memory of this process that PyTorch knows nothing of; None where the device has not so much."""
    pointer = ctypes.c_uint64()
    refused = driver.cuMemAlloc_v2(ctypes.byref(pointer), ctypes.c_size_t(size))
    return None if refused else pointer.value


def play(program):
    tensors, others, pools, entered = {}, {}, {}, []
    torch.cuda.reset_accumulated_memory_stats()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_stats()
    answers = []
    for name, *rest in program["operations"]:
        answer = None
        if name == "alloc":
            key, size, stream = rest
            try:
                with torch.cuda.stream(streams[stream]):
                    tensors[key] = torch.empty(size, dtype=torch.uint8, device="cuda")
                answer = tensors[key].data_ptr()
            except torch.cuda.OutOfMemoryError as error:
                answer = str(error)
        elif name == "free":
            tensors.pop(rest[0], None)
        elif name == "record":
            if rest[0] in tensors:
                tensors[rest[0]].record_stream(streams[rest[1]])
        elif name == "empty":
            torch.cuda.empty_cache()
        elif name == "fraction":
            torch.cuda.set_per_process_memory_fraction(float(rest[0]))
        elif name == "outside":
            pointer = outside(rest[1])
            answer = pointer
            if pointer is not None:
                others[rest[0]] = pointer
        elif name == "leave":
            if rest[0] in others:
                driver.cuMemFree_v2(ctypes.c_uint64(others.pop(rest[0])))
        elif name == "enter":
            pool = pools.setdefault(rest[0], None) or torch.cuda.MemPool()
            pools[rest[0]] = pool
            context = torch.cuda.use_mem_pool(pool)
            context.__enter__()
            entered.append(context)
            del pool, context
        elif name == "exit":
            entered.pop().__exit__(None, None, None)
        elif name == "drop":
            pools.pop(rest[0], None)
        else:
            raise ValueError(name)
        after = torch.cuda.memory_stats()
        answers.append([answer, [after[key] - (before[key] if key.startswith("num_") else 0) for key in STATISTICS]])
    while entered:
        entered.pop().__exit__(None, None, None)
    tensors.clear()
    pools.clear()
    gc.collect()
    for pointer in others.values():
        driver.cuMemFree_v2(ctypes.c_uint64(pointer))
    torch.cuda.empty_cache()
    left = torch.cuda.memory_stats()["reserved_bytes.all.current"]
    if left != 0:
        raise SystemExit(f"{left} bytes are left after a program")
    return answers


for line in sys.stdin:
    sys.stdout.write(json.dumps(play(json.loads(line))) + "\n")
    sys.stdout.flush()
print(torch.__version__)
