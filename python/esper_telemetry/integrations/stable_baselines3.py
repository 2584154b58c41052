"""Stable-Baselines3 and its contributed algorithms: ``model.learn(…, callback=EsperCallback())``.

The library records an update's figures in its logger after the update, and empties the logger when it prints. So an
update is recorded where the library calls next: at the start of the next rollout, or at the end of training.

On-policy algorithms (PPO, A2C) give one event an update. Off-policy ones (DQN, SAC, TD3) update with every few steps of the environment: they give
one event each ``every`` such steps, numbered by them as the library does, figures under the library's own names.
What else is logged, as the evaluations of ``EvalCallback``, is recorded where the library prints it.
"""

from __future__ import annotations

import time
from typing import Any, Dict, Optional

from stable_baselines3.common.callbacks import BaseCallback

try:
    from stable_baselines3.common.logger import KVWriter
except ImportError:
    KVWriter = object

import esper_telemetry as esper

from ._owned_run import OwnedRun
from ._versions import oldest

oldest("stable-baselines3", "2.0")

#: The logger's names → ours. Its ``train/loss`` is of the last minibatch, the others are means.
_FIGURES = {
    "train/loss": "total_loss",
    "train/policy_gradient_loss": "policy_loss",
    "train/policy_loss": "policy_loss",
    "train/value_loss": "value_loss",
    "train/approx_kl": "approx_kl",
    "train/clip_fraction": "clip_fraction",
    "train/clip_range": "clip_range",
    "train/learning_rate": "learning_rate",
    "train/explained_variance": "explained_variance",
}
_SETTINGS = (
    "n_steps", "n_envs", "batch_size", "n_epochs", "gamma", "gae_lambda", "ent_coef", "vf_coef", "max_grad_norm", "seed",
    "buffer_size", "learning_starts", "tau", "gradient_steps", "target_update_interval",
)  # fmt: skip
_ELSEWHERE = {"train/entropy_loss", "train/n_updates"}


#: What the library logs at each print, and an event has already.
_PRINTED = ("train/", "rollout/", "time/")


class _Printed(KVWriter):  # type: ignore[misc]
    """An output format of the library's logger: hands on what is printed beside the figures of training."""

    def __init__(self, callback: "EsperCallback"):
        self._callback = callback

    def write(self, key_values: Dict[str, Any], key_excluded: Dict[str, Any], step: int = 0) -> None:
        self._callback.printed(key_values)

    def close(self) -> None:
        pass


