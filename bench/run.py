"""What `esper run` costs a training: the same loop bare, attached, and with the client's own call in its code.

    python3 bench/run.py

A small network on the stand-in device (no GPU, values off), so that what Esper adds is not hidden by work: microseconds a step, medians
of rounds that take turns. Needs the environment torch-current of scripts/python-environments.sh.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Dict, List

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "python" / "tests")]
from on_standin import command, environment  # noqa: E402

ROUNDS = 3
LOOP = """
import json, statistics, sys, time, torch
from torch import nn
model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 64)).cuda()
optimizer = torch.optim.AdamW(model.parameters())
x = torch.randn(32, 64, device="cuda")
run = None
if "--call" in sys.argv:
    import esper_telemetry as esper
    run = esper.start("bench")
times = []
for step in range(1200):
    began = time.perf_counter()
    loss = (model(x) - x).square().mean()
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    if run is not None: run.step()
    times.append(time.perf_counter() - began)
print(json.dumps(statistics.median(times[200:]) * 1e6))
"""


def microseconds(way: str, folder: str) -> float:
    env = environment({"ESPER_RUNS": f"{folder}/runs"})
    if way == "attached":
        site = ROOT / "python" / "esper_telemetry" / "attach" / "site"
        os.makedirs(f"{folder}/session", exist_ok=True)
        Path(folder, "session", "printed.jsonl").touch()
        env = {**env, "ESPER_ATTACH": f"{folder}/session", "PYTHONPATH": f"{site}{os.pathsep}{env['PYTHONPATH']}"}
    arguments = ["--call"] if way == "called" else []
    done = subprocess.run(command("torch-current", [], ["-c", LOOP, *arguments]), env=env, stdout=subprocess.PIPE, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    found: Dict[str, List[float]] = {"bare": [], "attached": [], "called": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for way, times in found.items():
                times.append(microseconds(way, folder))
    bare = statistics.median(found["bare"])
    for way, times in found.items():
        middle = statistics.median(times)
        print(f"{way:<10}{middle:8.0f} µs a step  {middle / bare:5.2f} of bare  {middle - bare:+8.0f} µs")


if __name__ == "__main__":
    main()
