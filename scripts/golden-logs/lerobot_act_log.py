# /// script
# requires-python = "==3.12.*"
# dependencies = ["lerobot[training]==0.6.1"]
# ///
# cut: /Could not load libtorchcodec/,/^.end of libtorchcodec/d; /ot_train.py:[0-9]* {'/,/}$/d
"""LeRobot: `lerobot-train` of 60 steps of ACT on recordings without pictures, with evaluations, on the stand-in device."""
import os
import sys
from importlib.metadata import version

os.environ |= {"HF_HUB_OFFLINE": "1"}
import numpy as np
from lerobot.datasets.lerobot_dataset import LeRobotDataset
from lerobot.scripts.lerobot_train import main

print("lerobot", version("lerobot"), flush=True)
rng = np.random.default_rng(0)
sizes = {"observation.state": 2, "observation.environment_state": 4, "action": 2}
features = {key: {"dtype": "float32", "shape": (n,), "names": [f"{key[0]}{i}" for i in range(n)]} for key, n in sizes.items()}
recorded = LeRobotDataset.create(repo_id="local/tiny", fps=10, root="data", features=features, use_videos=False)
for _ in range(4):
    for t in range(30):
        state = np.array([np.sin(t / 5), np.cos(t / 5)], dtype=np.float32)
        around = rng.random(4, dtype=np.float32)
        recorded.add_frame({"observation.state": state, "observation.environment_state": around, "action": state * 2, "task": "turn"})
    recorded.save_episode()
recorded.finalize()
sys.argv = ["lerobot-train", "--dataset.repo_id=local/tiny", "--dataset.root=data", "--dataset.eval_split=0.25", "--policy.type=act"]
sys.argv += ["--policy.push_to_hub=false", "--policy.device=cuda", "--output_dir=out", "--job_name=tiny", "--wandb.enable=false", "--steps=60"]
sys.argv += ["--log_freq=10", "--eval_steps=20", "--save_freq=40", "--batch_size=4", "--num_workers=0", "--policy.optimizer_lr=1e-3"]
sys.argv += ["--policy.dim_model=32", "--policy.n_heads=2", "--policy.dim_feedforward=64", "--policy.n_encoder_layers=1"]
sys.argv += ["--policy.n_vae_encoder_layers=1", "--policy.chunk_size=8", "--policy.n_action_steps=8"]
main()
