"""PyTorch's record of where device memory was allocated: turned on and off, and read, on every version from 2.0 on.

Each block keeps the Python stack that allocated it; over single updates the order of what is allocated and freed is recorded
too, for what was held at their peak. No C++ stacks, which cost a hundred times as much. Where the program itself records a
history, it is left as it is, and only read.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import types
from typing import Any, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

from .allocator import allocator_backend, torch_module

#: Takes the device's index, bytes asked for, bytes of the segment, and bytes that the device has free.
OutOfMemoryObserver = Callable[[int, int, int, int], None]
#: Allocations and frees that are remembered in their order. What an update does beyond that has no peak.
MOST_ENTRIES = 32768


class LiveBlock(NamedTuple):
    """A block that is allocated, or freed and still awaited by a stream."""

    device: int
    requested_bytes: int
    #: Frames as torch has them, innermost first; empty where nothing was recorded, or no Python ran.
    frames: List[Dict[str, Any]]


class StackHistory:
    """The history of one process; whether it can be had at all is :func:`available`."""

    #: Whether :meth:`keep` made this process record all the time.
    _is_kept = False
    #: Whether the program has begun a history of its own, which would end with ours.
    _has_the_programs = False

    @classmethod
    def keep(cls, entries: int) -> bool:
        """Records stacks and order from now to the process's end, so many entries of it. False where this version cannot (before 2.1)."""
        record_history = _record_history()
        if "trace_alloc_record_context" in inspect.signature(record_history).parameters:
            return False
        record_history("all", context="alloc", stacks="python", max_entries=entries)
        cls._is_kept = True
        return True

    def __init__(self) -> None:
        self._memory = torch_module().cuda.memory
        self._record_history = _record_history()
        parameters = inspect.signature(self._record_history).parameters
        self._is_of_2_0 = "trace_alloc_record_context" in parameters
        # Else only the thread that began it can end it without a warning of torch's.
        self._of_all_threads = {"global_record_annotations": True} if "global_record_annotations" in parameters else {}
        snapshot = self._memory.memory_snapshot
        self._leaves_traces_out = "include_traces" in inspect.signature(snapshot).parameters
        self._is_ours = False
        self._is_traced = self._is_kept

    @property
    def is_on(self) -> bool:
        """Whether blocks keep their stacks now, for us or for the program itself."""
        return self._is_ours or self._is_the_programs()

    def start(self) -> None:
        """From now on each block keeps its stack."""
        if not self.is_on:
            self._record(is_traced=False)

    def trace(self) -> None:
        """From now on the order of allocations and frees is remembered too; :meth:`at_peak` reads it."""
        if not self._is_traced and not self._is_the_programs():
            self._record(is_traced=True)

    def end_trace(self) -> None:
        """Ends what :meth:`trace` began; blocks still keep their stacks."""
        if self._is_traced and not self._is_kept:
            self._is_traced = False
            if not self._is_the_programs():
                self._record(is_traced=False)

    def stop(self) -> None:
        """Ends what :meth:`start` began. Blocks that have their stacks keep them."""
        if self._is_ours and not self._is_the_programs():
            self._record_history(False if self._is_of_2_0 else None)
        self._is_ours = self._is_traced = False

    def _record(self, is_traced: bool) -> None:
        entries = MOST_ENTRIES if is_traced else 1
        if self._is_of_2_0:
            self._record_history(
                True, record_context=True, trace_alloc_max_entries=entries, trace_alloc_record_context=is_traced
            )
        elif is_traced:
            self._record_history("all", context="alloc", stacks="python", max_entries=entries, **self._of_all_threads)
        else:
            self._record_history("state", context="state", stacks="python", max_entries=entries, **self._of_all_threads)
        self._is_ours, self._is_traced = True, is_traced

    def live_blocks(self) -> List[LiveBlock]:
        """What is allocated now. It holds the allocator's mutex while it copies, and does not wait for the device."""
        with _compiler_not_loaded():
            segments = self._memory.memory_snapshot(include_traces=False) if self._leaves_traces_out else self._memory.memory_snapshot()
        return [
            LiveBlock(segment.get("device", 0), *_of_block(block))
            for segment in segments
            for block in segment["blocks"]
            if block["state"] != "inactive"
        ]

    def at_peak(self, allocations: Dict[int, int]) -> Dict[int, List[LiveBlock]]:
        """What was allocated when most was, since the last so many allocations of each device began.

        A device is left out whose trace does not reach back to there, and all where nothing was traced.
        """
        if not self._is_traced:
            return {}
        with _compiler_not_loaded():
            snapshot = self._memory._snapshot()
        live: Dict[int, Dict[int, Any]] = {}
        for segment in snapshot["segments"]:
            address = segment["address"]
            for block in segment["blocks"]:
                if block["state"] != "inactive":
                    live.setdefault(segment.get("device", 0), {})[address] = _of_block(block)
                address += block["size"]
        traces = dict(enumerate(snapshot["device_traces"]))
        found = {
            device: highest_state(live.get(device, {}), traces[device], count)
            for device, count in allocations.items()
            if count > 0 and device in traces
        }
        return {
            device: [LiveBlock(device, *block) for block in blocks] for device, blocks in found.items() if blocks is not None
        }

    def _is_the_programs(self) -> bool:
        if StackHistory._has_the_programs:
            return True
        enabled = getattr(torch_module()._C, "_cuda_isHistoryEnabled", None)
        return enabled is not None and not self._is_ours and bool(enabled())


