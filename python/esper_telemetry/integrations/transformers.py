"""Hugging Face's Trainer: ``Trainer(…, callbacks=[EsperCallback()])``.

One event an optimizer step. The loss is known where the Trainer logs (``logging_steps``): between, it lies on the
device, and reading it would make the step wait.
"""

from __future__ import annotations

import os
import time
from typing import Any, Dict, Optional

from transformers import TrainerCallback

import esper_telemetry as esper

from ._owned_run import OwnedRun

_FIGURES = {"loss": "loss", "learning_rate": "learning_rate", "grad_norm": "grad_norm"}


class EsperCallback(TrainerCallback):  # type: ignore[misc]
    """:param run: a run to record into; left out, one is begun with ``options`` and ended with the training."""

    def __init__(self, run: Optional[esper.Run] = None, **options: Any):
        self._run = OwnedRun(run, options)
        self._began: Optional[float] = None
        self._step_ms: Optional[float] = None
        self._recorded = -1

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        config = args.to_dict() if hasattr(args, "to_dict") else {}  # tokens are masked there
        self._run.begin(
            os.path.basename(os.path.normpath(getattr(args, "run_name", None) or getattr(args, "output_dir", None) or "trainer")),
            device=getattr(args, "device", None),
            max_steps=state.max_steps if state.max_steps and state.max_steps > 0 else None,
            config=config,
        )

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._began = time.perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._step_ms = None if self._began is None else (time.perf_counter() - self._began) * 1e3
        if not control.should_log:  # else on_log follows, with the loss
            self._record(state, {})

    def on_log(self, args: Any, state: Any, control: Any, logs: Optional[Dict[str, Any]] = None, **kwargs: Any) -> None:
        logged = logs or {}
        if "loss" in logged:
            self._record(state, logged)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if self._run.run is not None:
            self._run.run.checkpoint(os.path.join(args.output_dir, f"checkpoint-{state.global_step}"))

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._run.finish()

    def _record(self, state: Any, logged: Dict[str, Any]) -> None:
        run = self._run.run
        if run is None:
            return
        figures: Dict[str, Any] = {ours: logged[theirs] for theirs, ours in _FIGURES.items() if theirs in logged}
        if self._recorded != state.global_step:  # a log at the end of an epoch comes after its step's event
            figures["step_ms"] = self._step_ms
        self._recorded = state.global_step
        extra = {name: value for name, value in logged.items() if name not in _FIGURES}
        run.step(step=state.global_step, **{**extra, **figures})
