"""Trainers that people run learn on the stand-in device what they learn on the CPU with the same seed."""

from __future__ import annotations

import functools
import json
import math
import subprocess
import unittest
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from on_standin import environment, interpreter, needs

PROGRAMS = Path(__file__).resolve().parent / "standin" / "trainers.py"


#: Each starts its processes itself.
ALONE = ("generate", "sft", "grpo", "lora", "accelerate", "lightning", "sb3_ppo", "sb3_a2c", "sb3_dqn", "sb3_sac", "sb3_td3")
TWO_PROCESSES = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


def lines(devices: str, *names: str, launcher: Sequence[str] = (), options: Sequence[str] = (), env: Optional[Dict[str, str]] = None) -> List[Dict[str, Any]]:
    """What trainers.py prints of each program, all in one process, because imports take longer than they do."""
    command = [interpreter("frameworks"), "-m", "esper_telemetry.standin", "--quiet", "--memory", "8GiB", "--values", "on", *options, *launcher, str(PROGRAMS), devices, *names]
    done = subprocess.run(command, env=environment(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=900)
    if done.returncode != 0:
        raise AssertionError(f"exit {done.returncode} on {devices}: {done.stderr[-3000:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"program"')]


@functools.lru_cache(maxsize=None)
def run(device: str) -> Dict[str, Dict[str, Any]]:
    """Those of one process, by name; on the CPU without any device."""
    made = lines(device, *ALONE, env={"CUDA_VISIBLE_DEVICES": ""} if device == "cpu" else None)
    return {line["program"]: line for line in made}


def numbers(series: Any) -> List[Any]:
    """All of a series, flat, in order."""
    if isinstance(series, dict):
        return [number for name in sorted(series) for number in numbers(series[name])]
    return [number for part in series for number in numbers(part)] if isinstance(series, list) else [series]


@needs("frameworks", "torch-current")
class Trainers(unittest.TestCase):
    """Equal but for rounding: sums on the CPU's and the device's layout may round differently."""

    def alike(self, here: Dict[str, Dict[str, Any]], there: Dict[str, Dict[str, Any]], *names: str) -> None:
        for name in names:
            with self.subTest(name):
                a, b = numbers(here[name]["series"]), numbers(there[name]["series"])
                self.assertGreater(len([x for x in a if x is not None]), 7)
                self.assertEqual(len(a), len(b))
                for x, y in zip(a, b):
                    self.assertTrue(x == y or math.isclose(x, y, rel_tol=1e-3, abs_tol=1e-5), f"{here[name]['series']}\n{there[name]['series']}")
                self.assertEqual(there[name]["reads"], [], "nothing that was not computed is looked at")
                self.assertGreater(there[name]["peak"], 0)

    def test_hugging_faces(self) -> None:
        """Sampling, TRL's SFT with packing and GRPO, LoRA, Accelerate."""
        here, there = run("cpu"), run("cuda")
        self.alike(here, there, "generate", "sft", "grpo", "lora", "accelerate")
        self.assertEqual(len(there["grpo"]["series"]["loss"]), 3)

    def test_lightning(self) -> None:
        self.alike(run("cpu"), run("cuda"), "lightning")

    def test_stable_baselines3(self) -> None:
        """On-policy and off-policy: losses of every update and the return of every episode."""
        self.alike(run("cpu"), run("cuda"), "sb3_ppo", "sb3_a2c", "sb3_dqn", "sb3_sac", "sb3_td3")

    def test_two_processes_over_gloo(self) -> None:
        here, there = lines("cpu,cuda", "ddp", launcher=TWO_PROCESSES, options=("--devices", "2"))
        self.alike({"ddp": here}, {"ddp": there}, "ddp")
        self.assertEqual(there["series"]["same weights"], [True, True])


if __name__ == "__main__":
    unittest.main()
