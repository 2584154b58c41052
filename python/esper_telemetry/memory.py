"""What this process holds on each accelerator, as torch reports it.

One call of ``memory_stats_as_nested_dict(device)`` a device and reading: it copies a struct under the
allocator's mutex and does not wait for the device. CUDA is never initialised from here, and no context is created
on a device that the process does not use.
"""

from __future__ import annotations

import math
import time
from itertools import islice
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union

from .allocator import (
    NOT_BY_CUDA_MALLOC_ASYNC,
    STATS,
    allocator_backend,
    expandable_segments,
    integer,
    statistics,
    torch_module,
)
from .device_identity import Identity, identify, shown_name
from .events import JSON, text_of

#: Takes what failed and why.
Report = Callable[[str, object], None]
#: Seconds, monotonic.
Timer = Callable[[], float]

#: A reading of free memory that takes longer than this is slow (5–12 µs is usual, 8 ms was seen).
SLOW_MS = 1.0
#: After two slow readings, so many are left out that they cost on average this much an update.
SLOW_SHARE_MS = 0.1
#: Readings between two looks for devices that the process began to use.
DISCOVER_EVERY = 32


class Device:
    """One device, read again and again."""

    def __init__(self, kind: str, index: Optional[int], reset_peaks: bool, report: Report, timer: Timer):
        self.kind = kind
        self.index = index
        self.name = shown_name(kind if index is None else f"{kind}:{index}")
        self._reset_peaks = reset_peaks
        self._peaks_were_reset = False
        self._report = report
        self._timer = timer
        self._identity: Optional[Identity] = None
        #: Fields that this allocator does not measure, whatever its statistics hold.
        self._unmeasured: Tuple[str, ...] = ()
        self._skip_free = 0
        self._free_was_slow = False

    def read(self) -> JSON:
        """A ``DeviceMemory`` of the contract. Never raises; what cannot be read is None."""
        began = self._timer()
        fields = dict.fromkeys(STATS)
        fields.update(deviceFreeBytes=None, deviceTotalBytes=None, processFraction=None)
        backend = getattr(torch_module(), self.kind, None)
        if backend is not None:
            try:
                fields.update(self._read_mps(backend) if self.kind == "mps" else self._read(backend))
            except Exception as error:
                self._report(f"{self.name}: memory could not be read", error)
        identity = self._identity or Identity()
        scope = None
        if fields["peakAllocatedBytes"] is not None:
            scope = "update" if self._peaks_were_reset else "run"
        self._reset(backend)
        return {
            "device": self.name,
            "uuid": identity.uuid,
            "pciBusId": identity.pci_bus_id,
            "name": identity.name,
            **fields,
            "peakScope": scope,
            "readMs": round((self._timer() - began) * 1e3, 4),
        }

    def _read(self, backend: Any) -> JSON:
        """torch.cuda (CUDA, ROCm) and torch.xpu, which have the same calls."""
        if not backend.is_initialized():
            return {}
        if self._identity is None:
            self._identity = identify(torch_module(), backend, self.kind, self.index)
            # Settled once CUDA has begun.
            if self.kind == "cuda" and allocator_backend() == "cudaMallocAsync":
                self._unmeasured = NOT_BY_CUDA_MALLOC_ASYNC
            elif expandable_segments():
                self._unmeasured = ("inactiveSplitBytes",)
        read = getattr(backend, "memory_stats_as_nested_dict", None) or backend.memory_stats
        fields = statistics(read(self.index) or {})
        for name in self._unmeasured:
            fields[name] = None
        # Asking for a device's free memory or the process's share of it creates a context on it: only where there is one already.
        if fields["peakReservedBytes"] or fields["reservedBytes"]:
            fields["processFraction"] = self._read_fraction(backend)
            if hasattr(backend, "mem_get_info"):
                fields.update(self._read_free(backend))
        return fields

    def _read_fraction(self, backend: Any) -> Optional[float]:
        fraction = getattr(backend, "get_per_process_memory_fraction", None)
        if fraction is None:
            return None
        before = backend.current_device()
        value = float(fraction(self.index))
        if backend.current_device() != before:  # PyTorch 2.6 leaves the program on the device that was asked about
            backend.set_device(before)
        return value

    def _read_free(self, backend: Any) -> JSON:
        if self._skip_free > 0:
            self._skip_free -= 1
            return {}
        began = self._timer()
        try:
            free, total = backend.mem_get_info(self.index)
        finally:
            took = (self._timer() - began) * 1e3
            # Once is the scheduler's doing; twice is the driver's.
            self._skip_free = math.ceil(took / SLOW_SHARE_MS) if took > SLOW_MS and self._free_was_slow else 0
            self._free_was_slow = took > SLOW_MS
        return {"deviceFreeBytes": integer(free), "deviceTotalBytes": integer(total)}

    def _read_mps(self, mps: Any) -> JSON:
        """Apple's unified memory: what Metal recommends as the most stands for the total, free is unknown."""
        if self._identity is None:
            self._identity = Identity(name="Apple GPU")
        total = getattr(mps, "recommended_max_memory", None)
        return {
            "allocatedBytes": integer(mps.current_allocated_memory()),
            "reservedBytes": integer(mps.driver_allocated_memory()),
            "deviceTotalBytes": integer(total()) if total is not None else None,
        }

    def _reset(self, backend: Any) -> None:
        if not self._reset_peaks or self.kind == "mps" or backend is None or not backend.is_initialized():
            return
        try:
            backend.reset_peak_memory_stats(self.index)
            self._peaks_were_reset = True
        except Exception as error:
            self._report(f"{self.name}: peaks could not be reset", error)


