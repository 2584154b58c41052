"""What recording stacks costs, held against its share of the training's time."""

from __future__ import annotations

from typing import Any, Callable, Dict

from .allocator import torch_module

#: Share of the training's time that recording may take, and what it may take before there is any.
BUDGET = 0.01
CREDIT_MS = 250.0
#: What a stack costs, milliseconds an allocation: `bench/lines/cost.py`, on a busy machine.
ALLOCATION_MS = 0.008
#: What reading an update's order costs for each of its allocations, milliseconds, by the same bench.
TRACED_MS = 0.05


class Cost:
    """Counts it."""

    def __init__(self, timer: Callable[[], float], is_free: bool = False):
        """:param is_free: time does not matter: no budget holds."""
        self._timer = timer
        self._began = timer()
        self.is_free = is_free
        self._allocations: Dict[int, int] = {}
        #: Milliseconds, as far as one is known to take.
        self.spent_ms = 0.0

    def affords(self, ms: float) -> bool:
        """Whether recording may take so much more of the training's time."""
        if self.is_free:
            return True
        elapsed = (self._timer() - self._began) * 1e3
        return self.spent_ms + ms <= CREDIT_MS + BUDGET * elapsed

    def begin(self) -> None:
        """Stacks are recorded from now on."""
        self._allocations = allocations()

    def count(self) -> Dict[int, int]:
        """Allocations by device since the last call, or since recording began; their stacks are counted as spent."""
        now = allocations()
        made = {device: max(0, count - self._allocations.get(device, count)) for device, count in now.items()}
        self.spent_ms += sum(made.values()) * ALLOCATION_MS
        self._allocations = now
        return made


def allocations() -> Dict[int, int]:
    """Allocations of this process so far, by device."""
    cuda: Any = torch_module().cuda
    return {index: _allocations_of(cuda, index) for index in range(cuda.device_count())}


def _allocations_of(cuda: Any, index: int) -> int:
    read = getattr(cuda, "memory_stats_as_nested_dict", None) or cuda.memory_stats
    stats = read(index) or {}
    nested = stats.get("allocation")
    if isinstance(nested, dict):
        return int(nested["all"]["allocated"])
    return int(stats.get("allocation.all.allocated", 0))
