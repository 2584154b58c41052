"""Stable-Baselines3's on-policy algorithms (PPO, A2C): ``model.learn(…, callback=EsperCallback())``.

The library records an update's figures in its logger after the update, and empties the logger when it prints. So an
update is recorded where the library calls next: at the start of the next rollout, or at the end of training.
"""

from __future__ import annotations

import time
from typing import Any, Optional

from stable_baselines3.common.callbacks import BaseCallback

import esper_telemetry as esper

from ._owned_run import OwnedRun

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
_ELSEWHERE = {"train/entropy_loss", "train/n_updates"}


class EsperCallback(BaseCallback):  # type: ignore[misc]
    """:param run: a run to record into; left out, one is begun with ``options`` and ended with the training."""

    def __init__(self, run: Optional[esper.Run] = None, verbose: int = 0, **options: Any):
        super().__init__(verbose)
        self._run = OwnedRun(run, options)
        self._updates_seen = 0
        self._rollout_began: Optional[float] = None
        self._rollout_ended: Optional[float] = None
        self._steps_before = 0

    def _on_training_start(self) -> None:
        model = self.model
        per_batch = int(getattr(model, "n_steps", 0)) * int(getattr(model, "n_envs", 1))
        left = int(self.locals.get("total_timesteps") or 0) - (0 if self.locals.get("reset_num_timesteps", True) else model.num_timesteps)
        self._updates_seen = model._n_updates
        self._run.begin(
            type(model).__name__.lower(),
            algorithm=type(model).__name__,
            device=getattr(model, "device", None),
            max_batches=-(-left // per_batch) if per_batch and left > 0 else None,
            config={
                name: getattr(model, name)
                for name in ("n_steps", "n_envs", "batch_size", "n_epochs", "gamma", "gae_lambda", "ent_coef", "vf_coef", "max_grad_norm", "seed")
                if hasattr(model, name)
            },
        )

    def _on_rollout_start(self) -> None:
        self._record()
        self._rollout_began, self._steps_before = time.perf_counter(), self.model.num_timesteps

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        self._rollout_ended = time.perf_counter()

    def _on_training_end(self) -> None:
        self._record()
        self._run.finish()

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
        episodes = model.ep_info_buffer or []
        if len(episodes) > 0:
            figures["episodic_return"] = sum(float(e["r"]) for e in episodes) / len(episodes)
            figures["episodic_length"] = sum(float(e["l"]) for e in episodes) / len(episodes)
        run.ppo_update(
            epochs=getattr(model, "n_epochs", None),
            max_grad_norm=getattr(model, "max_grad_norm", None),
            steps=steps,
            total_steps=model.num_timesteps,
            **{**extra, **figures},
        )
