"""RSL-RL 5 and what is built on it (Isaac Lab, mjlab): ``cfg["logger"] = {"class_name": "esper_telemetry.integrations.rsl_rl:EsperLogWriter"}``.

One event an iteration, numbered from 1, with all that the runner logs in it. It logs an iteration's figures one by one after the update: the event is recorded
with the last that is sure to come, the mean length of episodes, and before the first episode ends when the next iteration is logged.

Further keys of ``cfg["logger"]`` are arguments of ``esper.start``. The runner logs in the process of rank 0 alone, and so it is recorded.
"""

from __future__ import annotations

from typing import Any, Dict, Optional

from ._owned_run import OwnedRun
from ._versions import oldest

try:
    from rsl_rl.utils.log_writer import LogWriter
except ImportError:
    oldest("rsl-rl-lib", "5.4", has_all=False)
    raise

#: The runner's names → ours.
_FIGURES = {
    "Loss/surrogate": "policy_loss",
    "Loss/value": "value_loss",
    "Loss/entropy": "entropy",
    "Loss/learning_rate": "learning_rate",
    "Train/mean_reward": "episodic_return",
    "Train/mean_episode_length": "episodic_length",
    "Perf/total_fps": "steps_per_second",
}
#: Logged in seconds.
_DURATIONS = {"Perf/collection_time": "rollout_ms", "Perf/learning_time": "update_ms"}
_LAST = "Train/mean_episode_length"


class EsperLogWriter(LogWriter):  # type: ignore[misc]
    """:param log_dir: the runner's folder, which names the run; ``options``: of ``esper.start``. The runner copies them, so no run can be handed over."""

    def __init__(self, log_dir: Optional[str] = None, **options: Any):
        self._run = OwnedRun(None, {"rank": 0, "world_size": 1, **options})
        self._name = (log_dir or "").rstrip("/").rsplit("/", 1)[-1] or "rsl_rl"
        self._iteration: Optional[int] = None
        self._figures: Dict[str, Any] = {}

    def store_config(self, env_cfg: Any, train_cfg: Dict[str, Any]) -> None:
        algorithm = str(train_cfg.get("algorithm", {}).get("class_name", "PPO")).replace(":", ".").rsplit(".", 1)[-1]
        self._run.begin(self._name, algorithm=algorithm, config=train_cfg)

    def add_scalar(self, tag: str, scalar_value: Any, global_step: int) -> None:
        if tag.endswith("/time"):  # the same again, by seconds instead of iterations
            return
        if global_step != self._iteration:
            self._record()
            self._iteration = global_step
        if tag in _DURATIONS:
            self._figures[_DURATIONS[tag]] = scalar_value * 1e3
        else:
            self._figures[_FIGURES.get(tag, tag)] = scalar_value
        if tag == _LAST:
            self._record()

    def save_model(self, model_path: str, it: int) -> None:
        self._record()
        if self._run.run is not None:
            self._run.run.checkpoint(model_path, batch=it + 1)

    def stop(self) -> None:
        self._record()
        self._run.finish()

    def _record(self) -> None:
        figures, self._figures = self._figures, {}
        run = self._run.run
        if run is not None and figures and self._iteration is not None:
            run.ppo_update(batch=self._iteration + 1, **figures)
