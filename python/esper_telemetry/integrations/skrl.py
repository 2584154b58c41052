"""skrl 2: ``track(agent)`` before the trainer trains it.

skrl has no callbacks: its agents collect figures with ``track_data`` and write them every ``experiment.write_interval`` timesteps. What an agent writes is
recorded as it is written, under skrl's names. An agent of rollouts (PPO, A2C, TRPO, AMP, …) gives one event an update beside it, any other one event a
write, numbered by timesteps. ``write_interval=0`` writes nothing, so that only updates of rollouts are recorded.
"""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Optional, TypeVar

import numpy
from skrl.agents.torch import Agent, base

import esper_telemetry as esper

from ._owned_run import OwnedRun
from ._versions import oldest

oldest("skrl", "2.0", has_all=hasattr(base, "ExperimentCfg"))

AnAgent = TypeVar("AnAgent", bound=Agent)

#: What an agent tracks in an update → ours.
_FIGURES = {
    "Loss / Policy loss": "policy_loss",
    "Loss / Value loss": "value_loss",
    "Learning / Learning rate": "learning_rate",
}
_ENTROPY = "Loss / Entropy loss"
_RETURN, _LENGTH = "Reward / Total reward (mean)", "Episode / Total timesteps (mean)"


def track(agent: AnAgent, run: Optional[esper.Run] = None, **options: Any) -> AnAgent:
    """Records the training of ``agent``, which is given back.

    :param run: a run to record into; left out, one is begun with ``options`` when training begins, and ended with its last timestep.
    """
    _Tracker(agent, OwnedRun(run, options))
    return agent


class _Tracker:
    def __init__(self, agent: Any, run: OwnedRun):
        self._agent, self._run = agent, run
        self._rollouts = int(getattr(agent.cfg, "rollouts", 0))
        self._environments = int(getattr(agent.memory, "num_envs", 1))
        self._event_at = 0.0
        self._written_at = 0
        self._around("pre_interaction", before=self._begin)
        self._around("update", self._updates)
        self._around("write_tracking_data", before=self._written)
        self._around("post_interaction", after=self._end)

    def _around(self, name: str, around: Optional[Callable[..., Any]] = None, *, before: Any = None, after: Any = None) -> None:
        """Puts a method of the agent's between calls of ours, which take its ``timestep`` and ``timesteps``."""
        own = getattr(self._agent, name)

        def called(*, timestep: int, timesteps: int) -> Any:
            if around is not None:
                return around(own, timestep=timestep, timesteps=timesteps)
            if before is not None:
                before(timestep=timestep, timesteps=timesteps)
            result = own(timestep=timestep, timesteps=timesteps)
            if after is not None:
                after(timestep=timestep, timesteps=timesteps)
            return result

        setattr(self._agent, name, called)

    def _begin(self, timestep: int, timesteps: int) -> None:
        agent = self._agent
        if timestep != 0 or not agent.training:
            return
        self._event_at, self._written_at = time.perf_counter(), 0
        self._run.begin(
            type(agent).__name__.lower(),
            algorithm=type(agent).__name__,
            device=agent.device,
            max_batches=timesteps // self._rollouts if self._rollouts else None,
            max_steps=None if self._rollouts else timesteps,
            config={name: value for name, value in vars(agent.cfg).items() if isinstance(value, (str, int, float, bool))},
        )

    def _updates(self, update: Callable[..., Any], timestep: int, timesteps: int) -> None:
        """An update of the agent's; of rollouts, an event follows."""
        began = time.perf_counter()
        update(timestep=timestep, timesteps=timesteps)
        run = self._run.run
        if run is None or not self._rollouts:
            return
        now, tracked = time.perf_counter(), self._agent.tracking_data
        figures: Dict[str, Any] = {ours: tracked[theirs][-1] for theirs, ours in _FIGURES.items() if tracked.get(theirs)}
        scale = getattr(self._agent.cfg, "entropy_loss_scale", None)
        if scale and tracked.get(_ENTROPY):
            figures["entropy"] = -tracked[_ENTROPY][-1] / scale
        steps = self._rollouts * self._environments
        run.ppo_update(
            epochs=getattr(self._agent.cfg, "learning_epochs", None),
            steps=steps,
            total_steps=(timestep + 1) * self._environments,
            episodic_return=_mean(self._agent, "_track_rewards"),
            episodic_length=_mean(self._agent, "_track_timesteps"),
            rollout_ms=(began - self._event_at) * 1e3,
            update_ms=(now - began) * 1e3,
            steps_per_second=steps / (now - self._event_at),
            **figures,
        )
        self._event_at = now

    def _written(self, timestep: int, timesteps: int) -> None:
        """What the agent writes now, as it writes it: means of what it tracked, or extremes where a name ends so."""
        run = self._run.run
        if run is None or not self._agent.training:
            return
        written = {name: _summary(name)(values).item() for name, values in self._agent.tracking_data.items() if values}
        if self._rollouts:
            run.log(written)
            return
        now, steps = time.perf_counter(), timestep - self._written_at
        run.step(
            step=timestep,
            step_ms=(now - self._event_at) * 1e3 / steps if steps > 0 else None,  # the mean of the timesteps since the last event
            learning_rate=written.pop("Learning / Learning rate", None),
            total_steps=timestep * self._environments,
            episodic_return=written.get(_RETURN),
            episodic_length=written.get(_LENGTH),
            **written,
        )
        self._event_at, self._written_at = now, timestep

    def _end(self, timestep: int, timesteps: int) -> None:
        if timestep + 1 >= timesteps and self._agent.training:
            self._run.finish()


def _summary(name: str) -> Any:
    return numpy.min if name.endswith("(min)") else numpy.max if name.endswith("(max)") else numpy.mean


def _mean(agent: Any, name: str) -> Optional[float]:
    """Of the episodes that ended since the agent's last write; None before the first."""
    values = getattr(agent, name, None)
    return float(numpy.mean(values)) if values else None
