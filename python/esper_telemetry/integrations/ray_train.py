"""Ray Train: ``TorchTrainer(track(train_loop_per_worker), …)``.

Each worker's loop is recorded by its own process, as one rank of one run: it begins with the loop and ends as the loop does. Each ``ray.train.report``
is one event of a step, with the device memory of that moment, numbered by the calls; what it reports keeps its name. The time of a step is that since
the call before.

``track`` is called where the trainer is made: ``runs`` left out is the folder that ``esper.start`` would write to there, for Ray's workers have
working folders of their own.
"""

from __future__ import annotations

import functools
import inspect
import sys
import threading
import time
from typing import Any, Callable, Dict, List, Mapping, Optional

import ray.train
from ray import cloudpickle

import esper_telemetry as esper

from ..opening import runs_folder
from ._names import for_step, loss_among
from ._versions import oldest

oldest("ray", "2.7", has_all=hasattr(ray.train, "get_context"))

#: The run of the loop that this process is in; one at a time, as Ray has it.
_run: Optional[esper.Run] = None
_reported = 0.0
_installing = threading.Lock()


def track(train_loop_per_worker: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """The loop, recorded.

    :param options: of ``esper.start``; left out, the name is that of Ray's run, and the configuration what the loop is given.
    """
    command: List[str] = getattr(sys, "argv", [])
    return _Tracked(train_loop_per_worker, {"_command": command, **options, "runs": str(runs_folder(options.get("runs")))})


class _Tracked:
    def __init__(self, loop: Callable[..., Any], options: Dict[str, Any]):
        functools.update_wrapper(self, loop)
        self.__signature__ = inspect.signature(loop)  # Ray hands over a configuration where the loop takes one
        self._loop, self._options = loop, options

    def __call__(self, *config: Any) -> Any:
        global _run, _reported
        context = ray.train.get_context()
        known = {
            "name": context.get_experiment_name() or getattr(self._loop, "__name__", "ray-train"),
            "rank": context.get_world_rank(),
            "world_size": context.get_world_size(),
            "config": config[0] if config else None,
        }
        _install()
        try:
            with esper.start(**{**known, **self._options}) as _run:
                _reported = time.perf_counter()
                return self._loop(*config)
        finally:
            _run = None

    def __reduce__(self) -> "tuple[Any, ...]":
        return _unpacked, (cloudpickle.dumps(self._loop), self._options)


def _unpacked(loop: bytes, options: Dict[str, Any]) -> _Tracked:
    """In a worker. A loop that has imported ``report`` by its name finds the recorded one, which has to be there first."""
    _install()
    return _Tracked(cloudpickle.loads(loop), options)


def _install() -> None:
    with _installing:
        if not hasattr(ray.train.report, "_esper"):
            ray.train.report = _recorded(ray.train.report)


def _recorded(report: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(report)
    def recorded(metrics: Mapping[str, Any], *args: Any, **options: Any) -> Any:
        global _reported
        numbers = {name: value for name, value in metrics.items() if hasattr(value, "__float__")}
        if _run is not None:
            took = time.perf_counter() - _reported
            _run.step(step_ms=took * 1e3, **{**for_step(numbers), "loss": loss_among(numbers)})
        done = report(metrics, *args, **options)
        _reported = time.perf_counter()
        return done

    recorded._esper = True  # type: ignore[attr-defined]
    return recorded
