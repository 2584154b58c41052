"""The run of a callback: the caller's, or one that lives as long as the training."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

import esper_telemetry as esper

from ..notebook import after_cell
from ..opening import runs_folder


class TrainingNotEnded(Exception):
    """A training whose library never called its last hook."""


class OwnedRun:
    """Begins a run unless the caller gave one; ends only what it began."""

    def __init__(self, run: Optional[esper.Run], options: Dict[str, Any]):
        self._given = run
        self._options = options
        self._began: Optional[esper.Run] = None
        self._leave_notebook: Callable[[], None] = lambda: None

    def begin(self, name: str, *, goes_on: Optional[str] = None, **known: Any) -> esper.Run:
        """The run; what the caller passed takes precedence over what the library knows.

        :param goes_on: id of the run in which a checkpoint was saved that training resumes from: it goes on where it is still there.
        """
        if self._given is not None:
            return self._given
        if self._began is not None:
            # Libraries call their last hook when training ends: it ended by an exception that somebody caught.
            self.fail(TrainingNotEnded("training began again, and the one before had not ended: its exception was caught outside"))
        options: Dict[str, Any] = {"name": name, **known, **self._options}
        if goes_on and not options.get("run_id") and not options.get("resume"):
            if (runs_folder(options.get("runs")) / goes_on / "run.json").exists():
                options["run_id"] = goes_on
        self._began = esper.start(**options)
        self._leave_notebook = after_cell(self._cell_ended)
        return self._began

    @property
    def run(self) -> Optional[esper.Run]:
        """None before it began and after it ended."""
        return self._given or self._began

    @property
    def id(self) -> Optional[str]:
        """Of the run; None where there is none."""
        return self.run.id or None if self.run is not None else None

    def _end(self) -> Optional[esper.Run]:
        began, self._began = self._began, None
        leave, self._leave_notebook = self._leave_notebook, lambda: None
        leave()
        return began

    def finish(self) -> None:
        began = self._end()
        if began is not None:
            began.finish()

    def fail(self, error: BaseException) -> None:
        began = self._end()
        if began is not None:
            began.end_with(error)

    def _cell_ended(self, error: Optional[BaseException]) -> None:
        if error is not None:
            self.fail(error)

    def __reduce__(self) -> "tuple[Any, ...]":
        """Launchers send callbacks to the processes that they start: each begins its own part of the run there."""
        return OwnedRun, (self._given, self._options)
