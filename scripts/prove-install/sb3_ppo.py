"""PPO of Stable-Baselines3 on CartPole-v1, some hundred milliseconds an update."""

from esper_telemetry.integrations.stable_baselines3 import EsperCallback
from stable_baselines3 import PPO

model = PPO("MlpPolicy", "CartPole-v1", n_steps=128, batch_size=64, n_epochs=2, device="cpu")
model.learn(128 * 8, callback=EsperCallback(name="sb3-ppo"))
