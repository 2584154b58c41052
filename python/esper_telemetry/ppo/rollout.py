"""A rollout, ``steps`` steps in every environment under the present policy, and its generalised advantages."""

from __future__ import annotations

from typing import List

import torch
from torch import Tensor

from ..out_of_memory import is_out_of_memory
from .agent import PPOAgent, Samples
from .environments import VectorEnvironment


class RolloutRefused(Exception):
    """The device has no room for the rollout. ``steps``: those that it had room for."""

    def __init__(self, steps: int):
        super().__init__(steps)
        self.steps = steps


def collect_rollout(agent: PPOAgent, environments: VectorEnvironment, steps: int) -> Samples:
    """Acts for ``steps`` steps. :returns: steps × environments samples, step by step.

    :raises RolloutRefused: where memory was refused on its way.
    """
    done: List[int] = []
    try:
        return _collect(agent, environments, steps, done)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise RolloutRefused(len(done)) from error


def _collect(agent: PPOAgent, environments: VectorEnvironment, steps: int, done: List[int]) -> Samples:
    observations: List[Tensor] = []
    actions: List[Tensor] = []
    log_probs: List[Tensor] = []
    values: List[Tensor] = []
    rewards: List[Tensor] = []
    ends: List[List[bool]] = []
    cut_off_values: List[Tensor] = []
    for step in range(steps):
        observed, action, log_prob, value = agent.act(environments.observations())
        observations.append(observed)
        actions.append(action)
        log_probs.append(log_prob)
        values.append(value)
        reward, ended, cut_off = environments.step(action.flatten().tolist())
        rewards.append(agent.scale_rewards(reward, ended))
        ends.append(ended)
        after = torch.zeros_like(value)
        if cut_off:
            after[list(cut_off)] = agent.values(list(cut_off.values()))
        cut_off_values.append(after)
        done.append(step)

    ended_at = torch.tensor(ends, device=agent.device)
    following = torch.stack([*values[1:], agent.values(environments.observations())])
    # Of the state that each step really led to: 0 after termination, the cut-off state's after truncation.
    next_values = torch.where(ended_at, torch.stack(cut_off_values), following)
    stacked = torch.stack(values)
    advantages = generalised_advantages(
        torch.stack(rewards), stacked, next_values, ended_at, agent.hyper.gamma, agent.hyper.gae_lambda
    )
    return Samples(
        *(
            field.flatten(0, 1)
            for field in (
                torch.stack(observations),
                torch.stack(actions),
                torch.stack(log_probs),
                advantages,
                advantages + stacked,
                stacked,
            )
        )
    )


def generalised_advantages(
    rewards: Tensor, values: Tensor, next_values: Tensor, ends: Tensor, gamma: float, gae_lambda: float
) -> Tensor:
    """Schulman et al. (2016). All [steps, environments]; ``ends`` is true where an episode ended with the step."""
    deltas = rewards + gamma * next_values - values
    carry = gamma * gae_lambda * (~ends).to(deltas.dtype)
    advantages = torch.empty_like(deltas)
    following = torch.zeros_like(deltas[0])
    for step in range(len(deltas) - 1, -1, -1):
        following = deltas[step] + carry[step] * following
        advantages[step] = following
    return advantages
