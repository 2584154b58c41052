# /// script
# dependencies = ["sheeprl==0.8.4", "torch==2.15.0"]
# ///
# cut: /^CONFIG/,/^Seed set/{/^Seed set/!{/total_steps/!d}}
"""SheepRL: its PPO on CartPole, on the stand-in device."""
import sys
from importlib.metadata import version

from sheeprl.cli import run

print("sheeprl", version("sheeprl"), flush=True)
sys.argv = ["sheeprl", "exp=ppo", "env=gym", "env.id=CartPole-v1", "env.capture_video=False", "env.num_envs=2", "env.sync_env=True"]
sys.argv += ["algo.total_steps=512", "algo.rollout_steps=64", "algo.per_rank_batch_size=32", "algo.update_epochs=2", "buffer.memmap=False"]
sys.argv += ["metric.log_every=256", "checkpoint.every=512", "fabric.accelerator=cuda", "seed=0"]
run()
