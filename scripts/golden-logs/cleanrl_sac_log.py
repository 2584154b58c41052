# /// script
# dependencies = ["gymnasium==1.2.2", "torch==2.15.0"]
# ///
"""The loop and the prints of CleanRL's off-policy scripts, which have no SPS line where learning has not begun; actions are random."""
import gymnasium as gym

envs = gym.make_vec("Pendulum-v1", num_envs=1, vectorization_mode="sync", wrappers=[gym.wrappers.RecordEpisodeStatistics])
envs.reset(seed=1)
envs.single_action_space.seed(1)
envs.action_space.seed(1)
for global_step in range(4500):
    obs, rewards, terminations, truncations, infos = envs.step(envs.action_space.sample())
    if "episode" in infos:
        print(f"global_step={global_step}, episodic_return={infos['episode']['r']}")
