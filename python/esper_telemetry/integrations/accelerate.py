"""Accelerate: ``Accelerator(log_with="esper")`` once this module is imported, or ``log_with=EsperTracker("my-run")``.

Each ``accelerator.log(…, step=n)`` with a new number is one event of a step, with the device memory of that moment; what is logged again at the same
number, or without one beside numbered steps, is recorded as figures. Accelerate's trackers live in the main process alone, and so does this run: of
several processes it is one of one rank.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, TypeVar

from accelerate import tracking

import esper_telemetry as esper

from ._numbered import NumberedFigures
from ._owned_run import OwnedRun
from ._versions import oldest

oldest("accelerate", "0.20")

Method = TypeVar("Method", bound=Callable[..., Any])
_main_process: Callable[[Method], Method] = getattr(tracking, "on_main_process", lambda call: call)


class EsperTracker(tracking.GeneralTracker):  # type: ignore[misc]
    """:param run_name: name of the run, which Accelerate passes from ``init_trackers``; ``options``: of ``esper.start``."""

    name = "esper"
    requires_logging_directory = False
    main_process_only = True

    def __init__(self, run_name: str = "accelerate", run: Optional[esper.Run] = None, **options: Any):
        super().__init__()
        self._run_name = run_name
        # The other processes of a launch write no part of the run.
        self._owned = OwnedRun(run, {"rank": 0, "world_size": 1, **options})
        self._figures = NumberedFigures()

    @property
    def tracker(self) -> esper.Run:
        """The run; begun when it is first asked for, so that it has the configuration."""
        run = self._owned.run
        return run if run is not None else self._owned.begin(self._run_name)

    @_main_process
    def store_init_configuration(self, values: Dict[str, Any]) -> None:
        if self._owned.run is None:
            self._owned.begin(self._run_name, config=values)

    @_main_process
    def log(self, values: Dict[str, Any], step: Optional[int] = None, **kwargs: Any) -> None:
        self._figures.log(self.tracker, values, step)

    @_main_process
    def finish(self) -> None:
        self._owned.finish()


def _register() -> None:
    """Lets ``log_with="esper"`` mean this tracker; older ones take ``log_with=EsperTracker(…)``."""
    register = getattr(tracking, "register_tracker_class", None)
    if register is not None and "esper" not in getattr(tracking, "LOGGER_TYPE_TO_CLASS", {}):
        register(EsperTracker)


_register()
