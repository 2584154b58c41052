"""``Trainer(logger=EsperLogger())``: what Lightning hands to its loggers, in a run."""

from __future__ import annotations

import importlib
import sys
from argparse import Namespace
from typing import Any, Callable, Dict, Optional, TypeVar, Union, cast

import esper_telemetry as esper

from ._names import for_step, loss_among
from ._owned_run import OwnedRun

Method = TypeVar("Method", bound=Callable[..., Any])


def _package() -> str:
    """Lightning is installed under one of two names, or both."""
    try:
        importlib.import_module("lightning.pytorch.callbacks")
        return "lightning.pytorch"
    except ImportError:
        return "pytorch_lightning"


try:
    Logger: Any = importlib.import_module(f"{_package()}.loggers").Logger
    rank_zero_only: Callable[[Method], Method] = importlib.import_module(f"{_package()}.utilities.rank_zero").rank_zero_only
except ImportError:  # the callback alone
    Logger = object

    def rank_zero_only(call: Method) -> Method:
        return call


class EsperLogger(Logger):  # type: ignore[misc]
    """:param run: a run to record into; left out, one is begun with ``options`` and ended with the training.

    Alone, it gives one event each ``log_every_n_steps`` of the Trainer; beside ``EsperCallback``, that gives one each step.
    """

    def __init__(self, run: Optional[esper.Run] = None, **options: Any):
        super().__init__()
        self.owned = OwnedRun(run, options)
        self._name = str(options.get("name") or "lightning")
        self._hyperparameters: Dict[str, Any] = {}
        #: Set by the callback, which then gives the events of steps.
        self.beside_callback = False
        self._newest = 0
        self._id: Optional[str] = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def version(self) -> str:
        return self.owned.id or self._id or ""

    @property
    def experiment(self) -> esper.Run:
        """The run. Lightning asks for it before anything is known of the training: it begins when it is first used."""
        return self.owned.run or cast(esper.Run, _Later(self))

    def begun(self) -> esper.Run:
        run = self.owned.run
        return run if run is not None else self.owned.begin(self._name, config=self._hyperparameters)

    @rank_zero_only
    def log_hyperparams(self, params: Union[Dict[str, Any], Namespace], *args: Any, **kwargs: Any) -> None:
        self._hyperparameters = dict(vars(params) if isinstance(params, Namespace) else params)

    @rank_zero_only
    def log_metrics(self, metrics: Dict[str, float], step: Optional[int] = None) -> None:
        figures = {name: value for name, value in metrics.items() if name != "epoch"}
        if not figures:
            return
        run = self.begun()
        number = None if step is None else step + 1
        if self.beside_callback:
            run.log(figures, step=number)
        elif number is not None and number > self._newest:
            self._newest = number
            run.step(step=number, **{**for_step(figures), "loss": loss_among(figures)})
        else:
            run.log(figures, step=number)

    def finalize(self, status: str) -> None:
        self._id = self.owned.id
        if status == "success":
            self.owned.finish()
        else:  # Lightning closes its loggers while it handles the error
            self.begun()  # also where it failed before anything was logged
            self.owned.fail(sys.exc_info()[1] or LightningFailed(f"training ended with the status {status!r}"))


class _Later:
    """Stands for a run that begins with the first use of it."""

    def __init__(self, logger: EsperLogger):
        self._logger = logger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._logger.begun(), name)


class LightningFailed(Exception):
    """A training that Lightning reports as failed, without an error."""
