# /// script
# dependencies = ["sample-factory==2.1.1", "torch==2.15.0"]
# ///
# cut: /no version information/d; /^\(help\|algo\)=/d; /^env=/,/^train_for_env/{/^train_for_env/!d}; /^train_for_seconds/,/^git_repo_name/d
"""Sample Factory: its example of Gymnasium on CartPole, on the CPU."""
import sys
from importlib.metadata import version

from sf_examples.train_gym_env import main

if __name__ == "__main__":
    print("sample-factory", version("sample-factory"))
    settings = {
        "algo": "APPO",
        "env": "CartPole-v1",
        "experiment": "tiny",
        "device": "cpu",
        "num_workers": 2,
        "num_envs_per_worker": 2,
        "train_for_env_steps": 6000,
        "use_rnn": False,
        "encoder_mlp_layers": 16,
        "batch_size": 256,
        "rollout": 32,
        "seed": 0,
        "with_wandb": False,
        "log_to_file": False,
    }
    sys.argv = ["train_gym_env", *(f"--{key}={value}" for key, value in settings.items())]
    main()
