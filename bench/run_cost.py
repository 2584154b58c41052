"""Cost of `esper run` beside the bare command: the same small training alone and under it, on the stand-in device, turn by turn.

    npm run build && python3 bench/run_cost.py [--here] [ROUNDS (5)]

Prints the median time of an update and of the whole command, and their ratios. Needs the environment torch-current of scripts/python-environments.sh;
with ``--here`` the Python that runs it, on this machine's GPU, and beside the small training one whose matrices keep the GPU busy.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List, Tuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "python" / "tests")]
from on_standin import environment, interpreter  # noqa: E402

HERE = "--here" in sys.argv
PYTHON = sys.executable if HERE else interpreter("torch-current")
PROGRAM = """
import json, statistics, sys, time, torch
width, rows = map(int, sys.argv[1:])
model = torch.nn.Sequential(*[torch.nn.Linear(width, width) for _ in range(24)]).cuda()
optimizer = torch.optim.AdamW(model.parameters())
took = []
for step in range(200):
    if step == 20:
        torch.cuda.synchronize()
        first = time.perf_counter()
    began = time.process_time()
    with torch.autocast("cuda", torch.bfloat16, enabled=width > 512):
        loss = model(torch.randn(rows, width, device="cuda")).square().mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    took.append(time.process_time() - began)
    print(f"step {step} loss 1.0", flush=True)
torch.cuda.synchronize()
print(json.dumps({"update": statistics.median(took[20:]), "clock": (time.perf_counter() - first) / 180}))
"""
#: Width and rows of a training by its name.
SIZES = {"small": (512, 64), **({"large": (4096, 8192)} if HERE else {})}


def once(words: List[str], folder: str, size: Tuple[int, int]) -> Dict[str, float]:
    launcher = [] if HERE else [PYTHON, "-m", "esper_telemetry.standin", "--quiet", "--memory", "8GiB", "--values", "off"]
    began = time.monotonic()
    done = subprocess.run(
        [*launcher, *words, PYTHON, "train.py", *map(str, size)], cwd=folder, env={**environment(), "ESPER_RUNS": f"{folder}/runs"}, stdout=subprocess.PIPE, text=True, check=True
    )
    return {**json.loads(done.stdout.splitlines()[-1]), "command": time.monotonic() - began}


def main() -> None:
    rounds = next((int(word) for word in sys.argv[1:] if word.isdigit()), 5)
    ways = {"alone": [], "esper run": ["node", str(ROOT / "dist" / "cli" / "esper.js"), "run", "--"]}
    figures = [("update", "ms of processor time an update", 1e3), *([("clock", "ms an update by the clock", 1e3)] if HERE else []), ("command", "s the whole command", 1)]
    for size, shape in SIZES.items():
        found: Dict[str, List[Dict[str, float]]] = {name: [] for name in ways}
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "train.py").write_text(PROGRAM)
            for _ in range(rounds):
                for name, words in ways.items():
                    found[name].append(once(words, folder, shape))
        for figure, unit, scale in figures:
            alone, under = (statistics.median(one[figure] for one in found[name]) * scale for name in ways)
            pairs = [b[figure] / a[figure] for a, b in zip(found["alone"], found["esper run"])]
            print(f"{size:<6} {unit:<32}alone {alone:8.2f}   esper run {under:8.2f}   ratio {under / alone:.3f} (pairs {min(pairs):.3f} to {max(pairs):.3f})", flush=True)


if __name__ == "__main__":
    main()
