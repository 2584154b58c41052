"""Whether reinforcement learning gets as far on the stand-in device as on the CPU with the same seed.

    python bench/standin/learning.py        (torch-current, frameworks)

Stable-Baselines3's PPO (until it has learnt, at most 40,000 steps) and the built-in one (60 updates) on CartPole-v1. Shown are the best mean return of 20 consecutive episodes (or
10 updates), when the mean was first at least 195, and how many returns from the first on are equal. Exit status 1 where one of them does not learn.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List, Optional, Tuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "python" / "tests")]
from on_standin import environment, interpreter  # noqa: E402
from scratch import events_in  # noqa: E402

SOLVED = 195


def program(venv: str, device: str, words: List[str]) -> str:
    env = environment({"CUDA_VISIBLE_DEVICES": ""} if device == "cpu" else None)
    launched = [interpreter(venv), "-m", "esper_telemetry.standin", "--quiet", "--memory", "8GiB", *words]
    return subprocess.run(launched, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


def stable_baselines3(device: str) -> List[float]:
    out = program("frameworks", device, [str(ROOT / "python/tests/standin/trainers.py"), device, "sb3_cartpole"])
    line = next(line for line in out.splitlines() if line.startswith('{"program"'))
    returns: List[float] = json.loads(line)["series"]["returns"]
    return returns


def built_in(device: str) -> List[float]:
    with tempfile.TemporaryDirectory() as runs:
        words = ["--episodes", "60", "--seed", "1", "--device", device, "--quiet", "--runs", runs, "--run-id", "learning"]
        program("torch-current", device, ["-m", "esper_telemetry.ppo", *words])
        events = events_in(Path(runs) / "learning" / "events-0.jsonl")
    values = [event["data"]["rollout"]["episodicReturn"] for event in events if event["type"] == "PPO_UPDATE_COMPLETED"]
    return [value for value in values if value is not None]


def means(returns: List[float], width: int) -> List[float]:
    return [sum(returns[i - width : i]) / width for i in range(width, len(returns) + 1)]


def main() -> int:
    failed = False
    for name, learn, width in (("Stable-Baselines3 PPO", stable_baselines3, 20), ("built-in PPO", built_in, 10)):
        made: Dict[str, List[float]] = {}
        for device in ("cpu", "cuda"):
            began = time.perf_counter()
            made[device] = learn(device)
            averages = means(made[device], width)
            first: Optional[int] = next((i + width for i, mean in enumerate(averages) if mean >= SOLVED), None)
            failed = failed or first is None
            where = "CPU" if device == "cpu" else "stand-in device"
            print(f"{name}, {where}: best mean of {width} {max(averages):.1f}; {SOLVED} at return {first}; {len(made[device])} returns; {time.perf_counter() - began:.0f} s", flush=True)
        pairs: List[Tuple[float, float]] = list(zip(made["cpu"], made["cuda"]))
        equal = next((i for i, (a, b) in enumerate(pairs) if a != b), len(pairs))
        print(f"{name}: the first {equal} of {len(pairs)} returns are equal", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
