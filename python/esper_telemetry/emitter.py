"""Measurements → lines: stamps the envelope of one rank's events and appends each before ``emit`` returns.

Training and the samplers' threads emit through one lock, so that ``seq`` rises by one from line to line. Only the
process that opened the log writes it: in a forked child an emitter is silent.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Callable, Optional

from .events import CONTRACT_VERSION, JSON, encode
from .failures import Failures
from .log_writer import LogWriter


class Emitter:
    """Emits one rank's events of one run; ``clock`` (wall) and ``timer`` (monotonic) are in seconds."""

    def __init__(
        self,
        run: str,
        rank: int,
        writer: LogWriter,
        failures: Failures,
        first_seq: int = 0,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
    ):
        self._head = f',"run":{encode(run)},"rank":{rank},"type":"'
        self._writer: Optional[LogWriter] = writer
        self._failures = failures
        self._seq = first_seq
        self._clock = clock
        self._timer = timer
        self._owed_ms = 0.0
        self._pid = os.getpid()
        # Reentrant: a signal handler may end the run while this thread is within an event.
        self._lock = threading.RLock()

    @property
    def open(self) -> bool:
        """Whether events of this process are kept."""
        return self._writer is not None and os.getpid() == self._pid

    def emit(self, kind: str, data: JSON, gathered_ms: float = 0.0) -> None:
        """Emits one event.

        :param gathered_ms: what gathering ``data`` took, milliseconds; the event carries it in ``telemetryMs``
            together with what writing the event before took.
        """
        if not self.open:
            return
        with self._lock:
            writer = self._writer
            if writer is None:
                return
            began = self._timer()
            # Spent even where the event is lost, so that readers see the gap.
            seq, self._seq = self._seq, self._seq + 1
            try:
                cost = round(self._owed_ms + gathered_ms, 4)
                text = (
                    f'{{"v":"{CONTRACT_VERSION}","seq":{seq},"timeMs":{max(0, round(self._clock() * 1e3))}'
                    f'{self._head}{kind}","data":{encode(data)},"telemetryMs":{cost}}}\n'
                )
                writer.append(text.encode("utf-8", "replace"))
            except Exception as error:
                self._failures("an event could not be written", error)
            self._owed_ms = (self._timer() - began) * 1e3

    def close(self, kind: str, data: JSON) -> None:
        """Emits the last event, syncs and closes the log."""
        if not self.open:
            return
        with self._lock:
            self.emit(kind, data)
            writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
