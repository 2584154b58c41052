"""PPOAgent: proximal policy optimisation (Schulman et al. 2017), in the form of CleanRL, on any torch device.

Two perceptrons, ``actor`` and ``critic``, under the TypeScript trainer's names and layouts, so that the weights of one load
into the other. The figures of an update are read once, at its end: until then nothing waits for the device.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import torch
from torch import Tensor, nn
from torch.nn.utils.clip_grad import clip_grad_norm_

from .environments import Task
from .hyperparameters import Hyperparameters

HIDDEN = 64
# Returns whose standard deviation is below this share of their mean hardly vary, as those of a task that is solved: how
# much of nothing is explained means nothing.
LEAST_SPREAD = 0.005


class Samples(NamedTuple):
    """M samples; what the policy did, and what came of it."""

    observations: Tensor  # [M, observation size]
    actions: Tensor  # [M] indices, or [M, action size] before any clipping
    log_probs: Tensor  # [M], under the policy that acted
    advantages: Tensor  # [M]
    returns: Tensor  # [M]
    values: Tensor  # [M], what the critic predicted then

    def rows(self, chosen: Tensor) -> "Samples":
        return Samples(*(field[chosen] for field in self))

    def part(self, low: int, high: int) -> "Samples":
        return Samples(*(field[low:high] for field in self))


class Loss(NamedTuple):
    """Scalars on the agent's device, and the samples' log ratios."""

    total: Tensor  # policy + value coefficient × value − entropy coefficient × entropy
    policy: Tensor
    value: Tensor  # half the mean squared error
    entropy: Tensor  # mean, nats
    log_ratios: Tensor  # [M], log of new over old probability


@dataclass(frozen=True)
class UpdateFigures:
    """Figures of one update, in the words of ``Run.ppo_update``; losses and the policy's are means over minibatches."""

    total_loss: float
    policy_loss: float
    value_loss: float
    entropy: float
    approx_kl: float
    clip_fraction: float
    grad_norm: float
    explained_variance: Optional[float]
    mean_value: float
    mean_return: float
    epochs: int
    early_stopped: bool


def perceptron(inputs: int, outputs: int, head_gain: float) -> nn.ModuleList:
    """Three layers, orthogonal weights (gain √2, the head's as given), biases 0."""
    sizes = [inputs, HIDDEN, HIDDEN, outputs]
    layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
    for i, layer in enumerate(layers):
        nn.init.orthogonal_(layer.weight, head_gain if i == 2 else math.sqrt(2))
        nn.init.zeros_(layer.bias)
    return layers


def forward(layers: nn.ModuleList, x: Tensor) -> Tensor:
    first, second, head = layers
    output: Tensor = head(torch.tanh(second(torch.tanh(first(x)))))
    return output


class Policy(nn.Module):
    """Weights ``actor.{0,1,2}.{weight,bias}``, ``critic.…`` and, for continuous actions, ``logStd``."""

    def __init__(self, task: Task):
        super().__init__()
        self.discrete = task.actions > 0
        self.actor = perceptron(task.observation_size, task.actions or task.action_size, 0.01)
        self.critic = perceptron(task.observation_size, 1, 1.0)
        if not self.discrete:
            self.logStd = nn.Parameter(torch.zeros(task.action_size))

    def value(self, observations: Tensor) -> Tensor:
        return forward(self.critic, observations).squeeze(-1)

    def log_prob_and_entropy(self, output: Tensor, actions: Tensor) -> Tuple[Tensor, Tensor]:
        """Log-probabilities [M] of actions given the actor's output, and the mean entropy."""
        if self.discrete:
            log_p = torch.log_softmax(output, -1)
            return log_p.gather(-1, actions.unsqueeze(-1)).squeeze(-1), -(log_p.exp() * log_p).sum(-1).mean()
        constant = 0.5 * math.log(2 * math.pi)
        noise = (actions - output) * torch.exp(-self.logStd)
        return (-0.5 * noise**2 - self.logStd - constant).sum(-1), (self.logStd + 0.5 + constant).sum()

    def sample(self, output: Tensor, generator: torch.Generator) -> Tensor:
        """Actions [M] or [M, action size]."""
        if self.discrete:
            return torch.multinomial(torch.softmax(output, -1), 1, generator=generator).squeeze(-1)
        noise = torch.randn(output.shape, generator=generator, device=output.device)
        return output + self.logStd.exp() * noise


