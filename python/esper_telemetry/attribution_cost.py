"""What recording stacks costs, held against its share of the training's time."""

from __future__ import annotations

import threading
from typing import Any, Callable, Dict

from .allocator import torch_module
from .failures import Failures

#: Share of the training's time that recording may take, and what it may take before there is any.
BUDGET = 0.01
CREDIT_MS = 250.0
#: What a stack costs, milliseconds an allocation: `bench/lines/cost.py`, on a busy machine.
ALLOCATION_MS = 0.008
#: What reading an update's order costs for each of its allocations, milliseconds, by the same bench.
TRACED_MS = 0.05
#: Seconds between two looks at the cost before the first update.
LOOK_SECONDS = 2.0


class Cost:
    """Counts it: by each update, and before the first by a thread."""

    def __init__(self, timer: Callable[[], float], is_free: bool = False):
        """:param is_free: time does not matter: no budget holds."""
        self._timer = timer
        self._began = timer()
        self._is_free = is_free
        self._allocations: Dict[int, int] = {}
        self._is_watched = threading.Event()
        self._turn = threading.Lock()
        #: Milliseconds, as far as one is known to take.
        self.spent_ms = 0.0

    def affords(self, ms: float) -> bool:
        """Whether recording may take so much more of the training's time."""
        if self._is_free:
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

    def watch(self, stop: Callable[[], None], failures: Failures) -> None:
        """Calls ``stop`` from a thread once too much is spent, until :meth:`end_watch`."""
        if self._is_free or self._is_watched.is_set():
            return

        def look() -> None:
            while not self._is_watched.wait(LOOK_SECONDS):
                try:
                    with self._turn:
                        if self._is_watched.is_set():
                            return
                        self.count()
                        if self.affords(0):
                            continue
                        stop()
                except Exception as error:
                    failures("what the recording of stacks costs is not known", error)
                return

        threading.Thread(target=look, name="esper-attribution", daemon=True).start()

    def end_watch(self) -> None:
        """The first update is done, or the run has ended: updates count from now on. Waits for a look that is under way."""
        if not self._is_watched.is_set():
            with self._turn:
                self._is_watched.set()


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
