"""What went wrong inside the client: counted, each kind told once on stderr, never raised."""

from __future__ import annotations

import sys
from typing import Set

#: Different failures told; the rest are only counted.
_TOLD = 10


class Failures:
    """Counts failures. An instance is called with what failed, and the error (or text) that says why."""

    def __init__(self) -> None:
        self.count = 0
        self._told: Set[str] = set()

    def __call__(self, what: str, why: object = "") -> None:
        self.count += 1
        reason = f"{type(why).__name__}: {why}" if isinstance(why, BaseException) else str(why)
        self.tell_once(what, f"{what} ({reason}); training goes on" if reason else f"{what}; training goes on")

    def tell_once(self, topic: str, sentence: str) -> None:
        """One sentence on stderr, the first time that ``topic`` comes up."""
        if topic in self._told or len(self._told) >= _TOLD:
            return
        self._told.add(topic)
        try:
            print(f"esper: {sentence.rstrip('.')}.", file=sys.stderr, flush=True)
        except Exception:
            pass  # nowhere left to say it
