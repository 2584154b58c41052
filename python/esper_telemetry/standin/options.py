"""Options of a command line that runs another one: checked one by one, and parted from the other's own."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Callable, Collection, List


def option(convert: Callable[[str], Any]) -> Callable[[str], Any]:
    """For argparse: what ``convert`` raises as ValueError is the sentence that is shown."""

    def check(text: str) -> Any:
        try:
            return convert(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return check


def within(low: int, high: int) -> Callable[[str], int]:
    """A whole number from ``low`` to ``high``. Raises ValueError."""

    def check(text: str) -> int:
        if not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return check


def addresses(text: str) -> str:
    """An order of addresses (see :class:`.settings.Settings`). Raises ValueError."""
    kind, _, rest = text.partition(":")
    if (
        kind not in ("fall", "rise", "wsl", "file")
        or (kind == "file") != bool(rest and kind == "file")
        or (kind in ("fall", "rise") and rest)
    ):
        raise ValueError(f"{text!r} is none of fall, rise, wsl:N, file:PATH")
    if kind == "file" and not Path(rest).is_file():
        raise ValueError(f"there is no file {rest}")
    if kind == "wsl" and rest and not rest.isdigit():
        raise ValueError(f"{text!r}: wsl:N takes a number of allocations")
    return text


def split(arguments: List[str], switches: Collection[str]) -> "tuple[List[str], List[str]]":
    """Options, and the command with its own: what stands behind ``--``, else from the first word that is none of ours (``-m`` and ``-c`` are
    Python's). ``switches``: options without a value."""
    at = 0
    while at < len(arguments) and arguments[at].startswith("-") and arguments[at] not in ("-m", "-c", "--"):
        at += 1 if arguments[at] in switches or "=" in arguments[at] else 2
    return arguments[:at], arguments[at + 1 :] if arguments[at : at + 1] == ["--"] else arguments[at:]
