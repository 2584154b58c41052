"""Which device memory holds values that were not computed, and where the program looked at such a value.

Memory is known by the first address of its storage. Not computed reads as zero. What is made from a value that was not computed is
not computed either, whatever its size.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections import Counter
from types import FrameType
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Set, Tuple

import torch
from torch import Tensor

from .decisions import decides, place_of

_clear: Any = ctypes.CDLL(None).esper_standin_clear
_clear.argtypes = [ctypes.c_void_p, ctypes.c_size_t]

#: To be called once, before anything is stale.
_on_first: List[Callable[[], None]] = []


def when_first_stale(call: Callable[[], None]) -> None:
    _on_first[:] = [call]


#: First addresses of storages whose values were not computed.
stale: Set[int] = set()

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_TORCH = os.path.dirname(os.path.abspath(torch.__file__)) + os.sep
_LIBRARIES = ("site-packages" + os.sep, "dist-packages" + os.sep, os.path.dirname(os.path.abspath(os.__file__)) + os.sep)


class Read(NamedTuple):
    """A place in the program at which the host looked at values that were not computed."""

    #: ``file:line`` of the innermost frame outside torch.
    at: str
    #: ``file:line`` of the innermost frame outside installed packages: the program's own. None: it has none on the stack.
    program: Optional[str]
    #: The operator that read, such as ``aten::_local_scalar_dense``.
    operator: str
    #: Whether the program goes on by the value, as far as its source shows.
    decides: bool


reads: "Counter[Read]" = Counter()

#: Operators that hand a value to the host, which may but print it.
_HANDED_OVER = {"aten::_local_scalar_dense", "aten::copy_", "aten::equal"}


def start_of(tensor: Tensor) -> int:
    """First address of a tensor's storage; 0 where it has none."""
    address: int = tensor.data_ptr()
    return address - tensor.storage_offset() * tensor.element_size() if address else 0


def is_stale(tensor: Tensor) -> bool:
    return start_of(tensor) in stale


def mark_computed(tensor: Tensor) -> None:
    """What a fresh tensor's memory was before counts no more."""
    stale.discard(start_of(tensor))


def mark_stale(tensor: Tensor, fresh: bool) -> None:
    """Of a device tensor. ``fresh``: its memory was just allocated; it reads as zero from now on."""
    start = start_of(tensor)
    if start:
        if not stale and _on_first:
            _on_first.pop()()
        stale.add(start)
        if fresh:
            _clear(start, tensor.untyped_storage().nbytes())


def record_read(operator: str) -> None:
    """The program is about to look at values that were not computed."""
    inner, program = _frames()
    # An operator that hands nothing over makes as much as the values are.
    is_decision = operator not in _HANDED_OVER or (inner is not None and decides(inner.f_code.co_filename, place_of(inner)))
    reads[Read(_line(inner) or "?", _line(program), operator, is_decision)] += 1


def _line(frame: Optional[FrameType]) -> Optional[str]:
    return None if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _frames() -> Tuple[Optional[FrameType], Optional[FrameType]]:
    """The innermost frame outside torch, and the innermost of the program itself."""
    frame: Optional[FrameType] = sys._getframe(2)
    inner = None
    while frame is not None:
        path = frame.f_code.co_filename
        if not path.startswith((_HERE, _TORCH, "<")):
            inner = inner or frame
            if not any(folder in path for folder in _LIBRARIES):
                return inner, frame
        frame = frame.f_back
    return inner, None


def by_line() -> List[Dict[str, object]]:
    """Places that read uncomputed values, as :class:`Read` has them, with ``count``: those by which the program goes on first, of each kind the most frequent."""
    found = [{**read._asdict(), "count": count} for read, count in reads.most_common()]
    return sorted(found, key=lambda read: not read["decides"])
