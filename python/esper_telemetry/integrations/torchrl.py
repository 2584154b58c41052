"""TorchRL: ``EsperLogger("my-run")`` where a ``torchrl.record`` logger goes, as ``Trainer(logger=…)`` or a loop's ``logger.log_scalar``.

What is logged with a new ``step`` is one event of a step, with the device memory of that moment; what is logged at the same step again is recorded
beside it. ``logger.log_metrics`` of a dictionary or TensorDict is one event. A scalar without a step has the count of its name, as in ``CSVLogger``.

The run ends with ``logger.shutdown()``, or with the process. Videos and histograms are not recorded. The logger is to live in the process
that trains (``service_backend="direct"``, the library's own choice), whose memory it reads.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from torchrl.record.loggers.common import Logger

import esper_telemetry as esper

from ._numbered import NumberedFigures
from ._owned_run import OwnedRun
from ._versions import oldest

oldest("torchrl", "0.12", has_all=hasattr(Logger, "log_scalar"))


class EsperLogger(Logger):  # type: ignore[misc]
    """:param exp_name: name of the run; ``run``: a run to record into; left out, one is begun with ``options`` of ``esper.start``."""

    def __init__(self, exp_name: str = "torchrl", log_dir: Optional[str] = None, run: Optional[esper.Run] = None, **options: Any):
        self._owned = OwnedRun(run, {**({"runs": log_dir} if log_dir is not None else {}), **options})
        self._figures = NumberedFigures()
        self._counts: Dict[str, int] = {}
        #: What `log_metrics` logs, while it does.
        self._together: Optional[Dict[str, Any]] = None
        self._goes_on: Optional[str] = None
        super().__init__(exp_name=exp_name, log_dir=log_dir)

    def _create_experiment(self) -> None:
        return None

    @property
    def experiment(self) -> esper.Run:
        """The run; begun when it is first asked for, so that it has the hyperparameters."""
        run = self._owned.run
        return run if run is not None else self._owned.begin(self.exp_name, goes_on=self._goes_on)

    @experiment.setter
    def experiment(self, value: None) -> None:
        pass

    def log_hparams(self, cfg: Any) -> None:
        """The configuration of the run, where this comes before its first figure."""
        if self._owned.run is None:
            self._owned.begin(self.exp_name, goes_on=self._goes_on, config=dict(cfg) if isinstance(cfg, Mapping) else cfg)

    def log_scalar(self, name: str, value: Any, step: Optional[int] = None) -> None:
        if self._together is None:
            self._log({name: value}, step)
        elif hasattr(value, "__float__"):
            self._together[name] = value

    def log_metrics(self, metrics: Any, step: Optional[int] = None, **options: Any) -> Dict[str, Any]:
        together: Dict[str, Any] = {}
        self._together = together
        try:
            plain: Dict[str, Any] = super().log_metrics(metrics, step, **options)  # calls log_scalar for each
        finally:
            self._together = None
        self._log(together, step)
        return plain

    def _log(self, figures: Mapping[str, Any], step: Optional[int]) -> None:
        if step is None and figures:
            step = max(self._counts.get(name, 0) for name in figures)
        for name in figures:
            self._counts[name] = self._counts.get(name, 0) + 1
        if figures:
            self._figures.log(self.experiment, figures, step)

    def _checkpoint_state(self) -> Dict[str, Any]:
        return {"run_id": self._owned.id or self._goes_on, "counts": dict(self._counts)}

    def _load_checkpoint_state(self, state_dict: Mapping[str, Any]) -> None:
        self._goes_on, self._counts = state_dict.get("run_id"), dict(state_dict.get("counts", {}))

    def log_video(self, name: str, video: Any, step: Optional[int] = None, **kwargs: Any) -> None:
        pass

    def log_histogram(self, name: str, data: Any, **kwargs: Any) -> None:
        pass

    def flush(self, timeout: Optional[float] = None) -> None:
        """Events are on disk when they are logged."""

    def shutdown(self, timeout: Optional[float] = None) -> None:
        self._owned.finish()
        self._service_shutdown = True

    def __repr__(self) -> str:
        return f"EsperLogger(exp_name={self.exp_name!r}, run={self._owned.id!r})"
