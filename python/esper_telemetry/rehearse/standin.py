"""What the stand-in device of this process answers beside CUDA."""

from __future__ import annotations

import ctypes
from typing import Any, Dict, Optional

#: Workspaces that it keeps in mind.
_MOST = 256


def nccl_bytes(device: int) -> int:
    """What NCCL's buffers hold on the device."""
    count = _function("esper_standin_nccl")
    if count is None:
        return 0
    count.restype = ctypes.c_uint64
    return int(count(device))


def workspaces() -> Dict[int, int]:
    """Address → bytes of cuBLAS' workspaces, newest last; what lives as long as a call has left its address to others."""
    read = _function("esper_standin_workspaces")
    if read is None:
        return {}
    found = (ctypes.c_uint64 * (2 * _MOST))()
    count = read(found, _MOST)
    return {found[2 * i]: found[2 * i + 1] for i in range(count)}


def _function(name: str) -> Optional[Any]:
    return getattr(ctypes.CDLL(None), name, None)
