"""How far a rehearsal has come, for a person at a terminal."""

from __future__ import annotations

import shutil
from typing import TextIO

from ..standin.settings import size


class Progress:
    """Of a rehearsal that nobody waits for at a terminal: nothing is shown."""

    def begin(self, what: str) -> None:
        """A run of the command begins: ``what`` follows the word rehearsing."""

    def at(self, updates: int, reserved: int, seconds: float) -> None:
        """It goes on: updates of the rank that has most, the largest reserved memory of a rank in bytes, seconds since it began."""

    def end(self) -> None:
        """It is over."""


class TerminalProgress(Progress):
    """A line for each run of the command, which is written again as it goes on."""

    def __init__(self, terminal: TextIO, rewrites: bool):
        """:param rewrites: False where something else writes to the terminal meanwhile: each line is then written once."""
        self._terminal = terminal
        self._rewrites = rewrites
        self._what = ""

    def begin(self, what: str) -> None:
        self._what = f"esper: rehearsing {what}"
        self._show(f"{self._what} …" if self._rewrites else f"{self._what} …\n")

    def at(self, updates: int, reserved: int, seconds: float) -> None:
        if self._rewrites:
            far = f"update {updates:,}, {size(reserved)} reserved" if updates else "before the first update"
            self._show(f"{self._what}: {far}, {seconds:.0f} s")

    def end(self) -> None:
        if self._rewrites:
            self._show("")

    def _show(self, line: str) -> None:
        width = shutil.get_terminal_size().columns
        self._terminal.write(f"\r{line[: width - 1]}\x1b[K" if self._rewrites else line)
        self._terminal.flush()
