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
    """None where the device's totals or the pool are unknown."""
    total, free, reserved = (reading.get(name) for name in ("deviceTotalBytes", "deviceFreeBytes", "reservedBytes"))
    if total is None or free is None or reserved is None:
        return None
    fraction = reading.get("processFraction")
    limit = int(total if fraction is None else fraction * total)
    return int(reserved + max(0, min(free, limit - reserved)))


class _Update(NamedTuple):
    pressure: DevicePressure
    ms: Optional[float]


class _Trial(NamedTuple):
    number: int
    kind: str
    before: List[_Update]
    after: List[_Update]


class PressureWatch:
    """Reads the memory of each update, calls back, and records what the callback says that it did."""

    def __init__(self, callback: Callback, above: float, below: float, emit: Emit):
        if not below <= above:
            raise ValueError(f"below ({below}) must not be more than above ({above})")
        self._callback = callback
        self._above = above
        self._below = below
        self._emit = emit
        self._refusals: Dict[str, int] = {}
        self._pressed: Dict[str, bool] = {}
        self._recent: Dict[str, List[_Update]] = {}
        self._trials: Dict[str, _Trial] = {}
        self._made = 0

    def read(self, memory: List[JSON], batch: int, ms: Optional[float]) -> None:
        """After an update's event. What the callback raises is raised, once every device was read.

        :param ms: duration of the update, where it is known.
        """
        raised: Optional[Exception] = None
        for reading in memory:
            pressure = self._pressure(reading)
            update = _Update(pressure, ms)
            device = pressure.device
            trial = self._trials.get(device)
            if trial is None:
                self._recent[device] = [*self._recent.get(device, []), update][-WINDOW:]
            else:
                trial.after.append(update)
                if len(trial.after) >= WARM_UP + WINDOW:
                    self._conclude(self._trials.pop(device), device, batch)
            began = self._judge(pressure)
            if not began or device in self._trials:
                continue
            try:
                kind = self._callback(pressure)
            except Exception as error:
                raised = raised or error
                continue
            if isinstance(kind, str) and kind:
                self._apply(kind[:200], pressure, batch)
        if raised is not None:
            raise raised

    def _pressure(self, reading: JSON) -> DevicePressure:
        device = str(reading["device"])
        peak = reading.get("peakActiveBytes")
        peak = reading.get("peakAllocatedBytes") if peak is None else peak
        budget = budget_bytes(reading)
        refusals = (reading.get("allocRetries") or 0) + (reading.get("ooms") or 0)
        # What was counted before the first reading, or before a reset, is of no known time.
        refused = refusals > self._refusals.get(device, refusals)
        self._refusals[device] = refusals
        return DevicePressure(device, peak / budget if peak is not None and budget else None, peak, budget, refused)

    def _judge(self, pressure: DevicePressure) -> bool:
        """Whether the device came under pressure with this reading."""
        was = self._pressed.get(pressure.device, False)
        fraction = pressure.fraction
        if fraction is None:
            high = was
        else:
            high = fraction > self._above or (was and fraction >= self._below)
        now = pressure.is_refused or high
        self._pressed[pressure.device] = now
        return now and not was

    def _apply(self, kind: str, pressure: DevicePressure, batch: int) -> None:
        self._made += 1
        self._trials[pressure.device] = _Trial(self._made, kind, self._recent.pop(pressure.device, []), [])
        reason = "the allocator was refused memory" if pressure.is_refused else "the peak nears what there is to have"
        action = {"id": self._made, "kind": kind, "device": pressure.device, "batch": batch, "reason": reason}
        self._emit("INTERVENTION_APPLIED", {**action, "pressureFraction": pressure.fraction, "microbatches": None})

    def _conclude(self, trial: _Trial, device: str, batch: int) -> None:
        measured = trial.after[WARM_UP:]
        self._recent[device] = measured
        before, after = _median_pressure(trial.before), _median_pressure(measured)
        fell = before is not None and after is not None and before - after > HELPFUL
        eased = _refusal_rate(measured) < _refusal_rate(trial.before)
        reason = "pressure fell" if fell else "memory was refused less often" if eased else "neither pressure nor refusals fell"
        self._emit(
            "INTERVENTION_ENDED",
            {
                "id": trial.number,
                "kind": trial.kind,
                "device": device,
                "batch": batch,
                "reason": reason,
                "helped": fell or eased,
                # The trainer's own to undo; whether it did is not known here.
                "reverted": None,
                "updates": len(measured),
                "pressureBefore": before,
                "pressureAfter": after,
                "updateMsBefore": _median([update.ms for update in trial.before]),
                "updateMsAfter": _median([update.ms for update in measured]),
            },
        )


def _median(values: "List[Optional[float]]") -> Optional[float]:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _median_pressure(updates: List[_Update]) -> Optional[float]:
    return _median([update.pressure.fraction for update in updates])


def _refusal_rate(updates: List[_Update]) -> float:
    return sum(update.pressure.is_refused for update in updates) / len(updates) if updates else 0.0
