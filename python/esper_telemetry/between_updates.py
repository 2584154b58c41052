"""What takes far longer than updates do, between two of them or before the first: loading, a rollout, an evaluation, a checkpoint.

Much that runs out of memory does so there, and no update ends that would look at what is recorded and what it costs: a thread does.
"""

from __future__ import annotations

import statistics
import threading
from typing import Callable, List

from .attribution_cost import Cost
from .failures import Failures

#: Seconds between two looks.
LOOK_SECONDS = 2.0
#: Updates that define what is usual; what takes so many times as long, and so many seconds, is none of them.
USUAL = 9
LONGER = 3.0
LEAST_SECONDS = 1.0
#: What must be left of the budget to begin, milliseconds.
ENOUGH_MS = 50.0


class BetweenUpdates:
    """Records stacks meanwhile, within the budget. What it calls, and :meth:`updated`, hold ``turn``."""

    def __init__(self, cost: Cost, is_recording: Callable[[], bool], record: Callable[[], None], stop: Callable[[], None], timer: Callable[[], float]):
        self._cost = cost
        self._is_recording = is_recording
        self._record = record
        self._stop = stop
        self._timer = timer
        #: A signal's handler may end the run while its thread has it.
        self.turn = threading.RLock()
        self._has_ended = threading.Event()
        self._took: List[float] = []
        self._newest = timer()
        self._updates = 0
        #: The budget is spent until the next update.
        self._is_spent = False

    def begin(self, failures: Failures) -> None:
        """Starts the thread; not where no budget holds, for then all is recorded."""

        def look() -> None:
            while not self._has_ended.wait(LOOK_SECONDS):
                try:
                    with self.turn:
                        if not self._has_ended.is_set():
                            self._look()
                except Exception as error:
                    failures("where memory is allocated between updates is not recorded", error)
                    return

        if not self._cost.is_free:
            threading.Thread(target=look, name="esper-attribution", daemon=True).start()

    def updated(self) -> None:
        """An update is done."""
        now = self._timer()
        if self._updates > 0:
            self._took = [*self._took[1 - USUAL :], now - self._newest]
        self._newest = now
        self._updates += 1
        self._is_spent = False

    def end(self) -> None:
        """The run has ended."""
        self._has_ended.set()

    def _look(self) -> None:
        if self._is_spent or not self._is_long():
            return
        if not self._is_recording():
            if self._cost.affords(ENOUGH_MS):
                self._record()
            return
        self._cost.count()
        if not self._cost.affords(0):
            self._is_spent = True
            self._stop()

    def _is_long(self) -> bool:
        if self._updates == 0:
            return True
        usual = statistics.median(self._took) if self._took else 0.0
        return self._timer() - self._newest > max(LEAST_SECONDS, LONGER * usual)
