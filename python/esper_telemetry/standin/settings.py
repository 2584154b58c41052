"""What the device is: chosen by the launcher's options, handed to the library in ``ESPER_STANDIN_…``."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Tuple

from .unavailable import Unavailable

MIB = 2**20
GIB = 2**30

#: A program's Python finds it there and computes values (see there).
HOOK = Path(__file__).resolve().parent / "values" / "hook"

#: Of all devices together: half of the addresses that csrc/addresses.c takes, which leaves room between blocks.
LARGEST = 8 * 2**40

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def parse_bytes(text: str) -> int:
    """``8GiB``, ``512 MiB``, ``1.5g``, ``1000000`` → bytes (a unit is binary, with or without ``iB``). Raises ValueError."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?\s*", text, re.I)
    if match is None:
        raise ValueError(f"{text!r} is not a size such as 8GiB")
    return round(float(match.group(1)) * _UNITS[match.group(2).upper()])


def size(count: float) -> str:
    """``1.24 GiB``, ``312 MiB``, ``12 KiB``, ``512 B``; none at all is ``0 MiB``."""
    if abs(count) >= GIB:
        return f"{count / GIB:.2f} GiB"
    if abs(count) >= MIB or count == 0:
        return f"{count / MIB:.0f} MiB"
    return f"{count / 1024:.0f} KiB" if abs(count) >= 1024 else f"{count:.0f} B"


def parse_sizes(text: str) -> Tuple[int, ...]:
    """``8GiB,6GiB`` → bytes of each device. Raises ValueError."""
    return tuple(parse_bytes(part) for part in text.split(","))


def parse_capability(text: str) -> Tuple[int, int]:
    """``8.6`` → (8, 6). Raises ValueError."""
    match = re.fullmatch(r"(\d{1,2})\.(\d)", text.strip())
    if match is None or int(match.group(1)) < 3:
        raise ValueError(f"{text!r} is not a compute capability such as 8.6")
    return int(match.group(1)), int(match.group(2))


def of_each(sizes: Tuple[int, ...], devices: int) -> Tuple[int, ...]:
    """The size of each device: the last that is named holds for the devices behind it."""
    return tuple(sizes[min(device, len(sizes) - 1)] for device in range(devices))


@dataclass(frozen=True)
class Settings:
    """Sizes in bytes, one a device; the last holds for the devices behind it."""

    memory: Tuple[int, ...] = (24 * GIB,)
    devices: int = 1
    #: What processes outside hold on each device.
    others: Tuple[int, ...] = (0,)
    #: What the CUDA context of a process takes on each device that it uses.
    context: int = 300 * MIB
    #: Sets the size of the cuBLAS workspace, among others.
    capability: Tuple[int, int] = (8, 6)
    #: With the threads of each, they set the size of reduction buffers.
    multiprocessors: int = 82
    threads: int = 1536
    #: Order of addresses: fall (Linux), rise, wsl:N, file:PATH.
    addresses: str = "fall"
    #: A card's name, shown with "(Esper stand-in, no GPU)" behind it.
    name: str = ""
    #: Programs that name the same file are neighbours on the same devices; None: this program and its children alone.
    shared: Optional[str] = None
    #: The largest copy from the host that is carried out; None: every one.
    copy_limit: Optional[int] = None
    #: The same inside the device.
    device_copy_limit: int = MIB
    log: int = 0
    #: Elements up to which tensors are computed on the CPU; 0: none are, None: all.
    values: Optional[int] = 0

    def check(self) -> None:
        """Raises Unavailable where no program could begin on these devices, whatever it asks for."""
        sizes, others = of_each(self.memory, self.devices), of_each(self.others, self.devices)
        for device, (memory, taken) in enumerate(zip(sizes, others)):
            if memory <= self.context:
                raise Unavailable(f"device {device} has {size(memory)}, and a program's CUDA context alone takes {size(self.context)}")
            if taken > memory:
                raise Unavailable(f"device {device} has {size(memory)}, of which others cannot hold {size(taken)}")
        if sum(sizes) > LARGEST:
            raise Unavailable(f"the devices have {size(sum(sizes))} in all, and {size(LARGEST)} is the most")

    def environment(self) -> Dict[str, str]:
        """The variables that the library reads."""
        chosen: Dict[str, Optional[str]] = {
            "MEMORY": ",".join(map(str, self.memory)),
            "DEVICES": str(self.devices),
            "OTHERS": ",".join(map(str, self.others)),
            "CONTEXT": str(self.context),
            "CAPABILITY": "{}.{}".format(*self.capability),
            "MULTIPROCESSORS": str(self.multiprocessors),
            "THREADS": str(self.threads),
            "ADDRESSES": self.addresses,
            "NAME": self.name,
            "SHARED": self.shared,
            "COPY_LIMIT": None if self.copy_limit is None else str(self.copy_limit),
            "DEVICE_COPY_LIMIT": str(self.device_copy_limit),
            # Where values are computed, the host reads them; else what kernels would have written is answered by rule.
            "READBACK": str(int(self.values == 0)),
            "LOG": str(self.log),
            "VALUES": "all" if self.values is None else str(self.values),
        }
        return {f"ESPER_STANDIN_{name}": value for name, value in chosen.items() if value is not None}


def environment(
    build_names: str, library: str, programs: str, settings: Settings, base: Mapping[str, str] = os.environ
) -> Dict[str, str]:
    """``base`` with what makes a program find the stand-in in place of NVIDIA's libraries."""

    def before(name: str, value: str, separator: str) -> str:
        rest: List[str] = [part for part in base.get(name, "").split(separator) if part and part != value]
        return separator.join([value, *rest])

    made = {name: value for name, value in base.items() if not name.startswith("ESPER_STANDIN_")}
    made.update(settings.environment())
    made.update(
        LD_PRELOAD=before("LD_PRELOAD", library, ":"),
        LD_LIBRARY_PATH=before("LD_LIBRARY_PATH", build_names, ":"),
        PATH=before("PATH", programs, ":"),
        TRITON_LIBCUDA_PATH=build_names,
    )
    if settings.values != 0:
        made["PYTHONPATH"] = before("PYTHONPATH", str(HOOK), ":")
    return made
