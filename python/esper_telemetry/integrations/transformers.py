"""Hugging Face's Trainer and TRL's: ``Trainer(…, callbacks=[EsperCallback()])``, or ``report_to="esper"`` once this module is imported.

One event an optimizer step, under the Trainer's own number. The loss is known where the Trainer logs (``logging_steps``): between, it lies
on the device, and reading it would make the step wait. What it logs besides (``eval_loss``, rewards, ``train_runtime``) keeps its name.
A checkpoint names the run, so that ``resume_from_checkpoint`` goes on in it.
"""

from __future__ import annotations

import importlib
import os
import time
from typing import Any, Dict, Optional

from transformers import TrainerCallback

try:
    from transformers.trainer_callback import ExportableState
except ImportError:  # before 4.43, callbacks have no state in checkpoints
    ExportableState = object

import esper_telemetry as esper

from ._owned_run import OwnedRun
from ._versions import oldest

oldest("transformers", "4.26")

#: Those that an event of a step has a place for.
_FIGURES = ("loss", "learning_rate", "grad_norm")


class EsperCallback(TrainerCallback, ExportableState):  # type: ignore[misc]
    """:param run: a run to record into; left out, one is begun with ``options`` and ended with the training."""

    def __init__(self, run: Optional[esper.Run] = None, **options: Any):
        self._options = options
        self._run = OwnedRun(run, options)
        self._began: Optional[float] = None
        self._step_ms: Optional[float] = None
        #: Number of the newest step that was recorded; -1 before.
        self._recorded = -1
        #: Whether a step is done whose event waits for what the Trainer logs at the end of its epoch.
        self._waits = False
        #: The run that the newest checkpoint was saved in.
        self.run_id: Optional[str] = None

    def state(self) -> Dict[str, Any]:
        """What a checkpoint keeps of this callback."""
        plain = {name: value for name, value in self._options.items() if isinstance(value, (str, int, float, bool))}
        return {"args": plain, "attributes": {"run_id": self._run.id or self.run_id}}

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        config = args.to_dict() if hasattr(args, "to_dict") else {}  # tokens are masked there
        saved = getattr(state, "stateful_callbacks", None)
        name = type(self).__name__
        before = saved.get(name) if isinstance(saved, dict) else None
        before = before[0] if isinstance(before, list) and before else before
        goes_on = before.get("attributes", {}).get("run_id") if isinstance(before, dict) and state.global_step > 0 else None
        self._recorded, self._began, self._waits = state.global_step if state.global_step > 0 else -1, None, False
        self._run.begin(
            os.path.basename(os.path.normpath(getattr(args, "run_name", None) or getattr(args, "output_dir", None) or "trainer")),
            goes_on=goes_on or (self.run_id if state.global_step > 0 else None),
            device=getattr(args, "device", None),
            max_steps=state.max_steps if state.max_steps and state.max_steps > 0 else None,
            config=config,
        )
        if isinstance(saved, dict):
            saved.setdefault(name, self.state())  # where a checkpoint was saved without this callback, the Trainer wants it there

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._flush(state)
        self._began = time.perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._step_ms = None if self._began is None else (time.perf_counter() - self._began) * 1e3
        # Where it logs now, on_log follows with the loss; where it logs once an epoch, it does after the epoch's last step.
        self._waits = control.should_log or str(getattr(args, "logging_strategy", "")).lower().endswith("epoch")
        if not self._waits:
            self._record(state, {})

    def on_log(self, args: Any, state: Any, control: Any, logs: Optional[Dict[str, Any]] = None, **kwargs: Any) -> None:
        logged = dict(logs or {})
        run = self._run.run
        if self._waits and "loss" in logged:
            self._record(state, logged)
        elif run is not None:
            self._flush(state)
            logged.pop("epoch", None)
            numbers = {name: value for name, value in logged.items() if isinstance(value, (int, float))}
            if numbers:
                run.log(numbers, step=state.global_step)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._flush(state)
        if self._run.run is not None and getattr(state, "is_world_process_zero", True):
            self._run.run.checkpoint(os.path.join(args.output_dir, f"checkpoint-{state.global_step}"), batch=state.global_step)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._flush(state)
        self.run_id = self._run.id
        self._run.finish()

    def _flush(self, state: Any) -> None:
        """Records the step that waited for a log which did not come."""
        if self._waits:
            self._record(state, {})

    def _record(self, state: Any, logged: Dict[str, Any]) -> None:
        run, self._waits = self._run.run, False
        if run is None:
            return
        self._recorded = state.global_step
        # Under its own name; the parameters of `step` are what an event has a place for.
        figures = {name: value for name, value in logged.items() if name in _FIGURES or isinstance(value, (int, float))}
        figures = {("log_" + name if name in ("step", "step_ms") else name): value for name, value in figures.items()}
        run.step(step=state.global_step, step_ms=self._step_ms, **figures)


def _register() -> None:
    """Lets ``report_to="esper"`` mean this callback."""
    for module in ("transformers.integrations.integration_utils", "transformers.integrations"):  # the second before 4.33
        try:
            importlib.import_module(module).INTEGRATION_TO_CALLBACK["esper"] = EsperCallback
            return
        except (ImportError, AttributeError):
            continue  # another layout: callbacks=[EsperCallback()] works all the same


_register()
