"""Files that the program opens for writing, by Python's own audit events."""

from __future__ import annotations

import os
import sys
from typing import Any, List, Sequence, Set

_KEPT, _SHOWN = 1000, 200


class Written:
    def __init__(self, ours: Sequence[str]):
        """:param ours: beginnings of paths that are none of the program's."""
        self._left_out = ("/dev/", "/proc/", *ours)
        self._paths: Set[str] = set()
        sys.addaudithook(self._audit)

    def paths(self) -> List[str]:
        return sorted(self._paths)[:_SHOWN]

    def _audit(self, event: str, arguments: Any) -> None:
        if event != "open" or len(self._paths) >= _KEPT:
            return
        path, _, flags = arguments
        if isinstance(path, str) and isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR):
            whole = os.path.abspath(path)
            if not whole.startswith(self._left_out):
                self._paths.add(whole)
