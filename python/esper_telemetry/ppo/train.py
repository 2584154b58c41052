"""The training loop: a rollout, an update, one recorded event; checkpoints in the run's folder."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Callable, Dict, Optional

import torch

import esper_telemetry as esper

from .. import run_folder
from ..in_parts import DoesNotFit, retry_in_parts
from ..opening import runs_folder
from ..out_of_memory import is_out_of_memory
from ..regular_file import open_regular
from ..whole_file import write_whole
from .agent import PPOAgent, Samples, UpdateFigures
from .environments import TASKS, VectorEnvironment
from .hyperparameters import hyperparameters_for
from .interventions import Shrink
from .rollout import RolloutRefused, collect_rollout

CHECKPOINT = "checkpoint.pt"


class CannotTrain(Exception):
    """Why training cannot begin, as one sentence."""


def train(
    options: argparse.Namespace,
    device: torch.device,
    asked_to_end: Callable[[], bool] = lambda: False,
    why: Callable[[], Optional[str]] = lambda: None,
) -> None:
    """Trains up to batch ``options.episodes``, or ends after the update during which it was asked to; ``why`` is recorded.

    :raises CannotTrain: where the options cannot work, the run cannot be written or has no checkpoint to go on from.
    """
    saved = _load(options) if options.resume else None
    options.episodes = options.episodes or 100
    task = TASKS[options.env]
    try:
        hyper = hyperparameters_for(task.name, dict(options.set))
    except ValueError as error:
        raise CannotTrain(str(error)) from None
    try:
        if device.type == "cuda":
            torch.zeros(1, device=device)  # CUDA begins here, so that the run's start event holds it
            device = torch.device("cuda", torch.cuda.current_device() if device.index is None else device.index)
            torch.cuda.set_device(device)
        # Not the environments' seed: the policy's noise and the starting states are not to be the same numbers.
        agent = PPOAgent(task, options.envs, hyper, ~options.seed, device)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise CannotTrain(f"The network does not fit on {device}: it needs a device with more free memory.") from None
    environments = VectorEnvironment(task, options.envs, options.seed)
    batch, total_steps = 0, 0
    if saved is not None:
        agent.restore(saved["agent"])
        environments.restore(json.loads(saved["environments"]))
        batch, total_steps = saved["batch"], saved["total_steps"]
    shape = {name: getattr(options, name) for name in ("env", "episodes", "envs", "steps", "seed")}
    with esper.start(
        options.name or re.sub(r"-v\d+$", "", task.name).lower(),
        runs=options.runs,
        run_id=options.run_id,
        resume=options.resume,
        algorithm="PPO",
        task=task.name,
        device=device,
        max_batches=options.episodes,
        config={**shape, "device": str(device), "set": dict(options.set), **hyper.wire()},
        # Peaks of the whole run never fall: no action could be seen to help.
        reset_peaks=options.reset_peaks or options.on_pressure is not None,
    ) as run:
        if run.path is None:
            raise CannotTrain("there is no run to write to, so training does not begin.")
        shrink: Optional[Shrink] = None
        if options.on_pressure == "shrink":
            size = options.steps * options.envs
            minibatch_size = -(-size // min(hyper.minibatches, size))
            empty_cache = torch.cuda.empty_cache if device.type == "cuda" else lambda: None
            shrink = run.act_with(lambda emit: Shrink(agent, minibatch_size, empty_cache, emit, run.number_intervention))
        if saved is None:  # however early it is killed, it can go on
            _write(run, agent, environments, options, batch, total_steps)
        while batch < options.episodes and not asked_to_end():
            batch += 1
            total_steps += options.steps * options.envs
            _batch(run, agent, environments, options, batch, total_steps, shrink)
            if batch % options.checkpoint_every == 0:
                _save(run, agent, environments, options, batch, total_steps)
        if batch % options.checkpoint_every != 0:
            _save(run, agent, environments, options, batch, total_steps)
        if batch == options.episodes:
            run.finish()
        else:
            run.finish("interrupted", why())


def _batch(
    run: esper.Run,
    agent: PPOAgent,
    environments: VectorEnvironment,
    options: argparse.Namespace,
    batch: int,
    total_steps: int,
    shrink: Optional[Shrink],
) -> None:
    hyper = agent.hyper
    left = 1 - (batch - 1) / options.episodes if hyper.anneal_learning_rate else 1.0
    episodes_before = environments.total_episodes
    began = time.perf_counter()
    try:
        samples = collect_rollout(agent, environments, options.steps)
    except RolloutRefused as refused:
        assert refused.__cause__ is not None
        run.fail(refused.__cause__)
        raise CannotTrain(_rollout_that_fits(options, refused.steps)) from None
    collected = time.perf_counter()
    figures = _update(run, agent, samples, hyper.learning_rate * left, batch, shrink)
    updated = time.perf_counter()
    rate = options.steps * options.envs / (updated - began)
    run.ppo_update(
        batch=batch,
        **asdict(figures),
        clip_range=hyper.clip_range,
        learning_rate=hyper.learning_rate * left,
        max_grad_norm=hyper.max_grad_norm,
        steps=options.steps * options.envs,
        total_steps=total_steps,
        episodes=environments.total_episodes - episodes_before,
        total_episodes=environments.total_episodes,
        episodic_return=environments.episodic_return,
        episodic_length=environments.episodic_length,
        rollout_ms=(collected - began) * 1e3,
        update_ms=(updated - collected) * 1e3,
        steps_per_second=rate,
    )
    if not options.quiet:
        episodic = environments.episodic_return
        mean_return = "—" if episodic is None else f"{episodic:.1f}"
        print(
            f"batch {batch}/{options.episodes}  return {mean_return}  KL {figures.approx_kl:.4f}"
            f"  value {figures.value_loss:.3g}  {rate:.0f} steps/s",
            flush=True,
        )


def _update(
    run: esper.Run, agent: PPOAgent, samples: Samples, learning_rate: float, batch: int, shrink: Optional[Shrink]
) -> UpdateFigures:
    """Learns from a rollout; where memory is refused and the work may be shrunk, again from the update's start, in smaller parts."""
    if shrink is None:
        return agent.update(samples, learning_rate)

    def learn(parts: int) -> UpdateFigures:
        agent.microbatches = parts
        return agent.update(samples, learning_rate)

    restore = agent.keep()

    def undo() -> None:
        restore()
        shrink.refused(batch)

    try:
        figures, _ = retry_in_parts(learn, agent.microbatches, most=shrink.most, undo=undo, run=run)
    except DoesNotFit as error:
        run.fail(error.__cause__ or error)
        raise CannotTrain(f"{error} Fewer --steps or --envs, or more --set minibatches=N, need less.") from None
    return figures


