"""A stand-in for the module torch: its CUDA devices serve a script of ``memory_stats`` dictionaries."""

from __future__ import annotations

import types
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

GIB = 2**30
MIB = 2**20


def stats(
    allocated: int,
    reserved: int,
    *,
    active: Optional[int] = None,
    peak: Optional[int] = None,
    inactive_split: int = 0,
    retries: int = 0,
    ooms: int = 0,
    version: str = "2.4",
) -> Dict[str, Any]:
    """A nested dictionary with the keys of that version: 1.13 has no requested bytes and no device counters."""
    active = allocated if active is None else active
    top = allocated if peak is None else peak

    def pools(current: int, highest: int) -> Dict[str, Dict[str, int]]:
        of_all = {"current": current, "peak": highest, "allocated": highest * 3, "freed": highest * 3 - current}
        none = dict.fromkeys(of_all, 0)
        return {"all": of_all, "large_pool": of_all, "small_pool": none}

    found: Dict[str, Any] = {
        "allocation": pools(10, 12),
        "segment": pools(reserved // (20 * MIB), reserved // (20 * MIB)),
        "active": pools(10, 12),
        "inactive_split": pools(3, 4),
        "allocated_bytes": pools(allocated, top),
        "reserved_bytes": pools(reserved, max(reserved, top)),
        "active_bytes": pools(active, max(active, top)),
        "inactive_split_bytes": pools(inactive_split, inactive_split),
        "oversize_allocations": {"current": 0, "peak": 0, "allocated": 0, "freed": 0},
        "oversize_segments": {"current": 0, "peak": 0, "allocated": 0, "freed": 0},
        "max_split_size": -1,
        "num_alloc_retries": retries,
        "num_ooms": ooms,
    }
    if version != "1.13":
        found["requested_bytes"] = pools(allocated - 1024 if allocated else 0, top)
        found.update(num_sync_all_streams=retries, num_device_alloc=40, num_device_free=2)
    return found


def flat(nested: Dict[str, Any], prefix: str = "") -> Dict[str, int]:
    """As ``memory_stats`` has it: ``allocated_bytes.all.current``."""
    found: Dict[str, int] = {}
    for key, value in nested.items():
        found.update(flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value})
    return found


class Clock:
    """A timer that stands still by default."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Card:
    """A device: each read of its statistics takes the next of ``script``, the last one stays."""

    script: List[Dict[str, Any]]
    free: int = 70 * GIB
    total: int = 80 * GIB
    name: str = "NVIDIA H100 80GB HBM3"
    uuid: Optional[str] = "01234567-89ab-cdef-0123-456789abcdef"
    pci: Optional[Tuple[int, int, int]] = (0, 0x65, 0)
    #: Seconds that ``mem_get_info`` takes by the clock, call by call; afterwards none.
    delays: List[float] = field(default_factory=list)
    clock: "Clock" = field(default_factory=lambda: Clock())
    reads: int = 0
    free_reads: int = 0
    peak_resets: int = 0

    def read(self) -> Dict[str, Any]:
        found = self.script[min(self.reads, len(self.script) - 1)]
        self.reads += 1
        return found


class Uuid:
    def __init__(self, text: str):
        self._text = text

    def __str__(self) -> str:
        return self._text


def torch_module(*cards: Card, version: str = "2.4.0", initialized: bool = True, backend: str = "native", fraction: Optional[float] = 1.0) -> Any:
    """A module object to put into ``sys.modules["torch"]``."""
    torch = types.ModuleType("torch")
    cuda = types.ModuleType("torch.cuda")

    def mem_get_info(index: int) -> Tuple[int, int]:
        card = cards[index]
        card.clock.now += card.delays[card.free_reads] if card.free_reads < len(card.delays) else 0
        card.free_reads += 1
        return card.free, card.total

    def get_device_properties(index: int) -> Any:
        card = cards[index]
        found = types.SimpleNamespace(name=card.name, total_memory=card.total)
        if card.uuid is not None:
            found.uuid = Uuid(card.uuid)
        if card.pci is not None:
            found.pci_domain_id, found.pci_bus_id, found.pci_device_id = card.pci
        return found

    def reset_peak_memory_stats(index: int) -> None:
        cards[index].peak_resets += 1

    torch.__version__ = version  # type: ignore[attr-defined]
    torch.version = types.SimpleNamespace(cuda="12.4", hip=None)  # type: ignore[attr-defined]
    torch.cuda = cuda  # type: ignore[attr-defined]
    found: Dict[str, Any] = {
        "is_initialized": lambda: initialized,
        "device_count": lambda: len(cards),
        "current_device": lambda: 0,
        "memory_stats_as_nested_dict": lambda index: cards[index].read(),
        "mem_get_info": mem_get_info,
        "get_device_properties": get_device_properties,
        "reset_peak_memory_stats": reset_peak_memory_stats,
        "get_allocator_backend": lambda: backend,
    }
    if fraction is not None:
        found["get_per_process_memory_fraction"] = lambda index: fraction
    for name, value in found.items():
        setattr(cuda, name, value)
    return torch
