"""Values as the wire carries them, and one event as one line.

JSON has no NaN, and null means "not measured", so a figure that diverged travels by name. Every quantity
may be None. Nothing here raises for what a caller passed: what cannot be read as its kind becomes None.
"""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple, Union

from .failures import from_signal_handler

#: Version of the wire format, major.minor.
CONTRACT_VERSION = "1.0"

#: The largest integer that every JSON reader keeps exactly.
MAX_SAFE_INTEGER = 2**53 - 1
#: Times and durations, milliseconds: the end of the year 9999.
MAX_MS = 253_402_300_799_999
#: The highest ``seq`` and the highest rank.
MAX_SEQ = 10**10
MAX_RANK = 2**20 - 1

JSON = Dict[str, Any]


def figure(value: float) -> Union[float, str]:
    """A learning figure: finite numbers as they are, ``"NaN"``, ``"Infinity"`` and ``"-Infinity"`` by name."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def quantity(value: float) -> Optional[float]:
    """A finite number; None for any other."""
    return value if math.isfinite(value) else None


def duration(value: float) -> Optional[float]:
    """Milliseconds from 0 to the year 9999; None for any other."""
    return value if 0 <= value <= MAX_MS else None


def count(value: float) -> Optional[int]:
    """An integer from 0 to 2**53 - 1; None for any other."""
    if not math.isfinite(value) or value != int(value) or not 0 <= value <= MAX_SAFE_INTEGER:
        return None
    return int(value)


def number(value: Any) -> float:
    """A Python number of anything that is one: bool, a numpy scalar, a tensor of one element.

    :raises TypeError, ValueError, RuntimeError: where ``value`` is no number.
    """
    if isinstance(value, (str, bytes)):
        raise TypeError("text is no number")
    return float(value)


def waits_for_device(value: Any) -> bool:
    """Whether reading ``value`` makes this process wait for an accelerator's queue."""
    device = getattr(getattr(value, "device", None), "type", "cpu")
    return device not in ("cpu", "meta")


class Values:
    """Reads the caller's keyword arguments and remembers what was wrong with them, without raising."""

    def __init__(self) -> None:
        #: Names and reasons of values that could not be read; they went out as None.
        self.refused: List[Tuple[str, str]] = []
        #: Names of values that lay on a device, so that reading them waited for it.
        self.waited: List[str] = []

    def read(self, name: str, value: Any, kind: Callable[[float], Any]) -> Any:
        """``value`` as ``kind`` (:func:`figure`, :func:`quantity`, :func:`duration`, :func:`count`), or None."""
        if value is None:
            return None
        if type(value) is float and 0.0 <= value <= MAX_MS and kind is not count:
            return value  # as every kind would have it: most figures go no further
        try:
            if type(value) is float or type(value) is int:
                return kind(value)
            if waits_for_device(value):
                self.waited.append(name)
            return kind(number(value))
        except Exception as error:
            self._refuse(name, value, error)
            return None

    def number_of(self, name: str, value: Any, otherwise: int) -> int:
        """The number of a batch or step; ``otherwise`` where it was left out, or is none: an update always has one."""
        read = self.read(name, value, count)
        if read is None and value is not None and all(name != refused for refused, _ in self.refused):
            self.refused.append((name, "no whole number from 0 up"))
        return otherwise if read is None else int(read)

    def flag(self, name: str, value: Any) -> Optional[bool]:
        """True or false; None where it was left out or is neither."""
        try:
            return None if value is None else bool(value)
        except Exception as error:
            self._refuse(name, value, error)
            return None

    def _refuse(self, name: str, value: Any, error: Exception) -> None:
        if from_signal_handler(error):
            raise error
        self.refused.append((name, f"{type(value).__name__}: {text_of(error)}"))

    def any(self, name: str, value: Any) -> Any:
        """A figure that the contract does not know: a number where it is one, else :func:`plain`."""
        if type(value) in _BASIC:
            return value
        try:
            if getattr(value, "shape", None) == () and waits_for_device(value):
                self.waited.append(name)
        except Exception as error:
            self._refuse(name, value, error)
            return None
        return plain(value, self._refuse_within(name))

    def _refuse_within(self, name: str) -> "Refuse":
        return lambda value, error: self._refuse(name, value, error)


_BASIC = frozenset({bool, str, type(None)})

#: Takes a value that could not be read, and why.
Refuse = Callable[[Any, Exception], None]

#: Levels and values of one structure that are kept; what is beyond becomes text, or is left out.
_DEPTH = 8
_MOST_VALUES = 10_000
_LONGEST_TEXT = 2000


def text_of(value: Any, longest: int = _LONGEST_TEXT) -> str:
    """``str(value)``, at most so long; its type where that raises."""
    try:
        return str(value)[:longest]
    except Exception as error:
        if from_signal_handler(error):
            raise
        return f"<{type(value).__name__}>"


def mapping(value: Any) -> Dict[str, Any]:
    """What people keep settings in, as a dict: a mapping, a dataclass, an ``argparse.Namespace`` or another object with
    attributes; pairs. Raises TypeError or ValueError for what is none of these.
    """
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name, None) for field in fields(value)}
    try:
        return dict(value)
    except (TypeError, ValueError):
        return dict(vars(value))


def plain(value: Any, refuse: Refuse = lambda value, error: None) -> Any:
    """Any value as plain JSON: for ``config`` and ``extra``, which hold whatever the caller has. Never raises.

    Mappings, lists, tuples and sets are walked, numbers of other libraries become numbers, non-finite numbers and
    those beyond a float go by name, tensors of several elements and all else become text. A value that raises when
    it is looked at becomes None, and is handed to ``refuse``.
    """
    return _Plain(refuse).of(value, _DEPTH)


class _Plain:
    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse
        self._left = _MOST_VALUES

    def of(self, value: Any, depth: int) -> Any:
        self._left -= 1
        try:
            return self._read(value, depth)
        except Exception as error:
            if from_signal_handler(error):
                raise
            self._refuse(value, error)
            return None

    def _read(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, (int, float)):
            return _number(value)
        if isinstance(value, (Mapping, list, tuple, set, frozenset)):
            if depth == 0:
                return repr(value)[:200]
            if isinstance(value, Mapping):
                return {text_of(key): self.of(item, depth - 1) for key, item in self._some(value.items())}
            return [self.of(item, depth - 1) for item in self._some(value)]
        if getattr(value, "ndim", None) == 0 or getattr(value, "shape", None) == ():
            try:
                item = value.item()
                return _number(item) if type(item) in (int, float) else item if type(item) is bool else str(item)
            except Exception as error:
                if from_signal_handler(error):
                    raise
        return str(value)[:_LONGEST_TEXT]

    def _some(self, values: Iterable[Any]) -> Iterator[Any]:
        for item in values:
            if self._left <= 0:
                return
            yield item


def _number(value: Union[int, float]) -> Union[int, float, str]:
    if isinstance(value, int):
        if -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
            return int(value)
        try:
            value = float(value)
        except OverflowError:
            return "Infinity" if value > 0 else "-Infinity"
    return figure(float(value))


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False).encode


def encode(value: Any) -> str:
    """JSON text of ``value``. What the encoder refuses is made :func:`plain` first."""
    try:
        return _encode(value)
    except (TypeError, ValueError, RecursionError):
        return _encode(plain(value))
