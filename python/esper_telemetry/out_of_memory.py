"""The text of an error → whose memory ran out, and the figures of the text.

The words are data that Esper's own programs share (``memory_words.json``, written by ``npm run schemas``), and the answers are
the same by the same test vectors. Words are found by plain search: time is linear in the text. Texts round to hundredths of their
unit: so do the bytes read from them.
"""

from __future__ import annotations

import json
import math
import os
import re
from typing import Any, Dict, Optional

from .events import JSON, MAX_SAFE_INTEGER

#: Characters that are read of a message; the longest known has some 1,500.
_LONGEST = 32 * 1024
_WRAPPED = 2**64
#: Characters that an amount may have.
_AMOUNT = 40
_BEHIND = re.compile(r"^((?:[0-9]{1,3}(?:,[0-9]{3}){1,6}|[0-9]{1,20})(?:\.[0-9]{1,9})?) ?([a-z]{1,5})?(?![0-9a-z])")
_IN_FRONT = re.compile(r"(?:^|[^0-9a-z.,])((?:[0-9]{1,3}(?:,[0-9]{3}){1,6}|[0-9]{1,20})(?:\.[0-9]{1,9})?) ?([a-z]{1,5})$")
_INDEX = re.compile(r"^[0-9]{1,4}(?![0-9a-z.])|^[0-9]{1,4}(?=\.(?: |$))")
_PROCESS = re.compile(r"\bprocess ([0-9]{1,10}) has ([0-9.]{1,24} [a-z]{1,5}) memory in use")
_TENSOR = re.compile(r"\bshape\[([0-9,]{1,80})\] and type ([a-z0-9]{1,12})")

_words: Optional[Dict[str, Any]] = None


