"""Records a process's optimizer steps: torch's own hooks around every step of every optimizer, and a run that begins at the first.

It begins that late because many processes import torch and train nothing: launchers, workers that load data, tests. One that
runs out of memory before its first step is recorded as failed all the same.
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

from .. import opening
from ..attribution import MemoryAttribution
from ..failures import Failures
from ..launch import launch
from ..notebook import TrainingCells
from ..out_of_memory import is_out_of_memory
from ..run import Run
from .graphs import Graphs
from .session import Printed, Session
from .step_hooks import hook_every_step
from .updates import Updates

#: Figures of a step that a program may print, by their names in an event.
_PRINTED = {
    "loss": "loss",
    "learningRate": "learning_rate",
    "gradNorm": "grad_norm",
    "samplesPerSecond": "samples_per_second",
    "tokensPerSecond": "tokens_per_second",
}
_RESERVED = {"step", "step_ms", "self", *_PRINTED.values()}


class Watcher:
    def __init__(self, torch: Any, session: Session, timer: Callable[[], float] = time.perf_counter):
        self._torch = torch
        self._session = session
        self._timer = timer
        self._pid = os.getpid()
        self._updates = Updates()
        self._graphs = Graphs(torch, self._replayed)
        self._run: Optional[Run] = None
        self._printed = Printed(None)
        self._last: Optional[float] = None
        #: Nothing is recorded by us: the program does, or the run could not begin.
        self._done = False
        self._beginning = False
        #: Called before a step, after it, and once its update is recorded, with the number of the update and the optimizer; what the
        #: last raises goes into the program.
        self.before_step: List[Callable[[int, Any], None]] = []
        self.after_step: List[Callable[[int, Any], None]] = []
        self.on_update: List[Callable[[int, Any], None]] = []
        #: More for :func:`esper_telemetry.start`.
        self.options: Dict[str, Any] = {}
        #: Whether this process is the whole run, whatever its process group counts.
        self.is_alone = False
        self.updates = 0
        self._ended_with: Optional[BaseException] = None

    def install(self) -> None:
        """Once a process, right after torch was imported: before a program has made its optimizers."""
        opening.on_start = self._began_elsewhere
        self._record_lines()
        hook_every_step(self._before, self._after)
        self._graphs.install()
        atexit.register(self._at_exit)
        TrainingCells(lambda: self.updates, self._cell_ended)
        self._session.has_torch()

    def _record_lines(self) -> None:
        """From before a run begins: a model is loaded, and most requests are refused, before its first step."""
        if self._session.lines and not os.environ.get("ESPER_REHEARSE"):
            opening.early_attribution = MemoryAttribution(None, Failures())

    @property
    def run(self) -> Optional[Run]:
        return self._run

    def _before(self, optimizer: Any, *_: Any) -> None:
        if os.getpid() == self._pid and not self._graphs.take(optimizer) and self._updates.before(optimizer):
            self._begin_step(optimizer)

    def _begin_step(self, optimizer: Any) -> None:
        if self._run is None and not self._done:
            self._begin()
        for act in self.before_step:
            act(self.updates + 1, optimizer)

    def _after(self, optimizer: Any, *_: Any) -> None:
        if os.getpid() != self._pid or self._graphs.take(optimizer):
            return
        self._end_step(optimizer, self._updates.after(optimizer))

    def _replayed(self, optimizer: Any) -> None:
        """A captured step was executed."""
        if os.getpid() != self._pid:
            return
        self._begin_step(optimizer)
        self._end_step(optimizer, True)

    def _end_step(self, optimizer: Any, is_update: bool) -> None:
        for act in self.after_step:
            act(self.updates + 1, optimizer)
        if is_update:
            self._updated(optimizer)

    def _updated(self, optimizer: Any) -> None:
        now = self._timer()
        self.updates += 1
        if self._run is not None and not self._done:
            printed = self._read_printed()
            figures = {ours: printed[theirs] for theirs, ours in _PRINTED.items() if theirs in printed}
            extra = printed.get("extra")
            more = {k: v for k, v in extra.items() if k not in _RESERVED} if isinstance(extra, dict) else {}
            self._run.step(
                step_ms=None if self._last is None else (now - self._last) * 1e3,
                **{"learning_rate": _learning_rate(optimizer), **figures, **more},
            )
        self._last = now
        for act in self.on_update:
            act(self.updates, optimizer)

    def _read_printed(self) -> Dict[str, Any]:
        """What was printed since the newest update; what belongs to none is recorded beside that."""
        printed = self._printed.read()
        logged = printed.pop("logged", None)
        if logged and self._run is not None:
            self._run.log(logged)
        return printed

    def _before_exit(self) -> None:
        """Before the run ends with the process: an evaluation may stand behind the last update."""
        if os.getpid() == self._pid:
            self._read_printed()

    def _begin(self) -> None:
        rank, size = (0, 1) if self.is_alone else process_group(self._torch) or (None, None)
        self._beginning = True
        try:
            options: Dict[str, Any] = {"config": {"recordedBy": "esper run"}, **self.options}
            self._run = opening.start(self._session.name, rank=rank, world_size=size, _whole_process=True, **options)
        finally:
            self._beginning = False
        self._done = self._run.path is None
        self._last = None
        self._printed = self._session.printed() if not rank else Printed(None)
        self._session.began(self._run.path, self._run_rank(rank), own=False)
        atexit.unregister(self._before_exit)
        atexit.register(self._before_exit)  # after the run's own, and so called before it

    @staticmethod
    def _run_rank(rank: Optional[int]) -> int:
        return launch(rank).rank

    def _began_elsewhere(self, run: Run) -> None:
        """The program called ``esper_telemetry.start``: its run is the one, and ours ends where there is one."""
        if self._beginning or os.getpid() != self._pid:
            return
        self._done = True
        ours, self._run = self._run, None
        if ours is not None:
            ours.finish(why="the program began a run of its own")
        path: Optional[Path] = run.path
        self._session.began(path, self._run_rank(None), own=True)

    def _cell_ended(self, error: Optional[BaseException]) -> None:
        """A cell that ended with an error ends the run; the next step begins another."""
        if error is not None and not self._done and os.getpid() == self._pid:
            self._end_with(error)
            self._record_lines()

    def _at_exit(self) -> None:
        error = getattr(sys, "last_value", None)
        if self._run is None and not self._done and os.getpid() == self._pid and error is not self._ended_with:
            self._end_with(error)
        # Of a process that trained nothing: its thread ends before the interpreter does.
        if opening.early_attribution is not None:
            opening.early_attribution.stop()

    def _end_with(self, error: Optional[BaseException]) -> None:
        """Ends the run, which what runs out of memory before its first step is, too."""
        if self._run is None and error is not None and is_out_of_memory(error):
            self._begin()
        ours, self._run = self._run, None
        self._ended_with = error
        if ours is not None:
            ours.end_with(error)


def process_group(torch: Any) -> Optional[Tuple[int, int]]:
    """Rank and world size of torch's process group; None where there is none."""
    group = getattr(torch, "distributed", None)
    try:
        if group is not None and group.is_available() and group.is_initialized():
            return int(group.get_rank()), int(group.get_world_size())
    except Exception:
        pass
    return None


def _learning_rate(optimizer: Any) -> Optional[float]:
    """Of the first group, where it is a number: a tensor may lie on a device, and reading it would wait."""
    groups = getattr(optimizer, "param_groups", None) or [{}]
    rate = groups[0].get("lr")
    return rate if isinstance(rate, (int, float)) else None