def _record_history() -> Any:
    """torch's function that turns the history on and off. From the first call on, a program that calls it itself is noticed."""
    memory: Any = torch_module().cuda.memory
    found = memory._record_memory_history
    known = getattr(found, "before_esper", None)
    if known is not None:
        return known

    @functools.wraps(found)
    def noticed(*arguments: Any, **options: Any) -> Any:
        StackHistory._has_the_programs = bool(arguments[0] if arguments else options.get("enabled", True))
        return found(*arguments, **options)

    noticed.before_esper = found  # type: ignore[attr-defined]
    memory._record_memory_history = noticed
    return found


@contextlib.contextmanager
def _compiler_not_loaded() -> Iterator[None]:
    """Where torch's compiler was never used, naming frames does not load it: 800 modules, a second of the training.

    torch asks whether it has an ``_inductor`` with frames of compiled code, and that question imports it.
    """
    torch = torch_module()
    if "_inductor" in vars(torch):
        yield
        return
    nothing = types.SimpleNamespace()
    torch._inductor = nothing
    try:
        yield
    finally:
        # Another thread may have imported it since.
        if vars(torch).get("_inductor") is nothing:
            del torch._inductor


def highest_state(
    live: Dict[int, Tuple[int, List[Any]]], entries: List[Dict[str, Any]], allocations: int
) -> Optional[Iterable[Tuple[int, List[Any]]]]:
    """What was held when most was: the newest entries are undone, one after another.

    :param live: requested bytes and frames of what is held now, by address.
    :param entries: of the device's trace, oldest first.
    :param allocations: how many of them are looked at; None is returned where the trace holds fewer.
    """
    now = highest = sum(requested for requested, _ in live.values())
    # The state before entries[at] is the highest so far.
    at, begin = len(entries), len(entries)
    for index in range(len(entries) - 1, -1, -1):
        if allocations == 0:
            break
        action, size = entries[index]["action"], entries[index].get("size", 0)
        if action == "alloc":
            now -= size
            allocations -= 1
        elif action == "free_completed":
            now += size
        begin = index
        if now > highest:
            highest, at = now, begin
    if allocations > 0:
        return None
    held = dict(live)
    for entry in reversed(entries[at:]):
        if entry["action"] == "alloc":
            held.pop(entry["addr"], None)
        elif entry["action"] == "free_completed":
            held[entry["addr"]] = (entry["size"], entry.get("frames") or [])
    return held.values()


def _of_block(block: Dict[str, Any]) -> Any:
    history = block.get("history") or [{}]
    frames = block.get("frames") or history[0].get("frames") or []
    requested = block.get("requested_size") or history[0].get("real_size") or block["size"]
    return int(requested), frames


def available() -> bool:
    """Whether torch is imported, CUDA in use with its own allocator, and this version can record."""
    cuda = getattr(torch_module(), "cuda", None)
    return cuda is not None and cuda.is_initialized() and can_record()


def when_cuda_begins(act: Callable[[], None]) -> None:
    """Calls ``act`` in the moment that CUDA comes into use, before anything is allocated, or now where it is in use already.

    ``act`` must not raise: the program's own first use of CUDA would fail.
    """
    in_turn: Any = getattr(getattr(torch_module(), "cuda", None), "_lazy_call", None)
    if in_turn is not None:
        in_turn(act)


def can_record() -> bool:
    """Whether this version can, on its own allocator."""
    memory = getattr(getattr(torch_module(), "cuda", None), "memory", None)
    return hasattr(memory, "_record_memory_history") and allocator_backend() != "cudaMallocAsync"


def observe_out_of_memory(observer: OutOfMemoryObserver) -> None:
    """Lets ``observer`` be called in the moment that a request is refused for good, where torch has such a thing.

    It cannot be taken away again, and several may be there: torch calls them in turn.
    """
    attach: Optional[Any] = getattr(torch_module()._C, "_cuda_attach_out_of_memory_observer", None)
    if attach is not None:
        attach(observer)
