"""The stacks that the allocator records are the program's: frames of this folder, through which every operator passes, are taken
out, and what they call."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, List, Set

import torch

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def install() -> None:
    """From now on in every snapshot of the CUDA allocator, whichever function of torch asks for it."""
    snapshot: Any = torch._C._cuda_memorySnapshot

    def of_the_program(*args: Any) -> Any:
        made = snapshot(*args)
        without_these_frames(made)
        return made

    torch._C._cuda_memorySnapshot = of_the_program


def without_these_frames(snapshot: Dict[str, Any]) -> None:
    """Takes them out of a snapshot, in place."""
    seen: Set[int] = set()
    for frames in _stacks(snapshot):
        if id(frames) not in seen:  # entries share their stacks
            seen.add(id(frames))
            # Innermost first: an operator calls nothing of the program's.
            ours = [place for place, frame in enumerate(frames) if frame["filename"].startswith(_HERE)]
            if ours:
                del frames[: ours[-1] + 1]


def _stacks(snapshot: Dict[str, Any]) -> Iterator[List[Dict[str, Any]]]:
    for segment in snapshot["segments"]:
        for holder in (segment, *segment["blocks"]):
            for entry in (holder, *holder.get("history", ())):
                yield entry.get("frames") or []
    for trace in snapshot["device_traces"]:
        for entry in trace:
            yield entry.get("frames") or []
