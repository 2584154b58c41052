"""Which lines of the program hold device memory: live blocks, summed by stack, each stack with its line.

A line is the innermost frame of the program itself: not of an installed package, of Python or of this client; where a stack
has none, the innermost of Python. Paths are relative to the program's folder; of others no more than two folders are kept. Where a
library does the program's work (a trainer, a model of transformers), the library's own lines within it are kept, too: the innermost
that is not torch's.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from .cells import cell_of, is_typed
from .events import JSON
from .stack_history import LiveBlock

#: Lines of an event, and frames of the stack that is shown of each.
MOST_LINES = 16
MOST_FRAMES = 8
#: Lines of libraries that are listed within one.
MOST_WITHIN = 6
#: Share of all that a line holds from which they are of interest.
WORTH_WITHIN = 0.1
_PACKAGES = ("/site-packages/", "/dist-packages/")
_LIBRARIES = (*_PACKAGES, "/lib/python2", "/lib/python3", "/python3.", "/Lib/")
#: A file of torch.compile's cache, or a module that a library wrote to the temporary folder (``torch_geometric.nn.conv_GCNConv_x9_1k2ab.py``).
_MADE = re.compile(r"[/\\](?:[a-z2-7]{2}[/\\]c[a-z2-7]{51}|(?:tmp|Temp|T)[/\\][^/\\.]+\.[^/\\]+_[a-z0-9_]{8})\.py$")
#: The first of them, as it is shown: within the last two parts of its path.
_COMPILED = re.compile(r"[a-z2-7]{2}/c[a-z2-7]{51}\.py")
NO_LINE = "no Python frame"


def is_library(path: str) -> bool:
    """Whether a file is of an installed package, of Python itself or made at run time, and not of the program."""
    return path.startswith("<") and not is_typed(path) or any(folder in path for folder in _LIBRARIES) or _MADE.search(path) is not None


def outside_path(path: str) -> str:
    """A path of no program's folder, as it is shown: within its package, else its last two parts."""
    for folder in _PACKAGES:
        if folder in path:
            return path.rsplit(folder, 1)[1]
    return "/".join(path.split("/")[-2:]) if path.startswith("/") or path[1:2] == ":" else path


def is_torch(name: str) -> bool:
    """Whether a shown frame is of torch itself, of what it compiled, of Python, or of no file."""
    return name.startswith(("torch/", "<", "python3.", "Lib/")) or _COMPILED.match(name) is not None


class Held(NamedTuple):
    """What one line holds."""

    bytes: int
    blocks: int
    #: Of the stack through it that holds most, innermost first.
    stack: Tuple[str, ...]
    #: Bytes by the line of a library that was called from here and allocated them.
    within: Mapping[str, int] = {}


class Reading(NamedTuple):
    """A device's live blocks by line; those without any are under :data:`NO_LINE`."""

    total_bytes: int
    lines: Dict[str, Held]


def read_lines(blocks: Iterable[LiveBlock], root: Optional[str] = None) -> Dict[int, Reading]:
    """By device.

    :param root: the program's folder; left out, that of its main file.
    """
    shortener = Shortener(program_folder() if root is None else root)
    sums: Dict[int, Dict[Tuple[int, ...], List[Any]]] = {}
    for device, requested, frames in blocks:
        stacks = sums.setdefault(device, {})
        # Frames of one snapshot are shared: the same frame is the same object.
        key = tuple(map(id, frames))
        held = stacks.get(key)
        if held is None:
            stacks[key] = [requested, 1, frames]
        else:
            held[0] += requested
            held[1] += 1
    return {device: _by_line(stacks.values(), shortener) for device, stacks in sums.items()}


def _by_line(stacks: Iterable[List[Any]], shortener: "Shortener") -> Reading:
    lines: Dict[str, List[Any]] = {}
    total = 0
    for requested, count, frames in stacks:
        total += requested
        line, shown, inner = shortener.stack(frames)
        held = lines.setdefault(line, [0, 0, 0, (), {}])
        held[0] += requested
        held[1] += count
        if requested > held[2]:
            held[2], held[3] = requested, shown
        if inner is not None:
            held[4][inner] = held[4].get(inner, 0) + requested
    return Reading(total, {line: Held(held[0], held[1], held[3], held[4]) for line, held in lines.items()})


