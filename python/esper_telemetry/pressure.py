"""Memory pressure as the training process itself sees it, so that it may act, and what came of the action.

A device is under pressure above the one level, or when it was refused memory, until it falls below the other.
"""

from __future__ import annotations

from statistics import median
from typing import Callable, Dict, List, NamedTuple, Optional

from .events import JSON

#: Updates before and after an action that its effect is the medians of; the first with it has its cost, and does not count.
WINDOW = 5
WARM_UP = 1
#: Pressure that fell by less may as well have swayed.
HELPFUL = 0.02


class DevicePressure(NamedTuple):
    """One device after one update. None is not measured."""

    device: str
    #: Peak / budget: above 1 the peak would not fit any more.
    fraction: Optional[float]
    peak_bytes: Optional[int]
    #: What the process could have at most: what it has reserved and what the device has free, up to its own limit.
    budget_bytes: Optional[int]
    #: The allocator was refused memory since the reading before.
    is_refused: bool


#: What is done about it; a text that it returns names what it did, and is recorded with its effect.
Callback = Callable[[DevicePressure], Optional[str]]
Emit = Callable[[str, JSON], None]


def budget_bytes(reading: JSON) -> Optional[int]:
    """None where the device's totals or the pool are unknown, and where more is reserved than there is: one of both is wrong."""
    total, free, reserved = (reading.get(name) for name in ("deviceTotalBytes", "deviceFreeBytes", "reservedBytes"))
    if total is None or free is None or reserved is None or reserved > total:
        return None
    fraction = reading.get("processFraction")
    limit = int(total if fraction is None else fraction * total)
    return int(reserved + max(0, min(free, limit - reserved)))


def peak_bytes(reading: JSON) -> Optional[int]:
    """What must fit into the budget; None where it is not measured."""
    active: Optional[int] = reading.get("peakActiveBytes")
    return reading.get("peakAllocatedBytes") if active is None else active


def pressure_fraction(peak: Optional[int], budget: Optional[int]) -> Optional[float]:
    return peak / budget if peak is not None and budget else None


class Update(NamedTuple):
    """A device's pressure after one update, and how long the update took, milliseconds."""

    pressure: DevicePressure
    ms: Optional[float]


class Gauge:
    """Finds which devices are under pressure, reading by reading."""

    def __init__(self, above: float, below: float):
        if not below <= above:
            raise ValueError(f"below ({below}) must not be more than above ({above})")
        self._above = above
        self._below = below
        self._refusals: Dict[str, int] = {}
        self._pressed: Dict[str, bool] = {}

    def is_pressed(self, device: str) -> bool:
        return self._pressed.get(device, False)

    def read(self, reading: JSON) -> DevicePressure:
        """Takes an update's reading of one device."""
        device = str(reading["device"])
        peak, budget = peak_bytes(reading), budget_bytes(reading)
        fraction = pressure_fraction(peak, budget)
        refusals = (reading.get("allocRetries") or 0) + (reading.get("ooms") or 0)
        # What was counted before the first reading, or before a reset, is of no known time.
        refused = refusals > self._refusals.get(device, refusals)
        self._refusals[device] = refusals
        # Not measured is neither: what was holds.
        was = self.is_pressed(device)
        high = was if fraction is None else fraction > self._above or (was and fraction >= self._below)
        self._pressed[device] = refused or high
        return DevicePressure(device, fraction, peak, budget, refused)


class Trial:
    """One action and what came of it: the updates before it, and the first ones with it."""

    def __init__(self, number: int, kind: str, before: List[Update]):
        self._number = number
        self._kind = kind
        self._before = before
        self._after: List[Update] = []

    def applied(self, batch: int, microbatches: Optional[int] = None) -> JSON:
        """The data of ``INTERVENTION_APPLIED``: it was done because of the newest update before it."""
        pressure = self._before[-1].pressure
        reason = "the allocator was refused memory" if pressure.is_refused else "the peak nears what there is to have"
        return {**self._action(batch, reason), "pressureFraction": pressure.fraction, "microbatches": microbatches}

    def take(self, update: Update) -> bool:
        """:return: whether its effect has been measured."""
        self._after.append(update)
        return len(self._after) >= WARM_UP + WINDOW

    @property
    def measured(self) -> List[Update]:
        """The updates with it, but for the first, which had its cost."""
        return self._after[WARM_UP:]

    def ended(self, batch: int) -> JSON:
        """The data of ``INTERVENTION_ENDED``, as of an action that is left as it is."""
        before, after = _median_pressure(self._before), _median_pressure(self.measured)
        fell = before is not None and after is not None and before - after > HELPFUL
        eased = _refusal_rate(self.measured) < _refusal_rate(self._before)
        reason = "pressure fell" if fell else "memory was refused less often" if eased else "neither pressure nor refusals fell"
        return {
            **self._action(batch, reason),
            "helped": fell or eased,
            "reverted": None,
            "updates": len(self.measured),
            "pressureBefore": before,
            "pressureAfter": after,
            "updateMsBefore": _median([update.ms for update in self._before]),
            "updateMsAfter": _median([update.ms for update in self.measured]),
        }

    def _action(self, batch: int, reason: str) -> JSON:
        device = self._before[-1].pressure.device
        return {"id": self._number, "kind": self._kind, "device": device, "batch": batch, "reason": reason}


class PressureWatch:
    """Reads the memory of each update, calls back, and records what the callback reports that it did."""

    def __init__(self, callback: Callback, above: float, below: float, emit: Emit, number: Callable[[], int]):
        """:param number: the number of the next action."""
        self._gauge = Gauge(above, below)
        self._callback = callback
        self._emit = emit
        self._recent: Dict[str, List[Update]] = {}
        self._trials: Dict[str, Trial] = {}
        self._number = number

    def read(self, memory: List[JSON], batch: int, ms: Optional[float]) -> None:
        """After an update's event. What the callback raises is raised, once every device was read.

        :param ms: duration of the update, where it is known.
        """
        raised: Optional[Exception] = None
        for reading in memory:
            device = str(reading["device"])
            was = self._gauge.is_pressed(device)
            update = Update(self._gauge.read(reading), ms)
            trial = self._trials.get(device)
            if trial is None:
                self._recent[device] = [*self._recent.get(device, []), update][-WINDOW:]
            elif trial.take(update):
                # It is the trainer's own to undo; whether it did is not known here.
                self._emit("INTERVENTION_ENDED", self._trials.pop(device).ended(batch))
                self._recent[device] = trial.measured
            if was or not self._gauge.is_pressed(device) or device in self._trials:
                continue
            try:
                kind = self._callback(update.pressure)
            except Exception as error:
                raised = raised or error
                continue
            if isinstance(kind, str) and kind:
                trial = Trial(self._number(), kind[:200], self._recent.pop(device))
                self._trials[device] = trial
                self._emit("INTERVENTION_APPLIED", trial.applied(batch))
        if raised is not None:
            raise raised


def _median(values: "List[Optional[float]]") -> Optional[float]:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _median_pressure(updates: List[Update]) -> Optional[float]:
    return _median([update.pressure.fraction for update in updates])


def _refusal_rate(updates: List[Update]) -> float:
    return sum(update.pressure.is_refused for update in updates) / len(updates) if updates else 0.0
