"""A run's memory in the dashboards that people keep: Weights & Biases, TensorBoard. Losses and returns are theirs already.

Names are ``esper/<device>/allocated_bytes`` and so on; of a figure that was not measured there is no value.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Protocol

from .events import JSON
from .failures import Failures

_BYTES = {
    "allocatedBytes": "allocated_bytes",
    "reservedBytes": "reserved_bytes",
    "peakAllocatedBytes": "peak_allocated_bytes",
    "inactiveSplitBytes": "inactive_split_bytes",
    "deviceFreeBytes": "device_free_bytes",
    "allocRetries": "alloc_retries",
    "ooms": "ooms",
}


class Bridge(Protocol):
    """Is given the figures of each update or step, and the end of the run."""

    def write(self, figures: Dict[str, float], step: int) -> None: ...

    def end(self, run_id: str) -> None: ...


class Bridges:
    """The dashboards that a run is shown in. What fails in one is counted and reported, not raised."""

    def __init__(self, failures: Failures):
        self._bridges: List[Bridge] = []
        self._failures = failures

    def add(self, name: str, make: Callable[[], Bridge]) -> None:
        """:param name: what people call the dashboard, for the report of a failure."""
        try:
            self._bridges.append(make())
        except Exception as error:
            self._failures(f"nothing is shown in {name}", error)

    def write(self, memory: List[JSON], step: int, ms: Optional[float]) -> None:
        """After an update or step, as in :func:`memory_figures`."""
        if self._bridges:
            figures = memory_figures(memory, ms)
            self._each(lambda bridge: bridge.write(figures, step))

    def end(self, run_id: str) -> None:
        self._each(lambda bridge: bridge.end(run_id))

    def _each(self, call: Callable[[Bridge], None]) -> None:
        for bridge in self._bridges:
            try:
                call(bridge)
            except Exception as error:
                self._failures("another dashboard could not be written", error)


def memory_figures(memory: List[JSON], ms: Optional[float]) -> Dict[str, float]:
    """Of the devices that an event has, by name.

    :param ms: duration of the update or step, milliseconds; None where it is not known.
    """
    figures: Dict[str, float] = {} if ms is None else {"esper/update_ms": ms}
    for device in memory:
        head = f"esper/{device.get('device')}"
        for name, shown in _BYTES.items():
            if device.get(name) is not None:
                figures[f"{head}/{shown}"] = device[name]
        held, reserved = device.get("allocatedBytes"), device.get("reservedBytes")
        if held is not None and reserved:
            figures[f"{head}/memory_usage_percent"] = 100 * held / reserved
    return figures


class WandbBridge:
    """Adds to the row that the training's own ``wandb.log`` writes next: it makes no step of its own."""

    def __init__(self, run: Any = None):
        if run is None:
            import wandb

            run = wandb.run
            if run is None:
                raise ValueError("wandb has no run yet: call wandb.init() first")
        self._run = run

    def write(self, figures: Dict[str, float], step: int) -> None:
        self._run.log({**figures, "esper/step": step}, commit=False)

    def end(self, run_id: str) -> None:
        self._run.summary["esper/run"] = run_id
        self._run.summary["esper/look"] = f"esper report {run_id}"


class TensorBoardBridge:
    """:param writer: a ``SummaryWriter``, of torch or tensorboardX, which stays the caller's to close."""

    def __init__(self, writer: Any):
        self._writer = writer

    def write(self, figures: Dict[str, float], step: int) -> None:
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)

    def end(self, run_id: str) -> None:
        self._writer.add_text("esper/look", f"esper report {run_id}")