class EsperCallback(BaseCallback):  # type: ignore[misc]
    """:param run: a run to record into; left out, one is begun with ``options`` and ended with the training.
    :param every: off-policy: steps of the environment between two events; left out, a thousandth of the training, 64 or more.
    """

    def __init__(self, run: Optional[esper.Run] = None, verbose: int = 0, every: Optional[int] = None, **options: Any):
        super().__init__(verbose)
        self._every = every
        self._between = 1
        self._printed = _Printed(self)
        self._event_at: Optional[float] = None
        self._run = OwnedRun(run, options)
        self._off_policy = False
        self._updates_seen = 0
        self._rollout_began: Optional[float] = None
        self._rollout_ended: Optional[float] = None
        self._steps_before = 0

    def _on_training_start(self) -> None:
        model = self.model
        total = int(self.locals.get("total_timesteps") or 0)
        self._off_policy = hasattr(model, "replay_buffer_class")
        per_batch = int(getattr(model, "n_steps", 0)) * int(getattr(model, "n_envs", 1))
        left = total - (0 if self.locals.get("reset_num_timesteps", True) else model.num_timesteps)
        self._between = self._every or max(64, total // 1000)
        self._updates_seen = model._n_updates
        self._steps_before, self._event_at = model.num_timesteps, time.perf_counter()
        formats = getattr(self.logger, "output_formats", None)
        if isinstance(formats, list) and self._printed not in formats:
            formats.append(self._printed)
        self._run.begin(
            type(model).__name__.lower(),
            algorithm=type(model).__name__,
            device=getattr(model, "device", None),
            max_batches=-(-left // per_batch) if per_batch and left > 0 and not self._off_policy else None,
            max_steps=total if total > 0 and self._off_policy else None,
            config={
                name: getattr(model, name)
                for name in _SETTINGS
                if hasattr(model, name)
            },
        )

    def _on_rollout_start(self) -> None:
        if self._off_policy:
            if self.model.num_timesteps - self._steps_before >= self._between:
                self._record_off_policy()
            return
        self._record()
        self._rollout_began, self._steps_before = time.perf_counter(), self.model.num_timesteps

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        self._rollout_ended = time.perf_counter()

    def _on_training_end(self) -> None:
        if self._off_policy:
            self._record_off_policy()
        else:
            self._record()
        formats = getattr(self.logger, "output_formats", None)
        if isinstance(formats, list) and self._printed in formats:
            formats.remove(self._printed)
        self._run.finish()

    def printed(self, figures: Dict[str, Any]) -> None:
        """What the library prints now."""
        run = self._run.run
        others = {name: value for name, value in figures.items() if not name.startswith(_PRINTED) and hasattr(value, "__float__")}
        if run is not None and others:
            run.log(others, step=self.model.num_timesteps if self._off_policy else None)

    def _returns(self) -> "tuple[Optional[float], Optional[float]]":
        """Mean return and length of the recent episodes; None before the first."""
        episodes = self.model.ep_info_buffer or []
        if len(episodes) == 0:
            return None, None
        return sum(float(e["r"]) for e in episodes) / len(episodes), sum(float(e["l"]) for e in episodes) / len(episodes)

    def _record_off_policy(self) -> None:
        model, run = self.model, self._run.run
        steps = model.num_timesteps - self._steps_before
        if run is None or steps <= 0 or model._n_updates == self._updates_seen:
            return
        now, began = time.perf_counter(), self._event_at
        self._event_at, self._steps_before, self._updates_seen = now, model.num_timesteps, model._n_updates
        logged = {name: value for name, value in self.logger.name_to_value.items() if name.startswith("train/")}
        loss, rate = logged.pop("train/loss", None), logged.pop("train/learning_rate", None)
        logged["train/n_updates"] = model._n_updates
        if hasattr(model, "exploration_rate"):
            logged["rollout/exploration_rate"] = model.exploration_rate
        logged["episodic_return"], logged["episodic_length"] = self._returns()
        run.step(
            step=model.num_timesteps,
            loss=loss,
            learning_rate=rate,
            step_ms=None if began is None else (now - began) * 1e3 / steps,  # the mean of the steps since the last event
            **{name: value for name, value in logged.items() if value is not None},
        )

    def _record(self) -> None:
        model, run = self.model, self._run.run
        if run is None or model._n_updates == self._updates_seen:
            return
        self._updates_seen = model._n_updates
        logged = dict(self.logger.name_to_value)
        figures = {ours: logged[theirs] for theirs, ours in _FIGURES.items() if theirs in logged}
        if "train/entropy_loss" in logged:
            figures["entropy"] = -logged["train/entropy_loss"]
        extra = {
            name[len("train/") :]: value
            for name, value in logged.items()
            if name.startswith("train/") and name not in _FIGURES and name not in _ELSEWHERE
        }
        steps = model.num_timesteps - self._steps_before
        if self._rollout_began is not None and self._rollout_ended is not None:
            now = time.perf_counter()
            figures["rollout_ms"] = (self._rollout_ended - self._rollout_began) * 1e3
            figures["update_ms"] = (now - self._rollout_ended) * 1e3
            figures["steps_per_second"] = steps / (now - self._rollout_began)
        figures["episodic_return"], figures["episodic_length"] = self._returns()
        run.ppo_update(
            epochs=getattr(model, "n_epochs", None),
            max_grad_norm=getattr(model, "max_grad_norm", None),
            steps=steps,
            total_steps=model.num_timesteps,
            **{**extra, **figures},
        )
