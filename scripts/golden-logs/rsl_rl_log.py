# /// script
# dependencies = ["rsl-rl-lib==5.5.1", "torch==2.15.0"]
# ///
"""RSL-RL: its own runner on a toy environment of 16."""
from importlib.metadata import version

import torch
from rsl_rl.env import VecEnv
from rsl_rl.runners import OnPolicyRunner
from tensordict import TensorDict

print("rsl-rl-lib", version("rsl-rl-lib"))
torch.manual_seed(0)


class Toy(VecEnv):
    num_envs, num_actions, max_episode_length, device, cfg = 16, 2, 20, "cpu", {}

    def __init__(self):
        self.x = torch.randn(16, 4)
        self.episode_length_buf = torch.zeros(16, dtype=torch.long)

    def get_observations(self):
        return TensorDict({"policy": self.x}, batch_size=[16])

    def step(self, actions):
        self.x = self.x + 0.1 * torch.cat([actions, actions], 1)
        reward = -self.x.pow(2).mean(1)
        self.episode_length_buf += 1
        done = self.episode_length_buf >= 20
        self.x[done] = torch.randn(int(done.sum()), 4)
        self.episode_length_buf[done] = 0
        return self.get_observations(), reward, done, {"time_outs": done.float(), "log": {"Episode_Reward/dist": reward.mean()}}


net = {"class_name": "rsl_rl.models.MLPModel", "hidden_dims": [16], "activation": "elu"}
normal = {"class_name": "rsl_rl.modules.GaussianDistribution", "init_std": 1.0}
config = {
    "num_steps_per_env": 24,
    "save_interval": 50,
    "obs_groups": {"actor": ["policy"], "critic": ["policy"]},
    "algorithm": {"class_name": "rsl_rl.algorithms.PPO", "rnd_cfg": None, "symmetry_cfg": None},
    "actor": {**net, "distribution_cfg": normal},
    "critic": net,
}
OnPolicyRunner(Toy(), config, log_dir="logs", device="cpu").learn(3)
