"""torch's caching allocator: its configuration, and the figures of one ``memory_stats`` dictionary.

torch is looked up among the modules already imported and never imported from here: a process without it has no
allocator to report.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any, Dict, Optional

from .events import JSON, MAX_SAFE_INTEGER
from .failures import from_signal_handler

#: Field → the allocator's key. Versions differ: 1.13 has no ``requested_bytes`` and none of the last three.
STATS = {
    "allocatedBytes": "allocated_bytes.all.current",
    "reservedBytes": "reserved_bytes.all.current",
    "activeBytes": "active_bytes.all.current",
    "requestedBytes": "requested_bytes.all.current",
    "inactiveSplitBytes": "inactive_split_bytes.all.current",
    "peakAllocatedBytes": "allocated_bytes.all.peak",
    "peakReservedBytes": "reserved_bytes.all.peak",
    "peakActiveBytes": "active_bytes.all.peak",
    "allocRetries": "num_alloc_retries",
    "ooms": "num_ooms",
    "segments": "segment.all.current",
    "deviceAllocs": "num_device_alloc",
    "deviceFrees": "num_device_free",
    "syncAllStreams": "num_sync_all_streams",
}
#: Field and the nested keys that the flat one is made of; a plain counter is its own key.
_NESTED = [(field, *key.split(".")) for field, key in STATS.items() if "." in key]
_COUNTERS = [(field, key) for field, key in STATS.items() if "." not in key]

#: Fields that the cudaMallocAsync backend leaves at zero whatever happens: not measured.
NOT_BY_CUDA_MALLOC_ASYNC = (
    "requestedBytes",
    "inactiveSplitBytes",
    "allocRetries",
    "ooms",
    "segments",
    "deviceAllocs",
    "deviceFrees",
    "syncAllStreams",
)

_CONF_VARIABLES = ("PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_HIP_ALLOC_CONF")


def torch_module() -> Any:
    """torch where this process has imported it, else None."""
    return sys.modules.get("torch")


def allocator_conf() -> Optional[str]:
    """PYTORCH_ALLOC_CONF, or the first of its older names that is set; None where none is."""
    return next((os.environ[name] for name in _CONF_VARIABLES if os.environ.get(name)), None)


def parse_allocator_conf(text: str) -> Dict[str, str]:
    """``a:1,b:[256:1,>:2]`` → its options, the last of two that are alike. A part without a colon has the value ''."""
    options: Dict[str, str] = {}
    for part in re.split(r",(?![^\[]*\])", text):  # a comma within brackets parts no options
        if part.strip():
            key, _, value = part.partition(":")
            options[key.strip()] = value.strip()
    return options


def expandable_segments() -> bool:
    """Whether the allocator's configuration asks for expandable segments (off by default)."""
    return parse_allocator_conf(allocator_conf() or "").get("expandable_segments", "").lower() == "true"


def allocator_backend() -> Optional[str]:
    """``native`` or ``cudaMallocAsync``; None without torch on CUDA, and where the version cannot report it."""
    torch = torch_module()
    version = getattr(torch, "version", None)
    if not (getattr(version, "cuda", None) or getattr(version, "hip", None)):
        return None
    try:
        return str(torch.cuda.get_allocator_backend())
    except Exception as error:
        if from_signal_handler(error):
            raise
        return None


def integer(value: Any) -> Optional[int]:
    """A count or bytes as the contract has them; None for anything else."""
    return value if type(value) is int and 0 <= value <= MAX_SAFE_INTEGER else None


def statistics(stats: Dict[str, Any]) -> JSON:
    """The contract's fields of a ``memory_stats`` dictionary, nested or flat; None for a key it lacks."""
    if "allocated_bytes" not in stats:
        return {field: integer(stats.get(key)) for field, key in STATS.items()}
    fields: JSON = {}
    for field, group, pool, figure in _NESTED:
        try:
            fields[field] = integer(stats[group][pool][figure])
        except (KeyError, TypeError):
            fields[field] = None
    for field, key in _COUNTERS:
        fields[field] = integer(stats.get(key))
    return fields
