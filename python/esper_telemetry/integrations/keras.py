"""Keras 3: ``model.fit(…, callbacks=[EsperCallback()])``.

One event a batch, or each ``steps_per_execution`` batches, numbered on over several calls of ``fit`` as the optimizer counts them. Figures are those
that Keras hands to its callbacks: within an epoch ``loss`` and metrics are **means since the epoch began**, as its bar shows them, and the last
of an epoch is what ``History`` keeps. ``val_*`` and what other callbacks add are recorded at the end of the epoch.

Memory is that of PyTorch's allocator, so of Keras on the torch backend.
"""

from __future__ import annotations

import time
from typing import Any, Dict, Mapping, Optional

import keras

import esper_telemetry as esper

from ._names import for_step
from ._owned_run import OwnedRun
from ._versions import oldest

oldest("keras", "3.0", has_all=hasattr(keras, "ops"))


class EsperCallback(keras.callbacks.Callback):  # type: ignore[misc]
    """:param run: a run to record into; left out, one is begun with ``options`` and ended with the training."""

    def __init__(self, run: Optional[esper.Run] = None, **options: Any):
        super().__init__()
        self._run = OwnedRun(run, options)
        self._to_begin = False
        self._before_epoch = self._step = 0
        self._batch_began: Optional[float] = None
        self._recorded: Mapping[str, Any] = {}

    def on_train_begin(self, logs: Optional[Dict[str, Any]] = None) -> None:
        # The first epoch's number is known when it begins.
        self._to_begin, self._step = True, _steps_made(self.model)

    def on_epoch_begin(self, epoch: int, logs: Optional[Dict[str, Any]] = None) -> None:
        self._before_epoch, self._recorded = self._step, {}
        if not self._to_begin:
            return
        self._to_begin = False
        epochs, steps = self.params.get("epochs"), self.params.get("steps")
        self._run.begin(
            self.model.name,
            device=_device(self.model),
            max_steps=self._step + (epochs - epoch) * steps if epochs and steps else None,
            config=_settings(self.model, self.params),
        )

    def on_train_batch_begin(self, batch: int, logs: Optional[Dict[str, Any]] = None) -> None:
        self._batch_began = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Optional[Dict[str, Any]] = None) -> None:
        run, step = self._run.run, self._before_epoch + batch + 1
        made, self._step = step - self._step, step
        if run is None:
            return
        self._recorded = _numbers(logs)
        began = self._batch_began
        run.step(
            step=step,
            step_ms=None if began is None or made < 1 else (time.perf_counter() - began) * 1e3 / made,
            learning_rate=_learning_rate(self.model),
            **for_step(self._recorded, ("step", "step_ms", "learning_rate")),
        )

    def on_epoch_end(self, epoch: int, logs: Optional[Dict[str, Any]] = None) -> None:
        run = self._run.run
        news = {name: value for name, value in _numbers(logs).items() if name not in self._recorded}
        if run is not None and news:
            run.log(news, step=self._step)

    def on_train_end(self, logs: Optional[Dict[str, Any]] = None) -> None:
        self._run.finish()


def _numbers(logs: Optional[Mapping[str, Any]]) -> Dict[str, float]:
    return {name: float(value) for name, value in (logs or {}).items() if hasattr(value, "__float__")}


def _optimizer(model: Any) -> Any:
    """None where the model was compiled without one, or a wrapper of the caller's is no optimizer of Keras."""
    optimizer = getattr(model, "optimizer", None)
    return optimizer if isinstance(optimizer, keras.optimizers.Optimizer) else None


def _steps_made(model: Any) -> int:
    """Batches that the model has been trained on, as its optimizer counts them."""
    optimizer = _optimizer(model)
    return 0 if optimizer is None else int(_number(optimizer.iterations)) * (getattr(optimizer, "gradient_accumulation_steps", None) or 1)


def _learning_rate(model: Any) -> Optional[float]:
    optimizer = _optimizer(model)
    return None if optimizer is None else _number(optimizer.learning_rate)


def _number(variable: Any) -> float:
    """Of a variable, which no backend's is converted from alike before Keras 3.1."""
    return float(keras.ops.convert_to_numpy(variable))


def _device(model: Any) -> Any:
    """Where the weights lie; None where another backend than torch's has them."""
    weights = model.trainable_weights
    return getattr(weights[0].value, "device", None) if weights and keras.backend.backend() == "torch" else None


def _settings(model: Any, params: Mapping[str, Any]) -> Dict[str, Any]:
    optimizer = _optimizer(model)
    own = {} if optimizer is None else {f"optimizer_{name}": value for name, value in optimizer.get_config().items()}
    return {"epochs": params.get("epochs"), "steps_per_epoch": params.get("steps"), "backend": keras.backend.backend(), **own}
