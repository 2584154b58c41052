"""When a rehearsal has seen enough: updates that repeat, memory that has settled, or growth that goes on and on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional

#: Updates that a program may take to settle, as a multiple of those that are to be alike.
PATIENCE = 8


@dataclass(frozen=True)
class Update:
    """Bytes of one device. ``peak`` and ``reserved``: the most within the update; ``held``: at its end."""

    peak: int
    reserved: int
    held: int


class Settling:
    def __init__(self, alike: Optional[int], least: int = 0):
        """:param alike: updates in a row that must bring nothing new; None: the program runs to its own end.
        :param least: updates that are seen in any case.
        """
        self.alike = alike
        self._least = least
        self.updates: List[Update] = []

    def add(self, update: Update) -> bool:
        """Whether enough was seen: as many updates as asked brought no higher peak, no more reserved and no more held than before
        them; or so many passed without that that more of them would show no more."""
        self.updates.append(update)
        if self.alike is None or len(self.updates) < self._least:
            return False
        return self.settled or len(self.updates) >= self._least + self.alike * PATIENCE

    @property
    def settled(self) -> bool:
        alike = self.alike or 3
        before, last = self.updates[:-alike], self.updates[-alike:]
        if not before:
            return False
        return (
            max(update.peak for update in last) <= max(update.peak for update in before)
            and max(update.reserved for update in last) <= max(update.reserved for update in before)
            and last[-1].held <= max(update.held for update in before)
        )

    @property
    def growth(self) -> Optional[float]:
        """Bytes an update by which what is held at the end of updates grows, where it grew in each of the last six, and fell in none of
        the newest half: what is let go once an epoch is no growth. None elsewhere."""
        held = [update.held for update in self.updates[-max(7, len(self.updates) // 2 + 1) :]]
        steps = [after - before for before, after in zip(held, held[1:])]
        if len(steps) < 6 or min(steps[-6:]) <= 0 or min(steps) < 0:
            return None
        return sum(steps[-6:]) / 6
