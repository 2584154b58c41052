"""PyTorch Lightning: ``Trainer(…, callbacks=[EsperCallback()])``.

One event an optimizer step. The loss is read every ``log_every_n_steps`` of the Trainer, where Lightning's own
loggers read theirs: it lies on the device, and reading it makes the step wait.
"""

from __future__ import annotations

import time
from typing import Any, Optional

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:
    from pytorch_lightning.callbacks import Callback

import esper_telemetry as esper

from ._owned_run import OwnedRun


class EsperCallback(Callback):  # type: ignore[misc]
    """:param run: a run to record into; left out, one is begun with ``options`` and ended with the training."""

    def __init__(self, run: Optional[esper.Run] = None, **options: Any):
        super().__init__()
        self._run = OwnedRun(run, options)
        self._began: Optional[float] = None
        self._recorded = 0

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        self._recorded = trainer.global_step
        strategy = getattr(trainer, "strategy", None)
        self._run.begin(
            type(pl_module).__name__,
            device=getattr(strategy, "root_device", None),
            max_steps=trainer.max_steps if trainer.max_steps and trainer.max_steps > 0 else None,
            config=dict(getattr(pl_module, "hparams", None) or {}),
        )

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        if self._began is None:
            self._began = time.perf_counter()

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        run, step = self._run.run, trainer.global_step
        if run is None or step == self._recorded:  # gradients accumulate: no step was made
            return
        began, self._began, self._recorded = self._began, None, step
        every = getattr(trainer, "log_every_n_steps", 0) or 0
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        groups = trainer.optimizers[0].param_groups if trainer.optimizers else []
        run.step(
            step=step,
            loss=loss.item() if every and step % every == 0 and loss is not None else None,
            learning_rate=groups[0]["lr"] if groups else None,
            step_ms=None if began is None else (time.perf_counter() - began) * 1e3,
        )

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        self._run.fail(exception)

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        self._run.finish()
