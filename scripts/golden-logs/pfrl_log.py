# /// script
# dependencies = ["pfrl==0.4.0", "packaging", "torch==2.15.0"]
# ///
# cut: /^Gym has been/,/^See the migration/d
"""PFRL: DQN on a made-up environment by `train_agent_with_evaluation`."""
import logging
import sys
from importlib.metadata import version

import gym
import numpy as np
import pfrl
import torch

logging.basicConfig(level=logging.INFO, stream=sys.stdout)
print("pfrl", version("pfrl"))
pfrl.utils.set_random_seed(0)


class Walk(gym.Env):
    """Ten places in a row: the right end pays, each step costs."""

    observation_space = gym.spaces.Box(0, 1, (1,), np.float32)
    action_space = gym.spaces.Discrete(2)

    def reset(self):
        self.at, self.steps = 3, 0
        return np.array([self.at / 10], np.float32)

    def step(self, action):
        self.at = max(0, self.at + (1 if action else -1))
        self.steps += 1
        is_over = self.at == 9 or self.steps == 40
        return np.array([self.at / 10], np.float32), (1.0 if self.at == 9 else -0.01), is_over, {}


net = torch.nn.Sequential(torch.nn.Linear(1, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2), pfrl.q_functions.DiscreteActionValueHead())
agent = pfrl.agents.DoubleDQN(
    net,
    torch.optim.Adam(net.parameters(), 1e-3),
    pfrl.replay_buffers.ReplayBuffer(2000),
    0.95,
    pfrl.explorers.ConstantEpsilonGreedy(0.3, random_action_func=Walk.action_space.sample),
    replay_start_size=100,
    update_interval=2,
    target_update_interval=50,
    gpu=-1,
)
pfrl.experiments.train_agent_with_evaluation(
    agent, Walk(), steps=600, eval_n_steps=None, eval_n_episodes=2, eval_interval=150, train_max_episode_len=40, outdir="out"
)
