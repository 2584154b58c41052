"""PyTorch Lightning: ``Trainer(…, callbacks=[EsperCallback()])``, and beside it ``logger=EsperLogger()``.

The callback records one event an optimizer step. The loss is read every ``log_every_n_steps`` of the Trainer, where Lightning's own
loggers read theirs: it lies on the device, and reading it makes the step wait. What the module logs with ``self.log`` is recorded under its
name at the same steps, and at the end of each epoch and validation.

The logger records exactly what Lightning hands to its loggers, under Lightning's names and steps (the n-th step has number n here and n - 1 in
``metrics.csv``). With both, the callback leaves those figures to the logger, and both record into one run.
"""

from __future__ import annotations

import time
from typing import Any, Dict, Optional

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:
    from pytorch_lightning.callbacks import Callback

import esper_telemetry as esper

from ._lightning_logger import EsperLogger
from ._names import for_step, loss_among
from ._owned_run import OwnedRun
from ._versions import oldest

oldest("lightning" if Callback.__module__.startswith("lightning") else "pytorch-lightning", "2.0")

__all__ = ["EsperCallback", "EsperLogger"]


class EsperCallback(Callback):  # type: ignore[misc]
    """:param run: a run to record into; left out, one is begun with ``options`` and ended with the training."""

    def __init__(self, run: Optional[esper.Run] = None, **options: Any):
        super().__init__()
        self._run = OwnedRun(run, options)
        self._began: Optional[float] = None
        self._recorded = 0
        self._goes_on: Optional[str] = None
        self._logged: Dict[str, Any] = {}

    # --- Lightning's checkpoints keep which run it was, so that `ckpt_path=` goes on in it ---

    def state_dict(self) -> Dict[str, Any]:
        return {"run_id": self._run.id or self._goes_on}

    def load_state_dict(self, state_dict: Dict[str, Any]) -> None:
        self._goes_on = state_dict.get("run_id")

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        self._recorded, self._began, self._logged = _steps_made(trainer), None, {}
        logger = _logger_of(trainer)
        if logger is not None:
            self._run, logger.beside_callback = logger.owned, True
        strategy = getattr(trainer, "strategy", None)
        world_size = getattr(trainer, "world_size", None)
        # Lightning's launchers do not set RANK, and not all set WORLD_SIZE.
        place = {"rank": trainer.global_rank, "world_size": world_size} if isinstance(world_size, int) and world_size > 1 else {}
        self._run.begin(
            type(pl_module).__name__,
            goes_on=self._goes_on,
            device=getattr(strategy, "root_device", None),
            max_steps=_steps_planned(trainer, pl_module),
            config=dict(getattr(pl_module, "hparams", None) or {}),
            **place,
        )

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        if self._began is None:
            self._began = time.perf_counter()

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        run, step = self._run.run, _steps_made(trainer)
        if run is None or step == self._recorded:  # gradients accumulate: no step was made
            return
        began, self._began, self._recorded = self._began, None, step
        every = getattr(trainer, "log_every_n_steps", 0) or 0
        reads = every > 0 and step % every == 0
        groups = trainer.optimizers[0].param_groups if trainer.optimizers else []
        run.step(
            step=step,
            learning_rate=groups[0]["lr"] if groups else None,
            step_ms=None if began is None else (time.perf_counter() - began) * 1e3,
            **(self._figures(trainer, outputs) if reads else {}),
        )

    def _figures(self, trainer: Any, outputs: Any) -> Dict[str, Any]:
        """The loss, and what the module logged in this step where no logger of ours records it."""
        figures: Dict[str, Any] = {} if _logger_of(trainer) is not None else self._news(trainer)
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        if loss is not None:
            # Lightning divides it by the batches that it accumulates; people log it whole.
            figures["loss"] = loss.item() * (getattr(trainer, "accumulate_grad_batches", 1) or 1)
        elif "loss" not in figures:  # manual optimization returns what it likes, often nothing
            figures["loss"] = loss_among(figures or self._metrics(trainer))
        return for_step(figures, ("step", "step_ms", "learning_rate"))

    def _metrics(self, trainer: Any) -> Dict[str, Any]:
        metrics = getattr(trainer, "callback_metrics", None) or {}
        return {name: value.item() if hasattr(value, "item") else value for name, value in metrics.items()}

    def _news(self, trainer: Any) -> Dict[str, Any]:
        """Logged figures that are new or have changed since they were last looked at."""
        metrics = self._metrics(trainer)
        news = {name: value for name, value in metrics.items() if name not in self._logged or self._logged[name] != value}
        self._logged = metrics
        return news

    def _log_news(self, trainer: Any) -> None:
        run = self._run.run
        if run is None or _logger_of(trainer) is not None or getattr(trainer, "sanity_checking", False):
            return
        news = self._news(trainer)
        if news:
            run.log(news, step=_steps_made(trainer))

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        self._log_news(trainer)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        self._log_news(trainer)

    def on_save_checkpoint(self, trainer: Any, pl_module: Any, checkpoint: Dict[str, Any]) -> None:
        run = self._run.run
        if run is not None and getattr(trainer, "is_global_zero", True):
            run.checkpoint(batch=_steps_made(trainer))  # where, only the callback that saves knows

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        self._run.fail(exception)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        if _logger_of(trainer) is None:  # else Lightning hands it the last figures after this
            self._goes_on = self._run.id
            self._run.finish()


def _logger_of(trainer: Any) -> Optional[EsperLogger]:
    """Ours among the Trainer's loggers."""
    return next((logger for logger in getattr(trainer, "loggers", None) or [] if isinstance(logger, EsperLogger)), None)


def _steps_made(trainer: Any) -> int:
    """Steps as Lightning's loggers number them: ``global_step`` counts each of several optimizers, which a module steps by hand."""
    return int(-(-trainer.global_step // max(1, _optimizers(trainer))))


def _optimizers(trainer: Any) -> int:
    return len(getattr(trainer, "optimizers", None) or [])


def _steps_planned(trainer: Any, pl_module: Any) -> Optional[int]:
    """Steps of the whole training, by its own settings or its epochs; None where there is no end in sight."""
    most = trainer.max_steps
    if isinstance(most, int) and most > 0:
        return -(-most // max(1, _optimizers(trainer)))
    try:
        planned = float(trainer.estimated_stepping_batches)
    except Exception:
        return None
    return int(planned) if planned != float("inf") and planned > 0 else None
