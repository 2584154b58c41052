"""Ranks end together, after the same update, so that none waits in a collective for one that is gone: the update after the last of
them had enough. One that makes no updates is not waited for without end."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from ..whole_file import write_whole


class Together:
    def __init__(self, folder: Path, patience: int):
        """:param folder: takes a file of each rank. :param patience: updates to wait for others."""
        self._folder = folder
        self._patience = patience
        #: The update after which this rank had enough.
        self._enough: Optional[int] = None

    def have_enough(self, rank: int, world: int, number: int, enough: bool) -> bool:
        """Whether all end after update ``number``. ``enough``: of this rank."""
        if enough and self._enough is None:
            self._enough = number
            write_whole(self._folder / f"enough-{rank}", str(number).encode())
        if self._enough is None:
            return False
        others = [int(path.read_text()) for path in self._folder.glob("enough-*[0-9]")]
        return len(others) >= world and number > max(others) or number > self._enough + self._patience
