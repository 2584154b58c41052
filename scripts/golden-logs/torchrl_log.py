# /// script
# dependencies = ["torchrl==0.14.1", "tqdm", "gymnasium[classic-control]", "torch==2.15.0"]
# ///
"""TorchRL: PPO on CartPole by its trainer, with its bar."""
import warnings
from importlib.metadata import version

warnings.filterwarnings("ignore")
import torch
from tensordict.nn import TensorDictModule
from torchrl.collectors import Collector
from torchrl.data import LazyTensorStorage, ReplayBuffer
from torchrl.data.replay_buffers import SamplerWithoutReplacement
from torchrl.envs import GymEnv, RewardSum, StepCounter, TransformedEnv
from torchrl.modules import OneHotCategorical, ProbabilisticActor, ValueOperator
from torchrl.objectives import ClipPPOLoss
from torchrl.record.loggers import CSVLogger
from torchrl.trainers.algorithms.ppo import PPOTrainer

print("torchrl", version("torchrl"))
torch.manual_seed(0)


def net(outputs):
    return torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.Tanh(), torch.nn.Linear(16, outputs))


env = TransformedEnv(GymEnv("CartPole-v1"))
env.append_transform(RewardSum())
env.append_transform(StepCounter())
policy = ProbabilisticActor(
    TensorDictModule(net(2), in_keys=["observation"], out_keys=["logits"]),
    in_keys=["logits"],
    spec=env.action_spec,
    distribution_class=OneHotCategorical,
    return_log_prob=True,
)
loss = ClipPPOLoss(policy, ValueOperator(net(1), in_keys=["observation"]))
PPOTrainer(
    collector=Collector(env, policy, frames_per_batch=200, total_frames=1600),
    total_frames=1600,
    frame_skip=1,
    optim_steps_per_batch=4,
    num_epochs=2,
    loss_module=loss,
    optimizer=torch.optim.Adam(loss.parameters(), 3e-3),
    logger=CSVLogger("tiny", log_dir="out"),
    log_interval=100,
    save_trainer_interval=10000,
    replay_buffer=ReplayBuffer(storage=LazyTensorStorage(200), sampler=SamplerWithoutReplacement(), batch_size=50),
).train()
