"""The figures in the text of an out-of-memory error: what was asked for, and where the memory was.

PyTorch's wordings differ by version and backend, so each figure is looked for by itself. Texts round to hundredths
of their unit: so do the bytes read from them.
"""

from __future__ import annotations

import math
import re
from typing import Optional

from .events import JSON, MAX_SAFE_INTEGER

_UNITS = {"b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_SIZE = r"([0-9.]+) ?(bytes?|[KMGT]i?B)"
_IS_ONE = re.compile(r"out of memory|can't allocate memory", re.IGNORECASE)
#: HIP devices are ``cuda`` in PyTorch.
_BACKENDS = (
    (r"\bMPS backend out of memory", "mps"),
    (r"\bXPU out of memory", "xpu"),
    (r"\bDefaultCPUAllocator\b", "cpu"),
    (r"\b(CUDA|HIP) out of memory|\bGPU \d", "cuda"),
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` is an allocator's: ``torch.cuda.OutOfMemoryError``, or a RuntimeError (older versions,
    other backends) that says so."""
    return type(error).__name__ == "OutOfMemoryError" or (
        isinstance(error, RuntimeError) and _IS_ONE.search(str(error)) is not None
    )


def parse(text: str) -> JSON:
    """The contract's ``OutOfMemory``: bytes, None for what the text does not tell."""
    allocated = _bytes(text, "SIZE is allocated by PyTorch", "SIZE already allocated", "MPS allocated: SIZE")
    process = _bytes(text, "this process has SIZE memory in use")
    others = _bytes(text, "other allocations: SIZE")
    if process is None and others is not None and allocated is not None:
        process = allocated + others
    unallocated = _bytes(text, "SIZE is reserved by PyTorch but unallocated")
    reserved = _bytes(text, "SIZE reserved in total by PyTorch")
    if unallocated is None and reserved is not None and allocated is not None and reserved >= allocated:
        unallocated = reserved - allocated
    return {
        "device": _device(text),
        "triedBytes": _bytes(text, "tried to allocate SIZE"),
        # "capacty" is how 2.1 spelt it.
        "totalBytes": _bytes(text, "total capaci?ty of SIZE", "SIZE total capacity"),
        "freeBytes": _bytes(text, "of which SIZE is free", "SIZE free;"),
        "processBytes": process,
        "allocatedBytes": allocated,
        "privatePoolBytes": _bytes(text, "SIZE allocated in private pools"),
        "reservedUnallocatedBytes": unallocated,
    }


def _bytes(text: str, *patterns: str) -> Optional[int]:
    """Of the first pattern that the text has; None without one, and for what no device can hold (2**64 was seen)."""
    for pattern in patterns:
        match = re.search(pattern.replace("SIZE", _SIZE), text, re.IGNORECASE)
        if match is not None:
            size = math.floor(float(match.group(1)) * _UNITS[match.group(2)[0].lower()] + 0.5)
            return size if size <= MAX_SAFE_INTEGER else None
    return None


def _device(text: str) -> Optional[str]:
    backend = next((name for pattern, name in _BACKENDS if re.search(pattern, text)), None)
    if backend not in ("cuda", "xpu"):
        return backend
    index = re.search(r"\bGPU (\d+)", text)
    return f"{backend}:{index.group(1)}" if index else None