def ppo_loss(policy: Policy, samples: Samples, hyper: Hyperparameters) -> Loss:
    """The clipped surrogate, a squared-error value loss (clipped where configured) and an entropy bonus."""
    log_probs, entropy = policy.log_prob_and_entropy(forward(policy.actor, samples.observations), samples.actions)
    log_ratios = log_probs - samples.log_probs
    ratios = log_ratios.exp()
    clipped = ratios.clamp(1 - hyper.clip_range, 1 + hyper.clip_range)
    surrogate = -torch.minimum(ratios * samples.advantages, clipped * samples.advantages).mean()

    values = policy.value(samples.observations)
    errors = (values - samples.returns) ** 2
    if hyper.value_clip_range is not None:
        moved = (values - samples.values).clamp(-hyper.value_clip_range, hyper.value_clip_range)
        errors = torch.maximum(errors, (samples.values + moved - samples.returns) ** 2)
    value = 0.5 * errors.mean()
    total = surrogate + hyper.value_coefficient * value - hyper.entropy_coefficient * entropy
    return Loss(total, surrogate, value, entropy, log_ratios)


def parts_of(size: int, parts: int) -> List[Tuple[int, int]]:
    """From where to where each of ``parts`` parts of ``size`` reaches; as equal as can be."""
    edges = [part * size // parts for part in range(parts + 1)]
    return list(zip(edges, edges[1:]))


class RewardScale:
    """Rewards in units of the running standard deviation of the discounted return, so that one learning rate fits
    tasks whose rewards differ by orders of magnitude. Learned state."""

    def __init__(self, environments: int, gamma: float):
        self._gamma = gamma
        self._returns = [0.0] * environments
        # Mean, sum of squared deviations and count of all discounted returns so far (Welford).
        self._mean = self._deviations = 0.0
        self._count = 0

    def apply(self, rewards: Sequence[float], ended: Sequence[bool]) -> List[float]:
        """Takes one step of all environments into account. :returns: the scaled rewards."""
        for i, reward in enumerate(rewards):
            discounted = self._returns[i] * self._gamma + reward
            self._returns[i] = 0.0 if ended[i] else discounted
            self._count += 1
            before = discounted - self._mean
            self._mean += before / self._count
            self._deviations += before * (discounted - self._mean)
        deviation = math.sqrt(self._deviations / self._count)
        return [reward / deviation for reward in rewards] if deviation > 0 else list(rewards)

    def state(self) -> List[Any]:
        return [self._returns, self._mean, self._deviations, self._count]

    def restore(self, state: Sequence[Any]) -> None:
        self._returns, self._mean, self._deviations, self._count = state


class PPOAgent:
    """Acts in ``environments`` environments of a task at a time, and learns from their rollouts."""

    def __init__(self, task: Task, environments: int, hyper: Hyperparameters, seed: int, device: torch.device):
        torch.manual_seed(seed)
        self.hyper = hyper
        self.device = device
        self.policy = Policy(task).to(device)
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=hyper.learning_rate, eps=hyper.adam_epsilon)
        self._sampling = torch.Generator(device=device).manual_seed(seed)
        self._shuffling = torch.Generator().manual_seed(seed)
        self._reward_scale = RewardScale(environments, hyper.gamma)
        #: Parts that each minibatch is learned in, their gradients adding up: more need less memory, and learn the same.
        self.microbatches = 1

    @torch.no_grad()
    def act(self, raw: Sequence[Sequence[float]]) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
        """:returns: observations, actions, their log-probabilities and values, on the agent's device."""
        observations = self._on_device(raw)
        output = forward(self.policy.actor, observations)
        actions = self.policy.sample(output, self._sampling)
        log_probs, _ = self.policy.log_prob_and_entropy(output, actions)
        return observations, actions, log_probs, self.policy.value(observations)

    @torch.no_grad()
    def values(self, raw: Sequence[Sequence[float]]) -> Tensor:
        """The critic's values of observations."""
        return self.policy.value(self._on_device(raw))

    def scale_rewards(self, rewards: Sequence[float], ended: Sequence[bool]) -> Tensor:
        """Rewards of the environments' last step, as the agent learns from them."""
        scaled = self._reward_scale.apply(rewards, ended) if self.hyper.scale_rewards else rewards
        return torch.tensor(scaled, dtype=torch.float32).to(self.device)

    def keep(self) -> Callable[[], None]:
        """Keeps on the host what an update changes. :returns: what takes the agent back to this state."""
        policy = {name: value.detach().to("cpu", copy=True) for name, value in self.policy.state_dict().items()}
        # The optimizer's numbers of steps are tensors of the host, its moments of the device.
        kept = [
            (parameter, {name: (value.device, value.detach().to("cpu", copy=True)) for name, value in state.items()})
            for parameter, state in self.optimizer.state.items()
        ]
        shuffling = self._shuffling.get_state()

        def restore() -> None:
            self.optimizer.zero_grad(set_to_none=True)
            self.optimizer.state.clear()
            self.policy.load_state_dict(policy)
            for parameter, state in kept:
                self.optimizer.state[parameter] = {name: value.to(device, copy=True) for name, (device, value) in state.items()}
            self._shuffling.set_state(shuffling)

        return restore

    def update(self, samples: Samples, learning_rate: float) -> UpdateFigures:
        """Learns from one rollout."""
        hyper = self.hyper
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        size = len(samples.returns)
        parts = parts_of(size, min(hyper.minibatches, size))
        made: List[Tensor] = []
        epoch, stop = 0, False
        while epoch < hyper.epochs and not stop:
            order = torch.randperm(size, generator=self._shuffling).to(self.device)
            for low, high in parts:
                made.append(self._learn(samples.rows(order[low:high])))
            epoch += 1
            stop = hyper.target_kl is not None and float(torch.stack(made[-len(parts) :])[:, 4].mean()) > hyper.target_kl

        spread = samples.returns.var(unbiased=False)
        unexplained = (samples.returns - samples.values).var(unbiased=False)
        whole = torch.stack([spread, unexplained, samples.values.mean(), samples.returns.mean()])
        # The one place where the update waits for the device.
        figures = torch.cat([torch.stack(made).mean(0), whole]).tolist()
        total, policy, value, entropy, kl, clipped, norm, spread, unexplained, mean_value, mean_return = figures
        return UpdateFigures(
            total_loss=total,
            policy_loss=policy,
            value_loss=value,
            entropy=entropy,
            approx_kl=kl,
            clip_fraction=clipped,
            grad_norm=norm,
            explained_variance=None if spread <= (LEAST_SPREAD * mean_return) ** 2 else 1 - unexplained / spread,
            mean_value=mean_value,
            mean_return=mean_return,
            epochs=epoch,
            early_stopped=epoch < hyper.epochs,
        )

    def state(self) -> Dict[str, Any]:
        """Everything learned, plain data and tensors, to be saved."""
        return {
            "policy": self.policy.state_dict(),
            "optimizer": self.optimizer.state_dict()["state"],
            "sampling": self._sampling.get_state(),
            "shuffling": self._shuffling.get_state(),
            # Floats go as text: the safe loader of older versions reads tensors, integers and text only.
            "reward_scale": json.dumps(self._reward_scale.state()),
        }

    def restore(self, state: Dict[str, Any]) -> None:
        self.policy.load_state_dict(state["policy"])
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": state["optimizer"]})
        self._sampling.set_state(state["sampling"])
        self._shuffling.set_state(state["shuffling"])
        self._reward_scale.restore(json.loads(state["reward_scale"]))

    def _on_device(self, raw: Sequence[Sequence[float]]) -> Tensor:
        return torch.tensor(raw, dtype=torch.float32).to(self.device)

    def _learn(self, samples: Samples) -> Tensor:
        """One gradient step. :returns: total, policy, value, entropy, approximate KL, clip fraction, gradient norm."""
        if self.hyper.normalize_advantages and len(samples.advantages) > 1:
            a = samples.advantages
            samples = samples._replace(advantages=(a - a.mean()) / (a.std() + 1e-8))
        self.optimizer.zero_grad(set_to_none=True)
        loss = self._losses_and_gradients(samples)
        norm = clip_grad_norm_(self.policy.parameters(), self.hyper.max_grad_norm)
        self.optimizer.step()
        with torch.no_grad():
            moved = torch.expm1(loss.log_ratios)
            kl = (moved - loss.log_ratios).mean()
            outside = (~(moved.abs() <= self.hyper.clip_range)).float().mean()
            return torch.stack([loss.total, loss.policy, loss.value, loss.entropy, kl, outside, norm])

    def _losses_and_gradients(self, samples: Samples) -> Loss:
        """Adds to the gradients. In parts, one after the other, they and the losses are averaged by the parts' sizes: all are means over
        samples, so nothing changes but the rounding."""
        size = len(samples.returns)
        made: List[Loss] = []
        for low, high in parts_of(size, min(self.microbatches, size)):
            loss = ppo_loss(self.policy, samples if high - low == size else samples.part(low, high), self.hyper)
            share = (high - low) / size
            (loss.total * share).backward()
            made.append(Loss._make([*(figure.detach() * share for figure in loss[:4]), loss.log_ratios.detach()]))
        if len(made) == 1:
            return made[0]
        sums = [torch.stack(figures).sum(0) for figures in zip(*(loss[:4] for loss in made))]
        return Loss._make([*sums, torch.cat([loss.log_ratios for loss in made])])
