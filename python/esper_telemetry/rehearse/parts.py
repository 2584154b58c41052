"""What a peak is made of: in which phase of the update it stands, and what its blocks are."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from .trace import Held, Peak, library_line, program_line, sorted_sums, within_module

#: Of an address, its bytes.
Places = Dict[int, int]

BEFORE = "before the first update"
_FORWARD = (BEFORE, "forward")
#: What follows may be another forward: gradients accumulate, another optimizer has its turn, a closure is called within the step.
_AFTER = ("after backward", "optimizer")


class Parts:
    """The phases of the update under way, and the addresses that are known. Allocations are counted from the process's first."""

    def __init__(self) -> None:
        #: Where the phases of this update began: number of the allocation, phase, line.
        self._marks: List[Tuple[int, str, Optional[str]]] = [(0, BEFORE, None)]
        #: The allocation after which this update began.
        self.update_began = 0
        #: Addresses by kind, as of the newest update.
        self.known: Dict[str, Places] = {"parameters": {}, "gradients": {}, "optimizer state": {}, "workspace": {}}
        #: Those of the update before, which many programs keep until this one's backward.
        self._gradients_before: Places = {}

    def begin_update(self, allocations: int) -> None:
        self.update_began = allocations
        self._gradients_before = self.known["gradients"]
        self._marks = [(allocations, "forward", None)]

    def mark(self, allocations: int, phase: str, line: Optional[str]) -> None:
        """A phase begins. What led to a backward was a forward."""
        if phase == "backward" and self._marks[-1][1] in _AFTER:
            self._was_forward()
        self._marks.append((allocations, phase, line))

    def _was_forward(self) -> None:
        self._marks[-1] = (self._marks[-1][0], "forward", None)

    @property
    def phase(self) -> str:
        """The phase that began last."""
        return self._marks[-1][1]

    def described(self, peak: Peak) -> Dict[str, Any]:
        """Phase and line of a peak, its parts by kind, and who holds most."""
        if peak.ordinal > self._marks[-1][0] and self._marks[-1][1] in (BEFORE, *_AFTER) and within_module(peak.frames):
            self._was_forward()  # its backward is still to come
        phase, phase_line = self._phase_at(peak.ordinal)
        kinds: Dict[str, int] = {}
        holders: Dict[Tuple[str, Optional[str], Optional[str]], int] = {}
        for address, block in peak.blocks.items():
            kind = self._kind(address, block)
            kinds[kind] = kinds.get(kind, 0) + block.size
            line = program_line(block.frames) or (self._phase_at(block.ordinal)[1] if block.ordinal else None)
            key = (kind, line, library_line(block.frames))
            holders[key] = holders.get(key, 0) + block.size
        return {
            "phase": phase,
            "at": program_line(peak.frames) or phase_line,
            "requested": peak.held,
            "parts": kinds,
            "holders": sorted_sums(holders, 8),
        }

    def _kind(self, address: int, block: Held) -> str:
        # By its size too: at the peak, the address may have been another's.
        for kind, places in self.known.items():
            if places.get(address) == block.size:
                return kind
        if block.ordinal is None or block.ordinal <= self.update_began:
            return "gradients" if self._gradients_before.get(address) == block.size else "held from before"
        return "activations" if self._phase_at(block.ordinal)[0] in _FORWARD else "temporary"

    def _phase_at(self, ordinal: int) -> Tuple[str, Optional[str]]:
        found = self._marks[0]
        for mark in self._marks:
            if mark[0] < ordinal:
                found = mark
        return found[1], found[2]


def places_of(tensors: List[Any], device: int) -> Places:
    """Address → bytes of their storages on the device."""
    found: Places = {}
    for tensor in tensors:
        try:
            local = getattr(tensor, "_local_tensor", tensor)  # DTensor's share
            if local.device.type == "cuda" and (local.device.index or 0) == device:
                storage = local.untyped_storage()
                found[storage.data_ptr()] = storage.nbytes()
        except Exception:
            continue  # a tensor without storage: sparse, of a subclass
    return found
