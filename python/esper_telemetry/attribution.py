"""When stacks are recorded, and what becomes of them: windows of a few updates, each an event or two a device.

A window begins once the loop is warm, and again where what is held, or what an update needs, keeps growing or memory gets short. It
reads the live blocks in its middle and at its end: a line that holds more at the end than in the middle keeps something of each
update; what is allocated again every update holds the same. Of its last update it reads what was held at the peak, too: a line
that holds more then than at the first window's peak makes updates need more. After an update that needed far more than the others
the next such one is waited for. In the moment of a refused request what is held is read once more.

Stacks are recorded from the moment that CUDA comes into use, so that the model's own memory has its lines and a request that the
first update is refused names what held the memory; and again between updates, where one takes far longer than the others did
(an evaluation, a checkpoint; see :mod:`~esper_telemetry.between_updates`).
"""

from __future__ import annotations

import os
import statistics
import time
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Mapping, NamedTuple, Optional

from . import stack_history
from .attribution_cost import TRACED_MS, Cost
from .between_updates import BetweenUpdates
from .device_identity import shown_name
from .events import JSON
from .failures import Failures
from .live_lines import Reading, lines_payload, read_lines
from .pressure import budget_bytes, peak_bytes, pressure_fraction

Emit = Callable[[str, JSON, float], None]

#: Updates before the first window, of its first half, and of its second.
WARM_UP = 3
HALF = 5
#: Updates between two windows at least; it doubles with each.
APART = 48
#: Growth of what is held over so many updates, as a share of it and in bytes, that is worth a window.
TREND_UPDATES = 8
TREND_SHARE = 0.002
TREND_BYTES = 256 * 1024
#: Peak / budget from which a refusal is near, so that its stacks are worth having.
SHORT = 0.85
#: Peak over the median of the newest ones, and peak / budget, from which an update is a spike; updates that the next one is
#: waited for; and spikes that are read.
SPIKE = 1.25
SPIKE_MATTERS = 0.6
SPIKE_WAIT = 256
MOST_SPIKES = 3
#: Events that wait for the run to begin, the newest of them.
MOST_HELD_BACK = 8


