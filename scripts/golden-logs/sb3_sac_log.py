# /// script
# dependencies = ["stable-baselines3==2.9.2", "torch==2.15.0"]
# ///
"""Stable-Baselines3's SAC on Pendulum: tables that have returns and no update."""
from stable_baselines3 import SAC

model = SAC("MlpPolicy", "Pendulum-v1", policy_kwargs={"net_arch": [16, 16]}, learning_starts=300, batch_size=32, verbose=1, seed=0, device="cpu")
model.learn(2000, log_interval=2)
