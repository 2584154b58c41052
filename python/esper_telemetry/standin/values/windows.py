"""The stand-in device's memory as the CPU's: a device tensor's own bytes, seen through a CPU tensor.

Device memory of the stand-in device is memory of this process, so a window copies and allocates nothing. All windows are cut from one
tensor that spans the address space and is never read as a whole.
"""

from __future__ import annotations

import ctypes
from typing import Any, Dict, Tuple

import torch
from torch import Tensor

#: First address of the span, and its bytes: all that a process on Linux x86-64 and arm64 can have.
_START = 4096
_SPAN = (1 << 47) - 2 * _START
#: Windows kept for the next operator on the same memory.
_KEPT = 1 << 14

_Key = Tuple[int, torch.dtype, torch.Size, Tuple[int, ...]]
kept: Dict[_Key, Tensor] = {}
_spans: Dict[torch.dtype, Tensor] = {}
_storage: Any = None


def window(tensor: Tensor) -> Tensor:
    """The CPU tensor over the bytes of a strided device tensor: same shape, strides and type. Valid as long as ``tensor`` is.

    :raises RuntimeError, NotImplementedError: for sparse and nested tensors and those without memory of their own.
    """
    key = (tensor.data_ptr(), tensor.dtype, tensor.shape, tensor.stride())
    found = kept.get(key)
    made = _open(key) if found is None else found
    if tensor.is_conj():
        made = torch._conj(made)
    return torch._neg_view(made) if tensor.is_neg() else made


def _open(key: _Key) -> Tensor:
    address, dtype, shape, strides = key
    if address == 0:
        made = torch.empty_strided(shape, strides, dtype=dtype)
    else:
        # Outside inference mode, whichever mode the program is in: inference tensors could not be written to after it.
        with torch.inference_mode(False), torch.no_grad():
            span = _spans.get(dtype)
            if span is None:
                span = _spans[dtype] = _whole(dtype)
            made = span.as_strided(shape, strides, (address - _START) // span.element_size())
    if len(kept) >= _KEPT:
        kept.clear()
    kept[key] = made
    return made


def _whole(dtype: torch.dtype) -> Tensor:
    global _storage
    if _storage is None:
        memory = (ctypes.c_byte * _SPAN).from_address(_START)
        _storage = torch.frombuffer(memory, dtype=torch.uint8).untyped_storage()
    empty = torch.empty(0, dtype=dtype)
    return empty.set_(_storage, 0, (_SPAN // empty.element_size(),), (1,))  # type: ignore[call-overload, no-any-return]
