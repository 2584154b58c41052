# /// script
# dependencies = ["ray[rllib,tune]==2.60.0", "pillow", "matplotlib", "torch==2.15.0"]
# ///
# cut: /started with configuration/,/^╰/d; /^Trial status/,/^╰/d; /WARNING\|Warning\|INFO\|^To visualize/d
"""RLlib under Ray Tune: PPO on CartPole, three iterations, its table of each."""
import os

os.environ["RAY_worker_niceness"] = "0"
import ray
from ray import tune
from ray.rllib.algorithms.ppo import PPOConfig

print("ray", ray.__version__)
ray.init(num_cpus=4, num_gpus=0, include_dashboard=False, object_store_memory=200_000_000)
config = (
    PPOConfig()
    .environment("CartPole-v1")
    .env_runners(num_env_runners=0)
    .learners(num_learners=0)
    .training(train_batch_size_per_learner=200, minibatch_size=64, num_epochs=2)
    .debugging(seed=1)
)
tune.Tuner("PPO", param_space=config, run_config=tune.RunConfig(stop={"training_iteration": 3}, storage_path=os.getcwd(), verbose=2)).fit()
