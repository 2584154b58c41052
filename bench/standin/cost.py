"""What a program costs on the stand-in device, beside the same program on the CPU; and what starting one costs.

    python bench/standin/cost.py [ENVIRONMENT]        (torch-current)

Each program runs in a process of its own, one thread: processor time of a step (median), memory that was resident at most, and on the device
what PyTorch had allocated at its peak. Rounds take turns, so that the machine's other work meets all alike; the least of each is shown.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "python" / "tests")]
from on_standin import interpreter  # noqa: E402

ROUNDS = 3

#: Steps until there are enough, or 4 seconds are over.
LOOP = """
import json, resource, statistics, sys, time
import torch
from torch import nn
device = sys.argv[1]
torch.manual_seed(0)
torch.set_num_threads(1)
def loop(step, steps):
    step()
    times, began = [], time.process_time()
    while len(times) < steps and time.process_time() - began < 4:
        at = time.process_time()
        step()
        times.append(time.process_time() - at)
    peak = torch.cuda.max_memory_allocated() if device == "cuda" else None
    print(json.dumps({"seconds": statistics.median(times), "resident": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10, "peak": peak}))
"""

PROGRAMS: Dict[str, str] = {
    "network of 4,610 parameters, batch 64": """
net = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 2)).to(device)
optimizer = torch.optim.Adam(net.parameters())
x, y = torch.randn(64, 4).to(device), torch.randint(0, 2, (64,)).to(device)
def step():
    loss = nn.functional.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 0.5)
    optimizer.step()
loop(step, 200)
""",
    "network of 33.6 M parameters, batch 512": """
net = nn.Sequential(nn.Linear(1024, 8192), nn.ReLU(), nn.Linear(8192, 3072)).to(device)
optimizer = torch.optim.Adam(net.parameters())
x, y = torch.randn(512, 1024).to(device), torch.randint(0, 3072, (512,)).to(device)
def step():
    loss = nn.functional.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
loop(step, 100)
""",
    "transformer of 7.4 M parameters, 8 × 256 tokens": """
layer = nn.TransformerEncoderLayer(256, 4, 1024, batch_first=True)
net = nn.Sequential(nn.Embedding(8000, 256), nn.TransformerEncoder(layer, 4), nn.Linear(256, 8000)).to(device)
optimizer = torch.optim.AdamW(net.parameters())
tokens = torch.randint(0, 8000, (8, 257)).to(device)
def step():
    loss = nn.functional.cross_entropy(net(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
loop(step, 50)
""",
}

START = """
import json, resource, sys, time
began = time.perf_counter()
import torch
if sys.argv[1] == "cuda":
    torch.zeros(1, device="cuda")
use = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": use.ru_utime + use.ru_stime, "resident": use.ru_maxrss << 10}))
"""


def once(python: str, way: List[str], device: str, code: str) -> Dict[str, Any]:
    done = subprocess.run(
        [python, *way, "-c", code, device],
        env={**os.environ, "PYTHONPATH": str(ROOT / "python"), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.strip().splitlines()[-1])  # type: ignore[no-any-return]


def least(runs: List[Dict[str, Any]], figure: str) -> Any:
    found = [run[figure] for run in runs if run.get(figure) is not None]
    return min(found) if found else None


def main() -> int:
    environment = sys.argv[1] if sys.argv[1:] else "torch-current"
    python = interpreter(environment)
    if not Path(python).exists():
        print(f"cost: no environment {environment}: scripts/python-environments.sh makes it", file=sys.stderr)
        return 2
    launcher = ["-m", "esper_telemetry.standin", "--quiet", "--memory", "24GiB", "--values"]
    ways = {
        "CPU": ([], "cpu"),
        "stand-in, values off": ([*launcher, "off"], "cuda"),
        "stand-in, values on": ([*launcher, "on"], "cuda"),
    }
    # The CPU's PyTorch needs NVIDIA's libraries to be there, by name: the stand-in's are, in every one of these runs.
    ways["CPU"] = ([*launcher, "off"], "cpu")
    print(
        f"{environment}\n| program | on | a step | beside the CPU | resident | allocated on the device |\n|---|---|---|---|---|---|"
    )
    for name, program in PROGRAMS.items():
        runs: Dict[str, List[Dict[str, Any]]] = {way: [] for way in ways}
        for _ in range(ROUNDS):
            for way, (arguments, device) in ways.items():
                runs[way].append(once(python, arguments, device, LOOP + program))
        base = least(runs["CPU"], "seconds")
        for way in ways:
            seconds, resident, peak = (least(runs[way], figure) for figure in ("seconds", "resident", "peak"))
            on_device = "" if peak is None else f"{peak / 2**20:,.1f} MiB"
            print(
                f"| {name} | {way} | {seconds * 1e3:.2f} ms | {seconds / base:.3g} | {resident / 2**20:,.0f} MiB | {on_device} |",
                flush=True,
            )
    print("\n| start: processor time until | s | resident |\n|---|---|---|")
    for name, way in {
        "torch is imported": "CPU",
        "the first tensor is on the device": "stand-in, values off",
        "… with values": "stand-in, values on",
    }.items():
        arguments, device = ways[way]
        runs_ = [once(python, arguments, device, START) for _ in range(ROUNDS)]
        print(f"| {name} | {least(runs_, 'seconds'):.2f} | {least(runs_, 'resident') / 2**20:,.0f} MiB |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
