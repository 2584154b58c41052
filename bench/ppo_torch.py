"""The same PPO on CartPole-v1 in PyTorch, as the peer of bench/ppo.ts: same networks, hyperparameters and
minibatches, all environments stepped at once in numpy, one thread.

Reads one JSON object of hyperparameters on the command line; for each line on standard input it makes so many
batches and answers with the seconds they took.
"""
import json
import math
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)


class CartPole:
    """N cart-poles as the columns of one array, in Gymnasium's equations; ended ones start again at once."""

    limit = np.array([[2.4], [12 * 2 * math.pi / 360]])

    def __init__(self, n, seed):
        self.rng = np.random.default_rng(seed)
        self.state = self.rng.uniform(-0.05, 0.05, (4, n))
        self.elapsed = np.zeros(n, dtype=np.int64)
        self.returns = np.zeros(n)
        self.reward = np.ones(n, dtype=np.float32)
        self.finished = []

    def step(self, actions):
        x, x_dot, theta, theta_dot = self.state
        cos, sin = np.cos(theta), np.sin(theta)
        push = (20.0 * actions - 10.0 + 0.05 * theta_dot * theta_dot * sin) / 1.1
        theta_acc = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - 0.1 * cos * cos / 1.1))
        x_acc = push - 0.05 * theta_acc * cos / 1.1
        self.state = state = self.state + 0.02 * np.stack((x_dot, x_acc, theta_dot, theta_acc))
        self.elapsed += 1
        terminated = (np.abs(state[::2]) > self.limit).any(0)
        truncated = (self.elapsed >= 500) & ~terminated
        ended = terminated | truncated
        final = None
        if ended.any():
            if truncated.any():
                final = state.T.astype(np.float32)
            self.finished.extend(self.elapsed[ended])
            self.elapsed[ended] = 0
            state[:, ended] = self.rng.uniform(-0.05, 0.05, (4, int(ended.sum())))
        return self.reward, truncated, ended, final

    def observations(self):
        return np.ascontiguousarray(self.state.T, dtype=np.float32)


def trunk(outputs, gain):
    layers = [nn.Linear(4, 64), nn.Linear(64, 64), nn.Linear(64, outputs)]
    for layer, g in zip(layers, (math.sqrt(2), math.sqrt(2), gain)):
        nn.init.orthogonal_(layer.weight, g)
        nn.init.zeros_(layer.bias)
    return nn.Sequential(layers[0], nn.Tanh(), layers[1], nn.Tanh(), layers[2])


class RewardScale:
    """Rewards in units of the running standard deviation of the discounted return (Welford, an array at a time)."""

    def __init__(self, n, gamma):
        self.gamma = gamma
        self.returns = np.zeros(n)
        self.count, self.mean, self.deviations = 0, 0.0, 0.0

    def apply(self, rewards, ended):
        discounted = self.returns * self.gamma + rewards
        self.returns = np.where(ended, 0.0, discounted)
        n = len(discounted)
        mean = discounted.mean()
        before = mean - self.mean
        total = self.count + n
        self.deviations += np.square(discounted - mean).sum() + before * before * self.count * n / total
        self.mean += before * n / total
        self.count = total
        deviation = math.sqrt(self.deviations / self.count)
        return rewards / deviation if deviation > 0 else rewards


