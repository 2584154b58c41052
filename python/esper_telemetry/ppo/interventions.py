"""What the trainer does about memory pressure, between two updates: it learns each minibatch in twice as many parts, whose gradients
add up to the same. Each action is an event; its effect is measured over the next updates, and undone where it did not help. What is
refused within an update is answered there, see ``train.py``.
"""

from __future__ import annotations

from typing import Callable, List, Optional, Protocol

from ..events import JSON
from ..figures import PRESSURE_CRITICAL, PRESSURE_WARNING
from ..in_parts import KIND, MOST_PARTS
from ..pressure import WINDOW, Emit, Gauge, Trial, Update

#: After one that did not help: updates until the next, twice as many each time.
PAUSE = 20


class Adjustable(Protocol):
    """What can be changed between two updates."""

    #: Parts that each minibatch is learned in.
    microbatches: int


class Shrink:
    """Watches the memory of one device, and shrinks the work on it while it is scarce."""

    def __init__(
        self, adjustable: Adjustable, minibatch_size: int, empty_cache: Callable[[], None], emit: Emit, number: Callable[[], int]
    ):
        """
        :param minibatch_size: samples of a minibatch: there are no more parts than that.
        :param empty_cache: gives the cache back: blocks of the former sizes would lie idle in it.
        :param number: the number of the next action.
        """
        self._adjustable = adjustable
        #: Parts that a minibatch is learned in at most.
        self.most = min(MOST_PARTS, minibatch_size)
        self._empty_cache = empty_cache
        self._emit = emit
        self._gauge = Gauge(PRESSURE_CRITICAL, PRESSURE_WARNING)
        self._recent: List[Update] = []
        self._trial: Optional[Trial] = None
        self._number = number
        self._pause = PAUSE
        #: Nothing is tried before this batch.
        self._rests_until = 0
        #: The next reading has the refusals that were answered within its update, and their peak.
        self._is_answered = False

    def read(self, memory: List[JSON], batch: int, ms: Optional[float]) -> None:
        """After an update's event. :param ms: duration of optimising."""
        if not memory:
            return
        update = Update(self._gauge.read(memory[0]), ms)
        if self._is_answered:
            self._is_answered = False
            return
        if self._trial is not None:
            if self._trial.take(update):
                self._conclude(self._trial, batch)
            return
        self._recent = [*self._recent, update][-WINDOW:]
        if self._gauge.is_pressed(update.pressure.device) and batch >= self._rests_until:
            self._shrink(batch)

    def refused(self, batch: int) -> None:
        """An update is refused, and repeated in smaller parts: what was measured with larger ones is over."""
        trial, self._trial, self._recent, self._is_answered = self._trial, None, [], True
        if trial is not None:
            outcome = {"reason": "memory was refused within an update", "helped": False, "reverted": False}
            self._emit("INTERVENTION_ENDED", {**trial.ended(batch), **outcome})

    def _shrink(self, batch: int) -> None:
        microbatches = 2 * self._adjustable.microbatches
        if microbatches > self.most:
            return
        self._trial = Trial(self._number(), KIND, self._recent)
        self._set(microbatches)
        self._emit("INTERVENTION_APPLIED", self._trial.applied(batch, microbatches))

    def _conclude(self, trial: Trial, batch: int) -> None:
        ended = trial.ended(batch)
        helped = ended["helped"]
        if not helped:
            self._set(self._adjustable.microbatches // 2)
            self._rests_until = batch + self._pause
            self._pause *= 2
        self._recent = trial.measured if helped else []
        self._trial = None
        self._emit("INTERVENTION_ENDED", {**ended, "reverted": not helped})

    def _set(self, microbatches: int) -> None:
        self._adjustable.microbatches = microbatches
        self._empty_cache()
