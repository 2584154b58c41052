"""Values as the wire carries them, and one event as one line.

JSON has no NaN, and null means "not measured", so a figure that diverged travels by name. Every quantity
may be None. Nothing here raises for what a caller passed: what cannot be read as its kind becomes None.
"""

from __future__ import annotations

import json
import math
import sys
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

#: Version of the wire format, major.minor.
CONTRACT_VERSION = "1.0"

#: The largest integer that every JSON reader keeps exactly.
MAX_SAFE_INTEGER = 2**53 - 1

#: The largest float.
_LARGE = sys.float_info.max

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
    """Milliseconds, not negative; None for any other."""
    return value if math.isfinite(value) and value >= 0 else None


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
        if type(value) is float and 0.0 <= value <= _LARGE and kind is not count:
            return value  # as every kind would have it: most figures go no further
        try:
            if type(value) is float or type(value) is int:
                return kind(value)
            if waits_for_device(value):
                self.waited.append(name)
            return kind(number(value))
        except Exception as error:
            self.refused.append((name, f"{type(value).__name__}: {error}"))
            return None

    def any(self, name: str, value: Any) -> Any:
        """A figure that the contract does not know: a number where it is one, else :func:`plain`."""
        if type(value) in _BASIC:
            return value
        if getattr(value, "shape", None) == () and waits_for_device(value):
            self.waited.append(name)
        return plain(value)


_BASIC = frozenset({bool, int, str, type(None)})


def plain(value: Any, depth: int = 8) -> Any:
    """Any value as plain JSON: for ``config`` and ``extra``, which hold whatever the caller has.

    Mappings, lists, tuples and sets are walked, numbers of other libraries become numbers, non-finite
    numbers go by name, tensors of several elements and all else become text.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return figure(float(value))
    if depth == 0:
        return repr(value)[:200]
    if isinstance(value, dict):
        return {str(key): plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item, depth - 1) for item in value]
    if getattr(value, "ndim", None) == 0 or getattr(value, "shape", None) == ():
        try:
            item = value.item()
            return plain(item, depth - 1) if type(item) in (bool, int, float) else str(item)
        except Exception:
            pass
    return str(value)[:2000]


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False).encode


def encode(value: Any) -> str:
    """JSON text of ``value``. What the encoder refuses is made :func:`plain` first."""
    try:
        return _encode(value)
    except (TypeError, ValueError, RecursionError):
        return _encode(plain(value))