class Shortener:
    """Names frames; each is looked at once."""

    def __init__(self, root: str):
        self._root = root.replace("\\", "/").rstrip("/") + "/"
        self._names: Dict[Tuple[str, str, int], Tuple[str, bool, bool]] = {}

    def stack(self, frames: Iterable[Dict[str, Any]]) -> Tuple[str, Tuple[str, ...], Optional[str]]:
        """The line of a stack, its frames as they are shown, and the innermost of a library within the line; None where that is torch alone."""
        own: Optional[str] = None
        inner: Optional[str] = None
        shown: List[str] = []
        for frame in frames:
            name, is_own, is_shown = self._frame(frame)
            if is_shown:
                shown.append(name)
                if inner is None and own is None and not is_own and not is_torch(name):
                    inner = name
            if own is None and is_own:
                own = name
        # What torch compiled has names of no use to anyone; with no frame of the program it is a backward pass.
        line = own or (shown[0] if shown and not _COMPILED.match(shown[0]) else NO_LINE)
        # The program's own part of a long stack shows where it was.
        at = shown.index(line) if line in shown else 0
        begin = max(0, min(at - 2, len(shown) - MOST_FRAMES))
        return line, tuple(shown[begin : begin + MOST_FRAMES]), None if own is None else inner

    def _frame(self, frame: Dict[str, Any]) -> Tuple[str, bool, bool]:
        key = (frame.get("filename") or "", frame.get("name") or "", frame.get("line") or 0)
        known = self._names.get(key)
        if known is None:
            path = key[0].replace("\\", "/")
            # Frames of C++ are of a library's file, with an offset for a line, or of nothing.
            is_code = path.endswith(".py") or (path.startswith("<") and path.endswith(">"))
            is_python = is_code and key[2] > 0 and "esper_telemetry/standin/" not in path
            is_own = is_python and not is_library(path)
            known = (f"{self.path(path)}:{key[2]} {key[1]}"[:200], is_own, is_python)
            self._names[key] = known
        return known

    def path(self, path: str) -> str:
        """As it is shown: a cell by its number, else within its package, else relative to the program's folder, else its last two parts."""
        cell = cell_of(path)
        if cell is not None:
            return cell
        if path.startswith(self._root) and not any(folder in path for folder in _PACKAGES):
            return path[len(self._root) :]
        return outside_path(path)


def program_folder() -> str:
    """The folder of the main file, else the working folder."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    try:
        if main is None and sys.argv[:1] and os.path.isfile(sys.argv[0]):
            # A script that an error ended has no name any more.
            main = sys.argv[0]
        return os.path.dirname(os.path.abspath(main)) if main else os.getcwd()
    except OSError:
        return ""


def lines_payload(reading: Reading, before: Optional[Reading]) -> JSON:
    """``lines`` and what is not among them, for an event.

    :param before: an earlier reading, for what each line holds more; None where there is none.
    """

    nothing = Held(0, 0, ())

    def grew(line: str) -> Optional[int]:
        if before is None:
            return None
        return reading.lines.get(line, nothing).bytes - before.lines.get(line, nothing).bytes

    ordered = sorted(
        (line for line in reading.lines if line != NO_LINE),
        key=lambda line: (-(grew(line) or 0), -reading.lines[line].bytes, line),
    )
    by_size = sorted(ordered, key=lambda line: (-reading.lines[line].bytes, line))
    # Half of those that grew most, and those that hold most.
    chosen = ordered[: MOST_LINES // 2]
    chosen += [line for line in by_size if line not in chosen][: MOST_LINES - len(chosen)]
    rest = [line for line in ordered if line not in chosen]
    return {
        "totalBytes": reading.total_bytes,
        "grewBytes": None if before is None else reading.total_bytes - before.total_bytes,
        "lines": [
            {
                "line": line,
                "bytes": reading.lines[line].bytes,
                "blocks": reading.lines[line].blocks,
                "grewBytes": grew(line),
                "stack": list(reading.lines[line].stack),
                **_within(reading.lines[line], reading.total_bytes),
            }
            for line in chosen
        ],
        "otherLines": {
            "count": len(rest),
            "bytes": sum(reading.lines[line].bytes for line in rest),
            "grewBytes": None if before is None else sum(grew(line) or 0 for line in rest),
        },
        "withoutLineBytes": reading.lines.get(NO_LINE, nothing).bytes,
        "withoutLineGrewBytes": grew(NO_LINE),
    }


def _within(held: Held, total_bytes: int) -> JSON:
    """Those that hold most; nothing where the line holds little, or all of it itself."""
    if held.bytes < WORTH_WITHIN * total_bytes:
        return {}
    most = sorted(held.within.items(), key=lambda part: (-part[1], part[0]))[:MOST_WITHIN]
    return {"within": [{"line": line, "bytes": size} for line, size in most]} if most else {}
