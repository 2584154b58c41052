"""Which card a process's device is: UUID and PCI bus id, so that the driver's view of it can be matched.

CUDA's index is not the driver's index (CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER), so an index never identifies.
torch reports both in recent versions; for older ones libcuda, already loaded by torch, is asked.
"""

from __future__ import annotations

import ctypes
import functools
import re
from dataclasses import dataclass
from typing import Any, Optional, Tuple

from .failures import from_signal_handler

_UUID = re.compile(r"^(?:GPU-|MIG-)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$")


@dataclass(frozen=True)
class Identity:
    """As ``nvidia-smi`` writes them: ``GPU-…`` or ``MIG-…``, and ``00000000:65:00.0``. None where unknown."""

    uuid: Optional[str] = None
    pci_bus_id: Optional[str] = None
    name: Optional[str] = None


@functools.lru_cache(maxsize=None)
def on_standin() -> bool:
    """Whether the stand-in device answers for CUDA in this process: its library, preloaded, has a function of this name."""
    try:
        return hasattr(ctypes.CDLL(None), "esper_standin")
    except (OSError, TypeError):  # no such thing as the process's own symbols
        return False


def shown_name(device: str) -> str:
    """The name of a device in events: ``cuda:0`` is ``standin:0`` where it is no GPU."""
    kind, colon, index = device.partition(":")
    return f"standin{colon}{index}" if kind == "cuda" and on_standin() else device


def identify(torch: Any, backend: Any, kind: str, index: Optional[int]) -> Identity:
    """The identity of a device of an initialised backend. Never raises."""
    try:
        properties = backend.get_device_properties(index)
    except Exception as error:
        if from_signal_handler(error):
            raise
        return Identity()
    name = getattr(properties, "name", None)
    name = str(name) if name else None
    uuid, pci = _uuid_text(getattr(properties, "uuid", None)), _pci_text(properties)
    if kind != "cuda" or not getattr(getattr(torch, "version", None), "cuda", None):
        return Identity(uuid, pci, name)
    if index is not None and (uuid is None or pci is None):
        driver_uuid, driver_pci = ask_driver(index)
        uuid, pci = uuid or driver_uuid, pci or driver_pci
    # A slice of a card shares the card's PCI address; matched by that, it would be taken for all of it.
    sliced = " MIG " in f"{name} "
    prefix = "MIG-" if sliced else "GPU-"
    return Identity(prefix + uuid if uuid else None, None if sliced else pci, name)


def _uuid_text(value: Any) -> Optional[str]:
    match = _UUID.match(str(value).lower().replace("gpu-", "").replace("mig-", "")) if value is not None else None
    return match.group(1) if match else None


def _pci_text(properties: Any) -> Optional[str]:
    parts = [getattr(properties, f"pci_{part}_id", None) for part in ("domain", "bus", "device")]
    numbers = [part for part in parts if isinstance(part, int)]
    return "{:08X}:{:02X}:{:02X}.0".format(*numbers) if len(numbers) == 3 else None


def ask_driver(index: int, library: Any = None) -> Tuple[Optional[str], Optional[str]]:
    """UUID (bare) and PCI bus id of CUDA device ``index`` from libcuda; needs no context. Never raises."""
    try:
        cuda = library or ctypes.CDLL("libcuda.so.1")
        device = ctypes.c_int()
        if cuda.cuInit(0) != 0 or cuda.cuDeviceGet(ctypes.byref(device), index) != 0:
            return None, None
        raw = (ctypes.c_ubyte * 16)()
        # v2 distinguishes a MIG slice from its card.
        get_uuid = getattr(cuda, "cuDeviceGetUuid_v2", None) or cuda.cuDeviceGetUuid
        uuid = None
        if get_uuid(ctypes.byref(raw), device) == 0:
            digits = bytes(raw).hex()
            uuid = "-".join(digits[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))
        text = ctypes.create_string_buffer(32)
        pci = None
        if cuda.cuDeviceGetPCIBusId(text, len(text), device) == 0:
            domain, _, rest = text.value.decode("ascii").upper().partition(":")
            pci = f"{domain:0>8}:{rest}"
        return uuid, pci
    except Exception as error:
        if from_signal_handler(error):
            raise
        return None, None
