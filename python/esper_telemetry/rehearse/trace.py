"""What the allocator's own trace shows of a peak: where it stood, and what it was made of.

The trace holds every allocation and release with the Python stack that asked. Read backward from what is held now, it gives
what was held at any moment: the greatest sum is the peak. Sizes are those asked for; the allocator rounds up.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from ..cells import cell_of, is_typed
from ..live_lines import is_library, is_torch, outside_path

_MODULE = os.path.join("torch", "nn", "modules", "module.py")
_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@dataclass
class Held:
    """A block of memory that tensors hold."""

    size: int
    #: Its allocation was the n-th of this process on this device; None: before the trace begins.
    ordinal: Optional[int]
    frames: Sequence[Mapping[str, Any]] = ()


@dataclass
class Peak:
    #: Bytes asked for.
    held: int
    ordinal: int
    frames: Sequence[Mapping[str, Any]] = ()
    #: By address.
    blocks: Dict[int, Held] = field(default_factory=dict)
    #: Bytes of a request that was refused there; None at a peak that was had.
    refused: Optional[int] = None


def peak_of(snapshot: Mapping[str, Any], device: int, allocations: int, since: int, at_refusal: bool = False) -> Optional[Peak]:
    """The greatest sum held after allocation number ``since``, or the moment of the last refusal; None where the trace shows none.

    :param allocations: of this process on the device until the snapshot.
    """
    blocks = _held_now(snapshot, device)
    trace: List[Mapping[str, Any]] = list(snapshot.get("device_traces", [[]])[device])
    total = sum(block.size for block in blocks.values())
    best, best_at, ordinal, best_ordinal = -1, -1, allocations, allocations
    for at in range(len(trace) - 1, -1, -1):
        action = trace[at]["action"]
        if action == "oom" and at_refusal:
            best, best_at, best_ordinal = total, at, ordinal
            break
        if action == "alloc":
            if ordinal <= since:
                break
            if total > best and not at_refusal:
                best, best_at, best_ordinal = total, at, ordinal
            ordinal -= 1
        total += _undone(trace[at])
    if best_at < 0:
        return None
    ordinal = allocations
    for at in range(len(trace) - 1, best_at, -1):
        event = trace[at]
        if event["action"] == "alloc":
            blocks.pop(event["addr"], None)
            ordinal -= 1
        elif event["action"] == "free_requested":
            blocks[event["addr"]] = Held(event["size"], None, event.get("frames", ()))
    _find_ordinals(blocks, trace, best_at, ordinal)
    event = trace[best_at]
    return Peak(best, best_ordinal, event.get("frames", ()), blocks, int(event["size"]) if at_refusal else None)


def _held_now(snapshot: Mapping[str, Any], device: int) -> Dict[int, Held]:
    found: Dict[int, Held] = {}
    for segment in snapshot["segments"]:
        if segment.get("device", 0) != device:
            continue
        address = segment["address"]
        for block in segment["blocks"]:
            if block["state"] == "active_allocated":
                found[block.get("address", address)] = Held(int(block.get("requested_size", block["size"])), None, block.get("frames", ()))
            address += block["size"]
    return found


def _undone(event: Mapping[str, Any]) -> int:
    """What the sum held changes by, when the event is undone."""
    if event["action"] == "alloc":
        return -int(event["size"])
    return int(event["size"]) if event["action"] == "free_requested" else 0


def _find_ordinals(blocks: Dict[int, Held], trace: List[Mapping[str, Any]], at: int, ordinal: int) -> None:
    """When what was held at the peak was allocated, and by whom."""
    left = set(blocks)
    for event in reversed(trace[: at + 1]):
        if event["action"] != "alloc":
            continue
        block = blocks.get(event["addr"])
        if block is not None and event["addr"] in left:
            left.discard(event["addr"])
            block.ordinal, block.frames = ordinal, event.get("frames", ()) or block.frames
        ordinal -= 1


def program_line(frames: Sequence[Mapping[str, Any]]) -> Optional[str]:
    """``train.py:31`` of the innermost line that is the program's own: none of torch, of an installed package, or of ours; else the
    innermost that is not torch's; None where no Python was running."""
    return _first(frames, lambda path: is_library(path) or path.startswith(_HERE)) or _first(frames, lambda path: f"{os.sep}torch{os.sep}" in path or path.startswith(_HERE) or is_torch(outside_path(path)))


def library_line(frames: Sequence[Mapping[str, Any]]) -> Optional[str]:
    """``transformers/models/gpt2/modeling_gpt2.py:88`` of the library that the program's line had called, and that is not torch's; None where
    the line called torch itself, and where no line of the program's was running."""
    found: Optional[str] = None
    for frame in frames:
        path = str(frame.get("filename", ""))
        if not _is_python(path) or path.startswith(_HERE):
            continue
        if not is_library(path):
            return found
        name = short(path)
        if found is None and not is_torch(name):
            found = f"{name}:{frame.get('line')}"
    return None


def raised_at(error: BaseException) -> Optional[str]:
    """The program's line that an exception came from."""
    frames: List[Mapping[str, Any]] = []
    at = error.__traceback__
    while at is not None:
        frames.insert(0, {"filename": at.tb_frame.f_code.co_filename, "line": at.tb_lineno})
        at = at.tb_next
    return program_line(frames)


def within_module(frames: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a module was called: its forward, unless autograd computes it again."""
    return any(frame.get("name") == "_call_impl" and str(frame.get("filename", "")).endswith(_MODULE) for frame in frames)


def _first(frames: Sequence[Mapping[str, Any]], left_out: Callable[[str], bool]) -> Optional[str]:
    for frame in frames:
        path = str(frame.get("filename", ""))
        if _is_python(path) and not left_out(path):
            return f"{short(path)}:{frame.get('line')}"
    return None


def _is_python(path: str) -> bool:
    return path.endswith(".py") or is_typed(path)


def short(path: str) -> str:
    """Relative to the working folder where it lies there; of an installed package, within its folder; of a cell, its number."""
    cell = cell_of(path)
    if cell is not None:
        return cell
    if is_library(path):
        return outside_path(path.replace("\\", "/"))
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def sorted_sums(parts: Dict[Tuple[str, Optional[str], Optional[str]], int], most: int) -> List[Dict[str, Any]]:
    """By kind and line, the greatest first; ``within``: of each, the lines of libraries that it had called, with their bytes."""
    sums: Dict[Tuple[str, Optional[str]], Dict[Optional[str], int]] = {}
    for (kind, at, within), size in parts.items():
        sums.setdefault((kind, at), {})[within] = size
    found: List[Dict[str, Any]] = [
        {
            "kind": kind,
            "at": at,
            "bytes": sum(inner.values()),
            "within": [{"at": within, "bytes": size} for within, size in _greatest(inner.items()) if within is not None][:most],
        }
        for (kind, at), inner in sums.items()
    ]
    return sorted(found, key=lambda holder: -holder["bytes"])[:most]


def _greatest(parts: Iterable[Tuple[Optional[str], int]]) -> List[Tuple[Optional[str], int]]:
    return sorted(parts, key=lambda part: -part[1])