class Trainer:
    def __init__(self, h):
        self.h = h
        torch.manual_seed(h["seed"])
        self.actor, self.critic = trunk(2, 0.01), trunk(1, 1.0)
        self.parameters = [*self.actor.parameters(), *self.critic.parameters()]
        self.adam = torch.optim.Adam(self.parameters, lr=h["learningRate"], eps=h["adamEpsilon"])
        self.env = CartPole(h["envs"], h["seed"])
        self.reward_scale = RewardScale(h["envs"], h["gamma"]) if h["scaleRewards"] else None

    @torch.inference_mode()
    def rollout(self):
        h = self.h
        steps, n = h["steps"], h["envs"]
        obs = torch.empty(steps, n, 4)
        actions = torch.empty(steps, n, dtype=torch.int64)
        log_probs = torch.empty(steps, n)
        values = np.empty((steps + 1, n), dtype=np.float32)
        cut_off = np.zeros((steps, n), dtype=np.float32)
        rewards = np.empty((steps, n), dtype=np.float32)
        ends = np.empty((steps, n), dtype=bool)
        for t in range(steps):
            o = torch.from_numpy(self.env.observations())
            log_p = F.log_softmax(self.actor(o), -1)
            action = torch.multinomial(log_p.exp(), 1)
            obs[t] = o
            actions[t] = action[:, 0]
            log_probs[t] = log_p.gather(1, action)[:, 0]
            values[t] = self.critic(o)[:, 0].numpy()
            raw, truncated, ends[t], final = self.env.step(action[:, 0].numpy())
            rewards[t] = raw if self.reward_scale is None else self.reward_scale.apply(raw, ends[t])
            if final is not None:
                cut_off[t] = self.critic(torch.from_numpy(final))[:, 0].numpy() * truncated
        values[steps] = self.critic(torch.from_numpy(self.env.observations()))[:, 0].numpy()

        advantages = np.empty((steps, n), dtype=np.float32)
        following = np.zeros(n, dtype=np.float32)
        going_on = 1.0 - ends
        next_values = values[1:] * going_on + cut_off
        delta = rewards + h["gamma"] * next_values - values[:-1]
        for t in reversed(range(steps)):
            following = delta[t] + h["gamma"] * h["gaeLambda"] * going_on[t] * following
            advantages[t] = following
        flat = lambda a: a.reshape(steps * n, *a.shape[2:])
        return (
            flat(obs),
            flat(actions),
            flat(log_probs),
            torch.from_numpy(flat(advantages)),
            torch.from_numpy(flat(advantages + values[:-1])),
        )

    def update(self, obs, actions, log_probs, advantages, returns):
        h = self.h
        size = len(obs) // h["minibatches"]
        kls = []
        for _ in range(h["epochs"]):
            for rows in torch.randperm(len(obs)).split(size):
                log_p = F.log_softmax(self.actor(obs[rows]), -1)
                value = self.critic(obs[rows])[:, 0]
                entropy = -(log_p.exp() * log_p).sum(-1).mean()
                log_ratio = log_p.gather(1, actions[rows, None])[:, 0] - log_probs[rows]
                ratio = log_ratio.exp()
                a = advantages[rows]
                a = (a - a.mean()) / (a.std() + 1e-8)
                clipped = ratio.clamp(1 - h["clipRange"], 1 + h["clipRange"])
                policy_loss = -torch.min(ratio * a, clipped * a).mean()
                value_loss = 0.5 * (value - returns[rows]).square().mean()
                loss = policy_loss + h["valueCoefficient"] * value_loss - h["entropyCoefficient"] * entropy
                self.adam.zero_grad(set_to_none=True)
                loss.backward()
                norm = nn.utils.clip_grad_norm_(self.parameters, h["maxGradNorm"])
                self.adam.step()
                with torch.no_grad():
                    kls.append((ratio - 1 - log_ratio).mean().item())
                    clip_fraction = ((ratio - 1).abs() > h["clipRange"]).float().mean().item()
                    figures = (loss.item(), policy_loss.item(), value_loss.item(), entropy.item(), norm.item())

    def batches(self, count):
        began = time.perf_counter()
        rollout = update = 0.0
        for _ in range(count):
            t0 = time.perf_counter()
            # Tensors made in inference mode cannot enter autograd: the samples are copied out of it.
            samples = [tensor.clone() for tensor in self.rollout()]
            t1 = time.perf_counter()
            self.update(*samples)
            rollout += t1 - t0
            update += time.perf_counter() - t1
        finished = self.env.finished[-100:]
        return {
            "seconds": time.perf_counter() - began,
            "rolloutMs": rollout * 1e3 / count,
            "updateMs": update * 1e3 / count,
            "episodicReturn": float(np.mean(finished)) if finished else None,
        }


trainer = Trainer(json.loads(sys.argv[1]))
print(json.dumps({"torch": torch.__version__}), flush=True)
for line in sys.stdin:
    print(json.dumps(trainer.batches(int(line))), flush=True)