def is_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether $ESPER_LINES asks for it, in programs that are not changed."""
    return environment.get("ESPER_LINES", "") not in ("", "0")


class MemoryAttribution:
    """Records stacks over windows that it chooses, within a budget. Never raises into training."""

    def __init__(
        self, emit: Optional[Emit], failures: Failures, timer: Callable[[], float] = time.perf_counter, apart: Optional[int] = None
    ):
        """:param emit: None: the run has not begun, and its events wait for :meth:`begin`.
        :param apart: updates between the first two windows, where time does not matter: no budget holds then.
        """
        #: A program that tries ever smaller batches is refused many times before its first update.
        self._held_back: Deque[Any] = deque(maxlen=MOST_HELD_BACK)
        self._emit: Emit = emit or (lambda *event: self._held_back.append(event))
        self._failures = failures
        self._apart = APART if apart is None else apart
        self._timer = timer
        self._cost = Cost(timer, is_free=apart is not None)
        self._history: Optional[stack_history.StackHistory] = None
        self._is_over = False
        self._updates = 0
        self._window: Optional[Window] = None
        self._windows = 0
        self._next_window = WARM_UP
        self._held: List[int] = []
        self._peaks: List[int] = []
        self._spikes = 0
        self._waits_until = 0
        self._base: Dict[int, Peak] = {}
        self._batch: Optional[int] = None
        self._is_recording = False
        self._between = BetweenUpdates(self._cost, lambda: self._is_recording, self._record, self._stop_between, timer)
        self._try(lambda: stack_history.when_cuda_begins(self._open))

    # --- what the run calls -------------------------------------------------------------------------------

    def begin(self, emit: Emit, failures: Failures) -> None:
        """The run has begun: what was recorded before is its, too."""
        self._emit, self._failures = emit, failures
        while self._held_back:
            emit(*self._held_back.popleft())

    def read(self, memory: List[JSON], batch: int, ms: Optional[float]) -> None:
        """An update is done, and its memory was read."""
        if self._is_over:
            return
        with self._between.turn:
            self._between.updated()
            self._read_update(memory, batch)

    def _read_update(self, memory: List[JSON], batch: int) -> None:
        self._updates += 1
        self._batch = batch
        try:
            if self._history is None and stack_history.available():
                self._open()
            if self._history is None:
                return
            made = self._cost.count() if self._is_recording else {}
            self._held.append(sum(reading.get("allocatedBytes") or 0 for reading in memory))
            is_spike = self._is_spike(memory)
            self._peaks.append(sum(peak_bytes(reading) or 0 for reading in memory))
            for newest in (self._held, self._peaks):
                del newest[: -2 * TREND_UPDATES]
            if is_spike:
                self._see_spike(batch, made)
            if self._window is not None:
                self._go_on(self._window, batch, made)
            else:
                self._maybe_begin(memory)
        except Exception as error:
            self._failures("where memory was allocated could not be recorded", error)
            self.stop()

    def stop(self) -> None:
        """The run ends."""
        self._between.end()
        with self._between.turn:
            self._is_over = True
            self._end_recording()

    # --- windows ------------------------------------------------------------------------------------------

    def _open(self) -> None:
        if self._is_over or self._history is not None:
            return

        def begin() -> None:
            if not stack_history.can_record():
                return
            self._history = stack_history.StackHistory()
            stack_history.observe_out_of_memory(self._refused)
            # On until the first window has ended: many are refused before.
            self._record()
            self._between.begin(self._failures)

        self._try(begin)

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:
            self._failures("where memory was allocated is not recorded", error)
            self._is_over = True

    def _record(self) -> None:
        assert self._history is not None
        if not self._is_recording:
            self._history.start()
            self._is_recording = True
            self._cost.begin()

    def _stop_between(self) -> None:
        # A window compares what has its stacks in the middle and at the end.
        if self._window is None:
            self._stop_recording()

    def _waits(self) -> bool:
        """Whether the next spike is waited for."""
        return self._updates < self._waits_until and not self._is_dear()

    def _is_spike(self, memory: List[JSON]) -> bool:
        if len(self._peaks) < TREND_UPDATES:
            return False
        peak = sum(peak_bytes(reading) or 0 for reading in memory)
        is_large = any((pressure_fraction(peak_bytes(reading), budget_bytes(reading)) or 0) > SPIKE_MATTERS for reading in memory)
        # A peak of the run never falls: only one above it is seen.
        is_of_run = any(reading.get("peakScope") == "run" for reading in memory)
        return is_large and peak > SPIKE * (self._peaks[-1] if is_of_run else statistics.median(self._peaks))

    def _see_spike(self, batch: int, made: Dict[int, int]) -> None:
        if self._read_peaks("spike", batch, made):
            self._spikes += 1
        if self._spikes < MOST_SPIKES:
            self._waits_until = self._updates + SPIKE_WAIT

    def _stop_recording(self) -> None:
        if self._history is not None and self._is_recording:
            self._is_recording = False
            self._history.stop()

    def _maybe_begin(self, memory: List[JSON]) -> None:
        assert self._history is not None
        why, is_dear = self._why(memory), self._is_dear()
        if why is None or is_dear:
            if self._waits():
                self._record()
                self._history.trace()
            # Before the first window, and where a refusal is near, stacks are recorded without one.
            elif is_dear or (self._windows > 0 and not self._is_short(memory)):
                self._stop_recording()
            else:
                self._history.end_trace()
            return
        self._record()
        self._windows += 1
        self._window = Window(why)

    def _why(self, memory: List[JSON]) -> Optional[str]:
        if self._windows == 0:
            return "warm-up" if self._updates > WARM_UP else None
        if self._updates < self._next_window:
            return None
        if self._is_short(memory):
            return "pressure"
        return "trend" if self._is_growing(self._held) or self._is_growing(self._peaks) else None

    def _is_growing(self, newest: List[int]) -> bool:
        if len(newest) < 2 * TREND_UPDATES:
            return False
        before, now = min(newest[:TREND_UPDATES]), min(newest[TREND_UPDATES:])
        return now - before > max(TREND_BYTES, TREND_SHARE * before)

    def _is_short(self, memory: List[JSON]) -> bool:
        return any((pressure_fraction(peak_bytes(reading), budget_bytes(reading)) or 0) > SHORT for reading in memory)

    def _is_dear(self) -> bool:
        """Recording took more than its share already, or would with one more window."""
        return not self._cost.affords(self._cost.spent_ms / max(1, self._windows))

    def _go_on(self, window: "Window", batch: int, made: Dict[int, int]) -> None:
        assert self._history is not None
        window.updates += 1
        if window.updates == HALF:
            window.middle, window.middle_batch = self._read(), batch
        elif window.updates == 2 * HALF - 1 and self._cost.affords(sum(made.values()) * TRACED_MS):
            self._history.trace()
        elif window.updates == 2 * HALF:
            began = self._timer()
            readings = self._read()
            for device, reading in sorted(readings.items()):
                before = (window.middle or {}).get(device)
                about = {"moment": "end of update", "why": window.why, "fromBatch": window.middle_batch, "toBatch": batch}
                self._emit_reading(device, about, reading, before, None, began)
            self._read_peaks(window.why, batch, made)
            self._window = None
            self._next_window = self._updates + self._apart * 2 ** min(10, self._windows - 1)

    def _read_peaks(self, why: str, batch: int, made: Dict[int, int]) -> bool:
        """What the update that has just ended held at its peak; the first such reading is what later ones are held against.

        False where its order was not recorded.
        """
        assert self._history is not None
        began = self._timer()
        readings = read_lines(block for blocks in self._history.at_peak(made).values() for block in blocks)
        self._history.end_trace()
        self._cost.spent_ms += (self._timer() - began) * 1e3
        for device, reading in sorted(readings.items()):
            base = self._base.setdefault(device, Peak(batch, reading))
            is_first = base.reading is reading
            about = {"moment": "peak", "why": why, "fromBatch": None if is_first else base.batch, "toBatch": batch}
            self._emit_reading(device, about, reading, None if is_first else base.reading, None, began)
        return bool(readings)

    def _read(self) -> Dict[int, Reading]:
        assert self._history is not None
        began = self._timer()
        readings = read_lines(self._history.live_blocks())
        self._cost.spent_ms += (self._timer() - began) * 1e3
        return readings

    def _refused(self, device: int, requested: int, _segment: int, _free: int) -> None:
        """torch calls this within the request that it refuses."""
        if self._is_over or self._history is None:
            return
        try:
            began = self._timer()
            reading = read_lines(self._history.live_blocks()).get(device)
            if reading is None:
                return
            about = {"moment": "refused", "why": "refused", "fromBatch": None, "toBatch": self._batch}
            self._emit_reading(device, about, reading, None, requested, began)
        except Exception as error:
            self._failures("what held memory when it was refused could not be recorded", error)

    def _emit_reading(self, device: int, about: JSON, reading: Reading, before: Optional[Reading], requested: Optional[int], began: float) -> None:
        data = {
            "device": shown_name(f"cuda:{device}"),
            **about,
            **lines_payload(reading, before),
            "requestedBytes": requested,
            "recordingMs": round(self._cost.spent_ms, 3),
        }
        self._emit("MEMORY_ATTRIBUTED", data, (self._timer() - began) * 1e3)

    def _end_recording(self) -> None:
        try:
            self._stop_recording()
        except Exception as error:
            self._failures("recording of stacks could not be ended", error)


class Window:
    """A few updates over which stacks are recorded."""

    def __init__(self, why: str):
        self.why = why
        self.updates = 0
        self.middle: Optional[Dict[int, Reading]] = None
        self.middle_batch: Optional[int] = None


class Peak(NamedTuple):
    """What a device held at the peak of an update."""

    batch: int
    reading: Reading