def _table() -> Dict[str, Any]:
    global _words
    if _words is None:
        with open(os.path.join(os.path.dirname(__file__), "memory_words.json"), encoding="utf-8") as file:
            _words = json.load(file)
    return _words


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` reports that a device's or the host's memory ran out."""
    return of_error(error) is not None


def of_error(error: BaseException) -> Optional[JSON]:
    """The figures of ``error``, the contract's ``OutOfMemory``; None where it is of anything else."""
    return read_error(str(error), type(error).__name__)


def read_error(message: str, error_type: str) -> Optional[JSON]:
    """The same of an error's message and the name of its class."""
    found = read(message, error_type)
    return None if found is None else found["outOfMemory"]


def parse(text: str) -> Optional[JSON]:
    """The contract's ``OutOfMemory`` of a text; None where it is of another error."""
    found = read(text)
    return None if found is None else found["outOfMemory"]


def read(text: str, error_type: Optional[str] = None) -> Optional[JSON]:
    """``memory``, ``by`` and ``outOfMemory``; None where the text is of another error.

    Only ``device`` and ``host`` are an out-of-memory error; any other ``memory`` merely sounds like one."""
    lower = text[:_LONGEST].lower()
    spaced = " ".join(lower.split())
    # Cut by a terminal in the midst of a word.
    joined = " ".join(lower.replace("\r", "").replace("\n", "").split())
    sign = _sign(spaced) or _sign(joined) or _sign_of_class(error_type)
    if sign is None:
        return None
    memory, by = sign["memory"], sign["by"]
    return {"memory": memory, "by": by, "outOfMemory": _figures(spaced, joined, memory, by) if memory in ("device", "host") else None}


def _sign(text: str) -> Optional[Dict[str, Any]]:
    return next((sign for sign in _table()["signs"] if all(word in text for word in sign["all"])), None)


def _sign_of_class(error_type: Optional[str]) -> Optional[Dict[str, Any]]:
    name = (error_type or "").rsplit(".", 1)[-1].lower()
    sign: Optional[Dict[str, Any]] = _table()["signsByClass"].get(name)
    return sign


def _figures(spaced: str, joined: str, memory: str, by: str) -> JSON:
    places = _table()["places"]
    impossible: list[JSON] = []

    def amount(figure: str) -> Optional[tuple[str, int]]:
        return _amount_at(spaced, places[figure]) or _amount_at(joined, places[figure])

    def size(figure: str) -> Optional[int]:
        found = amount(figure)
        if found is None or found[1] <= MAX_SAFE_INTEGER:
            return None if found is None else found[1]
        # A limit of 2**64 is none.
        if figure == "allowedBytes" and found[1] == _WRAPPED:
            return None
        below = _WRAPPED - found[1]
        impossible.append(
            {"figure": figure, "printed": found[0], **({"belowZeroBytes": below} if 0 < below < _WRAPPED // 2 else {})}
        )
        return None

    allocated, reserved, others = size("allocatedBytes"), size("reservedBytes"), size("otherAllocationsBytes")
    is_host = memory == "host"
    figures: JSON = {
        "device": "cpu" if is_host else _device(spaced),
        "triedBytes": _first(size("triedBytes"), _tensor(spaced)),
        "totalBytes": size("totalBytes"),
        "freeBytes": size("freeBytes"),
        "processBytes": _first(
            size("processBytes"),
            size("hostProcessBytes") if is_host else None,
            # Metal reports what PyTorch has and what the process has besides.
            None if others is None or allocated is None else allocated + others,
        ),
        "allocatedBytes": allocated,
        "privatePoolBytes": size("privatePoolBytes"),
        "reservedUnallocatedBytes": _first(
            size("reservedUnallocatedBytes"),
            # Older texts report all that is reserved.
            None if reserved is None or allocated is None or reserved < allocated else reserved - allocated,
        ),
    }
    more: JSON = {name: size(name) for name in ("activeBytes", "cachedBytes", "allowedBytes")}
    more["otherProcesses"] = _other_processes(spaced) or None
    free, total = figures["freeBytes"], figures["totalBytes"]
    if free is not None and total is not None and free > total:
        found = amount("freeBytes")
        impossible.append({"figure": "freeBytes", "printed": "" if found is None else found[0]})
        figures["freeBytes"] = None
    impossible.extend(_impossible_sum(figures))
    more["impossible"] = impossible or None
    return {**figures, "by": by, **{name: value for name, value in more.items() if value is not None}}


def _first(*values: Optional[int]) -> Optional[int]:
    return next((value for value in values if value is not None), None)


def _amount_at(text: str, places: list[Dict[str, str]]) -> Optional[tuple[str, int]]:
    for place in places:
        if place.get("among", "") not in text:
            continue
        before = place.get("before")
        word = before if before is not None else place["after"]
        at = text.find(word)
        while at != -1:
            end = at + len(word)
            match = _BEHIND.search(text[end : end + _AMOUNT]) if before is not None else _IN_FRONT.search(text[max(0, at - _AMOUNT) : at])
            found = _amount(match, place.get("unit"))
            if found is not None:
                return found
            at = text.find(word, end)
    return None


def _amount(match: Optional["re.Match[str]"], unit: Optional[str]) -> Optional[tuple[str, int]]:
    if match is None:
        return None
    units = _table()["units"]
    number, printed = match.group(1), match.group(2)
    factor = units.get(printed, units.get(unit))
    if factor is None:
        return None
    return _shown(number, printed), math.floor(float(number.replace(",", "")) * factor + 0.5)


def _shown(number: str, unit: Optional[str]) -> str:
    """The text was searched in lower case: units are shown as they are written."""
    unit = unit or "bytes"
    return f"{number} {unit}" if unit.startswith("byte") else f"{number} {unit[0].upper()}{unit[1:].replace('b', 'B')}"


def _device(text: str) -> Optional[str]:
    table = _table()
    named = next((backend for backend in table["backends"] if backend["word"] in text), None)
    if named is not None and not named["indexed"]:
        return str(named["backend"])
    for index in table["indexes"]:
        before = index["before"]
        at = text.find(before)
        while at != -1:
            end = at + len(before)
            match = _INDEX.search(text[end : end + 8])
            if match is not None:
                backend = index["backend"] or (named["backend"] if named is not None else "cuda")
                return f"{backend}:{int(match.group(0))}"
            at = text.find(before, end)
    return None


def _other_processes(text: str) -> list[JSON]:
    """Other processes that the text names, with what each holds; this one's own entry is worded differently."""
    found = []
    for pid, held in _PROCESS.findall(text):
        amount = _amount_at("has " + held, [{"before": "has "}])
        if amount is not None and amount[1] <= MAX_SAFE_INTEGER:
            found.append({"pid": int(pid), "bytes": amount[1]})
    return found


def _tensor(text: str) -> Optional[int]:
    """TensorFlow names a shape and a type: ``tensor with shape[3200,4096] and type float``."""
    match = _TENSOR.search(text)
    size = None if match is None else _table()["elementBytes"].get(match.group(2))
    if match is None or size is None:
        return None
    for part in match.group(1).split(","):
        size *= int(part or 0)
    return size if size <= MAX_SAFE_INTEGER else None


def _rounded_by(size: int) -> float:
    """By how much an amount that is printed to a hundredth of its unit may differ from what it was."""
    return next((unit for unit in (2**30, 2**20) if size >= unit), 2**10) / 200


def _impossible_sum(figures: JSON) -> list[JSON]:
    """What is free and what this process has cannot be more than the device has."""
    total = figures["totalBytes"]
    if total is None:
        return []
    own = ("processBytes",) if figures["processBytes"] is not None else ("allocatedBytes", "reservedUnallocatedBytes")
    parts = {name: figures[name] for name in (*own, "freeBytes") if figures[name] is not None}
    rounded = sum(_rounded_by(size) for size in (total, *parts.values()))
    if sum(parts.values()) <= total + max(rounded, total / 2048):
        return []
    return [{"figure": "+".join(parts), "printed": f"{sum(parts.values())} bytes"}]