def _rollout_that_fits(options: argparse.Namespace, steps: int) -> str:
    """Collecting needs twice what its steps hold, which are joined at its end, and learning something beside it."""
    asked = f"The rollout of {options.steps} steps in {options.envs} environments does not fit on the device, and cannot be collected in parts"
    return f"{asked}: not even one step has room." if steps < 3 else f"{asked}: --steps {steps // 3} would fit."


#: What a resumed run keeps of its first start.
_KEPT = ("env", "envs", "steps", "seed", "set")


def _save(
    run: esper.Run, agent: PPOAgent, environments: VectorEnvironment, options: argparse.Namespace, batch: int, total_steps: int
) -> None:
    path = _write(run, agent, environments, options, batch, total_steps)
    if path is not None:
        run.checkpoint(path, batch=batch)


def _write(
    run: esper.Run, agent: PPOAgent, environments: VectorEnvironment, options: argparse.Namespace, batch: int, total_steps: int
) -> Optional[Path]:
    """The checkpoint's file; None where the disk refused it."""
    assert run.path is not None
    path = run.path / CHECKPOINT
    # Floats go as text: the safe loader of older versions reads tensors, integers and text only.
    saved = {
        "batch": batch,
        "total_steps": total_steps,
        "options": json.dumps({name: getattr(options, name) for name in (*_KEPT, "episodes")}),
        "agent": agent.state(),
        "environments": json.dumps(environments.state()),
    }
    try:
        write_whole(path, lambda file: torch.save(saved, file))
    except (OSError, RuntimeError) as error:
        print(f"esper: The checkpoint of batch {batch} was not saved: {error}.", file=sys.stderr, flush=True)
        return None
    return path


def _load(options: argparse.Namespace) -> Dict[str, Any]:
    try:
        path = run_folder.find(runs_folder(options.runs), options.resume) / CHECKPOINT
        with os.fdopen(open_regular(path), "rb") as file:
            saved: Dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    except run_folder.RunNotFound as error:
        raise CannotTrain(str(error)) from None
    except FileNotFoundError:
        raise CannotTrain(f"{path.parent.name} has no {CHECKPOINT} to go on from.") from None
    except Exception as error:
        raise CannotTrain(f"{path} cannot be read: {error}.") from None
    kept = json.loads(saved["options"])
    vars(options).update({name: kept[name] for name in _KEPT}, episodes=options.episodes or kept["episodes"])
    if saved["batch"] >= options.episodes:
        raise CannotTrain(f"{path.parent.name} has made {saved['batch']} batches: give --episodes above that.")
    return saved
