"""How a log ends: where the next writer goes on.

The file is read backwards, a window at a time: memory is bounded however much garbage follows the last event, and
whatever a line holds costs that line alone.
"""

from __future__ import annotations

import json
import math
import os
import stat
from pathlib import Path
from typing import Any, Iterator, List, NamedTuple, Optional

from .events import MAX_MS, MAX_RANK, MAX_SAFE_INTEGER, MAX_SEQ
from .regular_file import open_regular

_WINDOW = 64 * 1024
#: A longer line is neither written nor read.
MAX_LINE_BYTES = 16 * 2**20
#: A leap of ``seq`` that a writer's own losses explain; a number further from all others is a wrong one.
_MOST_LOST = 1_000_000
#: No event is shorter: an envelope with the shortest values.
_SHORTEST_EVENT = 64


class LogEnd(NamedTuple):
    """The next ``seq``, the newest batch and the newest step, each None where there is none."""

    next_seq: int
    batch: Optional[int]
    step: Optional[int]


def log_end(path: Path) -> LogEnd:
    """How the log at ``path`` ends; a log that is not there begins at 0. More of its end is read until it is known.

    Never raises. Where the end cannot be read, ``next_seq`` is one that no event of a log of this size has reached:
    readers drop an event whose ``seq`` was there before, and only count those that a gap leaves out.
    """
    size = 0
    try:
        fd = open_regular(path)
    except OSError:
        return LogEnd(math.ceil(_size(path) / _SHORTEST_EVENT), None, None)
    try:
        size = os.fstat(fd).st_size
        return _read_back(fd, size)
    except OSError:
        return LogEnd(math.ceil(size / _SHORTEST_EVENT), None, None)
    finally:
        os.close(fd)


def _size(path: Path) -> int:
    try:
        there = path.lstat()
        return there.st_size if stat.S_ISREG(there.st_mode) else 0
    except OSError:
        return 0


def _read_back(fd: int, size: int) -> LogEnd:
    batch, step = None, None
    seqs: List[int] = []  # of the newest events, the newest first: two distinguish a wrong number from a right one
    is_whole = True
    for lines in _windows(fd, size):
        is_enough = len(seqs) > 1
        for line in lines:  # the newest first
            event = _event(line)
            if event is None:
                continue
            if not is_enough:
                seqs.append(int(event["seq"]))
            data = event.get("data")
            if event["type"] == "PPO_UPDATE_COMPLETED" and batch is None:
                batch = _count(data, "batch")
            elif event["type"] == "STEP_COMPLETED" and step is None:
                step = _count(data, "step")
        is_whole = not (is_enough or len(seqs) > 1)
        if not is_whole and (batch is not None or step is not None):
            break
    return LogEnd(_seq_to_go_on(seqs, is_whole), batch, step)


def _seq_to_go_on(seqs: List[int], is_whole: bool) -> int:
    """The ``seq`` with which the next writer goes on: after the highest that can be right (src/contract/seq.ts)."""
    rising = sorted([-1, *seqs] if is_whole else seqs)
    while len(rising) > 1 and rising[-1] - rising[-2] > _MOST_LOST:
        rising.pop()
    return rising[-1] + 1 if rising else 0


def _windows(fd: int, size: int) -> Iterator[List[bytes]]:
    """The lines of each window, both from the end. What follows the last newline counts: it may lack nothing else."""
    pieces: List[bytes] = []  # of the line that begins before ``begin``, its end first
    pending = 0
    begin = size
    while begin > 0:
        length = min(_WINDOW, begin)
        begin -= length
        first, *rest = _read(fd, length, begin).split(b"\n")
        lines: List[bytes] = []
        if rest:
            lines = [_joined(rest[-1], pieces, pending), *reversed(rest[:-1])]
            pieces, pending = [], 0
        if begin == 0:
            lines.append(_joined(first, pieces, pending))
        if lines:
            yield lines
        pending += len(first)
        # A line beyond the limit is no event: its bytes need not be kept.
        pieces = [] if pending > MAX_LINE_BYTES else [*pieces, first]


def _joined(beginning: bytes, pieces: List[bytes], pending: int) -> bytes:
    return b"" if pending > MAX_LINE_BYTES else b"".join([beginning, *reversed(pieces)])


def _read(fd: int, length: int, offset: int) -> bytes:
    os.lseek(fd, offset, os.SEEK_SET)
    read: List[bytes] = []
    while length > 0:
        piece = os.read(fd, length)
        if not piece:
            raise OSError("the log became shorter while its end was read")
        read.append(piece)
        length -= len(piece)
    return b"".join(read)


def _event(line: bytes) -> Optional[Any]:
    """The line's event, where every reader takes it for an event; None otherwise."""
    if b"seq" not in line and b"\\u" not in line:
        return None
    try:
        event = json.loads(line)
    except (ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        return None
    within = {"seq": MAX_SEQ, "timeMs": MAX_MS, "rank": MAX_RANK}
    # Logs of tests and of others may leave out the clock and the rank; what is there must be possible.
    for name, most in within.items():
        value = event.get(name, 0 if name != "seq" else None)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
            return None
        if name != "timeMs" and value != int(value):
            return None
    return event


def _count(data: Any, name: str) -> Optional[int]:
    value = data.get(name) if isinstance(data, dict) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value <= MAX_SAFE_INTEGER and value == int(value) else None
