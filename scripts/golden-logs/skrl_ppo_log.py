# /// script
# dependencies = ["skrl==2.1.1", "torch==2.15.0", "gymnasium", "tqdm"]
# ///
"""skrl: its PPO on CartPole, on the stand-in device. Its bar has no figures: they go to TensorBoard."""
from importlib.metadata import version

import gymnasium
from skrl.agents.torch.ppo import PPO, PPO_CFG
from skrl.envs.wrappers.torch import wrap_env
from skrl.memories.torch import RandomMemory
from skrl.models.torch import CategoricalMixin, DeterministicMixin, Model
from skrl.trainers.torch import SequentialTrainer
from skrl.utils import set_seed
from torch import nn

print("skrl", version("skrl"), flush=True)
set_seed(0)


class Policy(CategoricalMixin, Model):
    def __init__(self, **spaces):
        Model.__init__(self, **spaces)
        CategoricalMixin.__init__(self, unnormalized_log_prob=True)
        self.net = nn.Linear(self.num_observations, self.num_actions)

    def compute(self, inputs, role=""):
        return self.net(inputs["observations"]), {}


class Value(DeterministicMixin, Model):
    def __init__(self, **spaces):
        Model.__init__(self, **spaces)
        DeterministicMixin.__init__(self)
        self.net = nn.Linear(self.num_observations, 1)

    def compute(self, inputs, role=""):
        return self.net(inputs["observations"]), {}


env = wrap_env(gymnasium.make_vec("CartPole-v1", num_envs=4))
spaces = {"observation_space": env.observation_space, "action_space": env.action_space, "device": env.device}
settings = PPO_CFG()
settings.rollouts = 64
settings.learning_epochs = 2
settings.mini_batches = 2
memory = RandomMemory(memory_size=64, num_envs=env.num_envs, device=env.device)
agent = PPO(models={"policy": Policy(**spaces), "value": Value(**spaces)}, memory=memory, cfg=settings, state_space=env.state_space, **spaces)
SequentialTrainer(cfg={"timesteps": 512, "headless": True}, env=env, agents=[agent]).train()
