"""PyTorch's record of where device memory was allocated: turned on and off, and read, on every version from 2.0 on.

Only the state is recorded: each block keeps the Python stack that allocated it. No timeline, and no C++ stacks, which cost a
hundred times as much. Where the program itself records a history, it is left as it is, and only read.
"""

from __future__ import annotations

import inspect
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from .allocator import allocator_backend, torch_module

#: Takes the device's index, bytes asked for, bytes of the segment, and bytes that the device has free.
OutOfMemoryObserver = Callable[[int, int, int, int], None]


class LiveBlock(NamedTuple):
    """A block that is allocated, or freed and still awaited by a stream."""

    device: int
    requested_bytes: int
    #: Frames as torch has them, innermost first; empty where nothing was recorded, or no Python ran.
    frames: List[Dict[str, Any]]


class StackHistory:
    """The history of one process; whether it can be had at all is :func:`available`."""

    def __init__(self) -> None:
        self._memory = torch_module().cuda.memory
        record = inspect.signature(self._memory._record_memory_history).parameters
        self._is_of_2_0 = "trace_alloc_record_context" in record
        snapshot = self._memory.memory_snapshot
        self._leaves_traces_out = "include_traces" in inspect.signature(snapshot).parameters
        self._is_ours = False

    @property
    def is_on(self) -> bool:
        """Whether blocks keep their stacks now, for us or for the program itself."""
        return self._is_ours or self._is_the_programs()

    def start(self) -> None:
        """From now on each block keeps its stack."""
        if self.is_on:
            return
        if self._is_of_2_0:
            self._memory._record_memory_history(True, record_context=True, trace_alloc_max_entries=1)
        else:
            self._memory._record_memory_history("state", context="state", stacks="python", max_entries=1)
        self._is_ours = True

    def stop(self) -> None:
        """Ends what :meth:`start` began. Blocks that have their stacks keep them."""
        if not self._is_ours:
            return
        self._is_ours = False
        self._memory._record_memory_history(False if self._is_of_2_0 else None)

    def live_blocks(self) -> List[LiveBlock]:
        """What is allocated now. It holds the allocator's mutex while it copies, and does not wait for the device."""
        segments = self._memory.memory_snapshot(include_traces=False) if self._leaves_traces_out else self._memory.memory_snapshot()
        return [
            LiveBlock(segment.get("device", 0), *_of_block(block))
            for segment in segments
            for block in segment["blocks"]
            if block["state"] != "inactive"
        ]

    def _is_the_programs(self) -> bool:
        enabled = getattr(torch_module()._C, "_cuda_isHistoryEnabled", None)
        return enabled is not None and not self._is_ours and bool(enabled())


def _of_block(block: Dict[str, Any]) -> Any:
    history = block.get("history") or [{}]
    frames = block.get("frames") or history[0].get("frames") or []
    requested = block.get("requested_size") or history[0].get("real_size") or block["size"]
    return int(requested), frames


def available() -> bool:
    """Whether torch is imported, CUDA in use with its own allocator, and this version can record."""
    torch = torch_module()
    cuda = getattr(torch, "cuda", None)
    if cuda is None or not cuda.is_initialized() or allocator_backend() == "cudaMallocAsync":
        return False
    return hasattr(getattr(cuda, "memory", None), "_record_memory_history")


def observe_out_of_memory(observer: OutOfMemoryObserver) -> None:
    """Lets ``observer`` be called in the moment that a request is refused for good, where torch has such a thing.

    It cannot be taken away again, and several may be there: torch calls them in turn.
    """
    attach: Optional[Any] = getattr(torch_module()._C, "_cuda_attach_out_of_memory_observer", None)
    if attach is not None:
        attach(observer)
