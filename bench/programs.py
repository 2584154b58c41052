"""Real programs, unchanged, under both commands on the stand-in device: what was recorded and what was answered, as a table.

    python bench/programs.py [NAME…]

Needs the environment ``frameworks`` of scripts/python-environments.sh and a build (npm run build). ``ESPER_PROGRAMS_PYTHON`` names another Python;
without torchvision in it, resnet50 is left out. Exit status 1 where one of them failed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Tuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "python" / "tests")]
from on_standin import MIB, environment, interpreter  # noqa: E402

PYTHON = os.environ.get("ESPER_PROGRAMS_PYTHON") or interpreter("frameworks")
ESPER = ["node", str(ROOT / "dist" / "cli" / "esper.js")]
PROGRAM = str(HERE / "standin" / "programs.py")
NAMES = "gpt2 bert t5 vit sft grpo lora lightning ppo resnet50 nanogpt ddp".split()


def command_of(name: str) -> Tuple[List[str], int]:
    """Its words, and how many devices it asks for."""
    if name == "ddp":
        return [PYTHON, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", PROGRAM, name], 2
    return [PYTHON, PROGRAM, name], 1


def started(command: List[str], folder: str) -> Tuple[int, str, str, float]:
    began = time.monotonic()
    done = subprocess.run(command, cwd=folder, env={**environment(), "ESPER_RUNS": f"{folder}/runs"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stdout, done.stderr, time.monotonic() - began


def recorded(name: str) -> Dict[str, Any]:
    """Under ``esper run``."""
    command, devices = command_of(name)
    with tempfile.TemporaryDirectory() as folder:
        launcher = [PYTHON, "-m", "esper_telemetry.standin", "--quiet", "--memory", "8GiB", "--values", "on", "--devices", str(devices)]
        status, _, errors, seconds = started([*launcher, *ESPER, "run", "--", *command], folder)
        logs = sorted(Path(folder, "runs").glob("*/events-*.jsonl"))
        steps = [json.loads(line) for log in logs[:1] for line in log.read_text().splitlines() if '"STEP_COMPLETED"' in line]
    peaks = [step["data"]["memory"][0]["peakAllocatedBytes"] for step in steps if step["data"].get("memory")]
    losses = [step["data"].get("loss") for step in steps]
    return {
        "problem": f"exit {status}: {(errors.strip().splitlines() or ['?'])[-1]}" if status else None if steps else "no update was recorded",
        "updates": len(steps), "ranks": len(logs), "peak": max([peak for peak in peaks if peak is not None], default=None),
        "losses": sum(loss is not None for loss in losses), "seconds": seconds,
    }  # fmt: skip


def rehearsed(name: str) -> Dict[str, Any]:
    command, devices = command_of(name)
    with tempfile.TemporaryDirectory() as folder:
        status, output, errors, seconds = started([*ESPER, "rehearse", "--json", "--memory", "8GiB", "--gpus", str(devices), "--", *command], folder)
    answer: Dict[str, Any] = json.loads(output) if output else {"problem": (errors.strip().splitlines() or ["?"])[-1]}
    return {**answer, "seconds": seconds, "problem": answer["problem"] or (f"exit {status}" if status else None)}


def main() -> None:
    names = sys.argv[1:] or NAMES
    has_torchvision = subprocess.run([PYTHON, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('torchvision') is None)"]).returncode == 0
    failed = False
    print("| program | `esper run`: updates, ranks, with a loss | peak | seconds | `esper rehearse`: updates | peak | reserved | phase | seconds |\n|---|---|---|---|---|---|---|---|---|")
    for name in names:
        if name == "resnet50" and not has_torchvision:
            print("| resnet50 | left out: no torchvision | | | | | | | |")
            continue
        run, answer = recorded(name), rehearsed(name)
        failed = failed or bool(run["problem"] or answer["problem"])
        left = run["problem"] or f"{run['updates']}, {run['ranks']}, {run['losses']}"
        right = [answer["problem"], "", "", ""] if answer["problem"] else [answer["updates"], _size(answer["peakAllocatedBytes"]), _size(answer["peakReservedBytes"]), answer["peak"]["phase"]]
        print(f"| {name} | {left} | {_size(run['peak'])} | {run['seconds']:.0f} | {' | '.join(map(str, right))} | {answer['seconds']:.0f} |", flush=True)
    sys.exit(failed)


def _size(count: Any) -> str:
    return "–" if count is None else f"{count / MIB:.1f} MiB"


if __name__ == "__main__":
    main()
