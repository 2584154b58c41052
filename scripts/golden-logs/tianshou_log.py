# /// script
# dependencies = ["tianshou==2.0.1", "torch==2.15.0"]
# ///
"""Tianshou: DQN on CartPole, its bars of two epochs."""
from importlib.metadata import version

import gymnasium as gym
from tianshou.algorithm.modelfree.dqn import DQN, DiscreteQLearningPolicy
from tianshou.algorithm.optim import AdamOptimizerFactory
from tianshou.data import Collector, CollectStats, VectorReplayBuffer
from tianshou.env import DummyVectorEnv
from tianshou.trainer import OffPolicyTrainerParams
from tianshou.utils.net.common import Net

print("tianshou", version("tianshou"))
many, few = (DummyVectorEnv([lambda: gym.make("CartPole-v1")] * n) for n in (4, 2))
net = Net(state_shape=4, action_shape=2, hidden_sizes=[16])
dqn = DQN(
    policy=DiscreteQLearningPolicy(model=net, action_space=gym.make("CartPole-v1").action_space, eps_training=0.1),
    optim=AdamOptimizerFactory(lr=1e-3),
)
settings = OffPolicyTrainerParams(
    training_collector=Collector[CollectStats](dqn, many, VectorReplayBuffer(2000, 4), exploration_noise=True),
    test_collector=Collector[CollectStats](dqn, few),
    max_epochs=2,
    epoch_num_steps=100,
    collection_step_num_env_steps=20,
    update_step_num_gradient_steps_per_sample=0.1,
    batch_size=32,
    test_step_num_episodes=2,
)
dqn.run_training(settings)
