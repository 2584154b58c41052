"""A single-file PPO in the form of CleanRL, recorded with three lines (marked ①②③).

    PYTHONPATH=python python3 examples/cleanrl_style.py

It needs torch. The environments are the client's own, so that nothing else is needed: in your script they are
``gym.vector``'s, and nothing else changes.
"""

import argparse
import random
import time

import torch
from torch import nn

import esper_telemetry as esper  # ①
from esper_telemetry.ppo.environments import TASKS, VectorEnvironment


def layer(inputs: int, outputs: int, std: float = 2**0.5) -> nn.Linear:
    linear = nn.Linear(inputs, outputs)
    nn.init.orthogonal_(linear.weight, std)
    nn.init.zeros_(linear.bias)
    return linear


parser = argparse.ArgumentParser()
parser.add_argument("--num-updates", type=int, default=50)
parser.add_argument("--num-envs", type=int, default=4)
parser.add_argument("--num-steps", type=int, default=128)
parser.add_argument("--seed", type=int, default=1)
args = parser.parse_args()

random.seed(args.seed)
torch.manual_seed(args.seed)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
envs = VectorEnvironment(TASKS["CartPole-v1"], args.num_envs, args.seed)
critic = nn.Sequential(layer(4, 64), nn.Tanh(), layer(64, 64), nn.Tanh(), layer(64, 1, 1.0)).to(device)
actor = nn.Sequential(layer(4, 64), nn.Tanh(), layer(64, 64), nn.Tanh(), layer(64, 2, 0.01)).to(device)
parameters = [*actor.parameters(), *critic.parameters()]
optimizer = torch.optim.Adam(parameters, lr=2.5e-4, eps=1e-5)
batch_size = args.num_envs * args.num_steps

with esper.start("cleanrl-style", max_batches=args.num_updates, config=vars(args)) as run:  # ②
    global_step = 0
    for update in range(1, args.num_updates + 1):
        start = time.time()
        obs, actions, logprobs, rewards, dones, values = [], [], [], [], [], []
        for _ in range(args.num_steps):
            global_step += args.num_envs
            seen = torch.tensor(envs.observations()).to(device)
            with torch.no_grad():
                policy = torch.distributions.Categorical(logits=actor(seen))
                action = policy.sample()
                values.append(critic(seen).flatten())
            reward, done, _ = envs.step(action.tolist())
            obs.append(seen)
            actions.append(action)
            logprobs.append(policy.log_prob(action))
            rewards.append(torch.tensor(reward).to(device))
            dones.append(torch.tensor(done, dtype=torch.float32).to(device))

        with torch.no_grad():
            following = critic(torch.tensor(envs.observations()).to(device)).flatten()
            advantages, last = [], torch.zeros(args.num_envs, device=device)
            for t in reversed(range(args.num_steps)):
                delta = rewards[t] + 0.99 * following * (1 - dones[t]) - values[t]
                last = delta + 0.99 * 0.95 * (1 - dones[t]) * last
                advantages.insert(0, last)
                following = values[t]
        b_obs, b_actions, b_logprobs, b_advantages, b_values = (
            torch.cat(part) for part in (obs, actions, logprobs, advantages, values)
        )
        b_returns = b_advantages + b_values

        for _ in range(4):
            for rows in torch.randperm(batch_size, device=device).chunk(4):
                policy = torch.distributions.Categorical(logits=actor(b_obs[rows]))
                logratio = policy.log_prob(b_actions[rows]) - b_logprobs[rows]
                ratio = logratio.exp()
                adv = b_advantages[rows]
                adv = (adv - adv.mean()) / (adv.std() + 1e-8)
                pg_loss = torch.max(-adv * ratio, -adv * ratio.clamp(0.8, 1.2)).mean()
                v_loss = 0.5 * ((critic(b_obs[rows]).flatten() - b_returns[rows]) ** 2).mean()
                entropy = policy.entropy().mean()
                optimizer.zero_grad()
                (pg_loss + 0.5 * v_loss - 0.01 * entropy).backward()
                nn.utils.clip_grad_norm_(parameters, 0.5)
                optimizer.step()
        explained = 1 - (b_returns - b_values).var() / b_returns.var()
        approx_kl = ((ratio - 1) - logratio).mean()

        run.ppo_update(  # ③ where CleanRL writes its scalars: these .item() calls are CleanRL's own
            batch=update, policy_loss=pg_loss.item(), value_loss=v_loss.item(), entropy=entropy.item(),
            approx_kl=approx_kl.item(), explained_variance=explained.item(), total_steps=global_step,
            episodic_return=envs.episodic_return, steps_per_second=batch_size / (time.time() - start),
        )  # fmt: skip
