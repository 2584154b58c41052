"""What CUDA code reads back from the device on its way, where no operator of its own reads it: the sizes of results that hang on values.

The stand-in device's library answers the next reads of one number with what it is given here.
"""

from __future__ import annotations

import contextlib
import ctypes
import threading
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

from torch import Tensor

_local = threading.local()
_answer: Any = ctypes.CDLL(None).esper_standin_answers


def is_pending() -> bool:
    """Whether this thread's next read from the device is one that was answered beforehand."""
    return getattr(_local, "pending", False)


@contextlib.contextmanager
def answered(numbers: Sequence[int]) -> Iterator[None]:
    """The next reads of one number by this thread are answered with these, in this order."""
    if not numbers:
        yield
        return
    _answer((ctypes.c_int64 * len(numbers))(*numbers), len(numbers))
    before, _local.pending = is_pending(), True
    try:
        yield
    finally:
        _local.pending = before
        _answer(None, 0)


def _unique_along(computed: Sequence[Tensor], args: Sequence[Any]) -> List[int]:
    return [computed[0].shape[args[1] if len(args) > 1 and type(args[1]) is int else 0]]


def _unique_consecutive(computed: Sequence[Tensor], args: Sequence[Any]) -> List[int]:
    dim = args[3] if len(args) > 3 else None
    return [computed[0].numel() if dim is None else computed[0].shape[dim]]


#: Operator → what it reads back, of what the CPU computed and its arguments.
SIZES: Dict[str, Callable[[Any, Tuple[Any, ...]], List[int]]] = {
    "aten::nonzero": lambda computed, args: [computed.shape[0]],
    "aten::_unique2": lambda computed, args: [computed[0].numel()],
    "aten::_unique": lambda computed, args: [computed[0].numel()],
    "aten::unique_dim": _unique_along,
    "aten::unique_dim_consecutive": _unique_along,
    "aten::unique_consecutive": _unique_consecutive,
}