#: Counters of requests that were refused, at first or for good.
_REFUSALS = ("allocRetries", "ooms")

#: Of what the caller names; more are never on one host, and a generator may have no end.
MOST_DEVICES = 1024


class MemoryReader:
    """Reads the devices of this process: those named, or else each one on which it holds memory."""

    def __init__(
        self,
        devices: Union[None, str, int, Iterable[Any]] = None,
        reset_peaks: bool = False,
        report: Report = lambda what, why: None,
        timer: Timer = time.perf_counter,
    ):
        """
        :param devices: ``"cuda:0"``, ``1``, ``torch.device("xpu:0")``, ``"mps"``, or several; an empty list
            measures nothing. None: each CUDA or XPU device on which the process has reserved memory (the
            current one while there is none) and Apple's where it is in use.
        :param reset_peaks: resets torch's peaks after each reading, so that they are of one update. They
            belong to the whole process: others who read them see the resets.
        """
        self._reset_peaks = reset_peaks
        self._report = report
        self._timer = timer
        self._devices: Dict[str, Device] = {}
        self._discovers = devices is None
        self._found = False
        self._reads = 0
        #: Refusals that an allocator had counted when the run began, by kind and index of its device.
        self._refused_before: Dict[Tuple[str, Optional[int]], Dict[str, int]] = {}
        if devices is not None:
            one = isinstance(devices, (str, int)) or hasattr(devices, "type")
            for device in [devices] if one else islice(devices, MOST_DEVICES):  # type: ignore[arg-type]
                try:
                    self._add(device)
                except Exception as error:
                    report(f"{text_of(device)} is no device whose memory can be read", error)

    def read(self) -> List[JSON]:
        """One ``DeviceMemory`` a device; empty without an accelerator in use. Never raises."""
        if self._discovers and (not self._found or self._reads % DISCOVER_EVERY == 0):
            try:
                self._discover()
            except Exception as error:
                self._report("devices could not be listed", error)
        self._reads += 1
        return [self._since(device, device.read()) for device in self._devices.values()]

    def begin(self) -> None:
        """What was refused until now is none of this run's: an earlier cell's of the notebook, an earlier run's. Never raises."""
        try:
            for kind in ("cuda", "xpu"):
                backend = getattr(torch_module(), kind, None)
                if backend is None or not backend.is_initialized():
                    continue
                read = getattr(backend, "memory_stats_as_nested_dict", None) or backend.memory_stats
                for index in range(backend.device_count()):
                    counted = statistics(read(index) or {})
                    self._refused_before[kind, index] = {name: counted[name] or 0 for name in _REFUSALS}
        except Exception as error:
            self._report("the allocator's counters could not be read", error)

    def _since(self, device: Device, reading: JSON) -> JSON:
        for name, before in self._refused_before.get((device.kind, device.index), {}).items():
            now = reading[name]
            if now is not None and now >= before:  # a counter that fell was reset since
                reading[name] = now - before
        return reading

    def _add(self, device: Any) -> None:
        kind, _, index = (f"cuda:{device}" if isinstance(device, int) else str(device)).partition(":")
        if kind in ("cuda", "xpu", "mps"):
            number = None if kind == "mps" else int(index) if index else self._current(kind)
            added = Device(kind, number, self._reset_peaks, self._report, self._timer)
            self._devices.setdefault(added.name, added)

    @staticmethod
    def _current(kind: str) -> int:
        backend = getattr(torch_module(), kind, None)
        return int(backend.current_device()) if backend is not None and backend.is_initialized() else 0

    def _discover(self) -> None:
        torch = torch_module()
        for kind in ("cuda", "xpu"):
            backend = getattr(torch, kind, None)
            # Only ever asks a backend that is initialised: is_available() may initialise CUDA and so break forks.
            if backend is None or not getattr(backend, "is_initialized", lambda: False)():
                continue
            stats = getattr(backend, "memory_stats_as_nested_dict", None) or backend.memory_stats
            used = [i for i in range(backend.device_count()) if statistics(stats(i) or {})["peakReservedBytes"]]
            if used and not self._found:
                self._devices.clear()
                self._found = True
            for index in used or ([] if self._found else [backend.current_device()]):
                self._add(f"{kind}:{index}")
        mps = getattr(torch, "mps", None)
        if mps is not None and torch.backends.mps.is_available() and mps.driver_allocated_memory() > 0:
            self._found = True
            self._add("mps")
