"""Cost of `esper run` beside the bare command: the same small training alone and under it, on the stand-in device, turn by turn.

    npm run build && python3 bench/run_cost.py [ROUNDS (5)]

Prints the median time of an update and of the whole command, and their ratios. Needs the environment torch-current of scripts/python-environments.sh.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Dict, List

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "python" / "tests")]
from on_standin import environment, interpreter  # noqa: E402

PYTHON = interpreter("torch-current")
PROGRAM = """
import json, statistics, time, torch
model = torch.nn.Sequential(*[torch.nn.Linear(512, 512) for _ in range(24)]).cuda()
optimizer = torch.optim.AdamW(model.parameters())
took = []
for step in range(200):
    began = time.process_time()
    loss = model(torch.randn(64, 512, device="cuda")).square().mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    took.append(time.process_time() - began)
    print(f"step {step} loss 1.0", flush=True)
print(json.dumps({"update": statistics.median(took[20:])}))
"""


def once(words: List[str], folder: str) -> Dict[str, float]:
    launcher = [PYTHON, "-m", "esper_telemetry.standin", "--quiet", "--memory", "8GiB", "--values", "off"]
    began = time.monotonic()
    done = subprocess.run(
        [*launcher, *words, PYTHON, "train.py"], cwd=folder, env={**environment(), "ESPER_RUNS": f"{folder}/runs"}, stdout=subprocess.PIPE, text=True, check=True
    )
    return {"update": json.loads(done.stdout.splitlines()[-1])["update"], "command": time.monotonic() - began}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    ways = {"alone": [], "esper run": ["node", str(ROOT / "dist" / "cli" / "esper.js"), "run", "--"]}
    found: Dict[str, List[Dict[str, float]]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "train.py").write_text(PROGRAM)
        for _ in range(rounds):
            for name, words in ways.items():
                found[name].append(once(words, folder))
    for figure, unit, scale in (("update", "ms of processor time an update", 1e3), ("command", "s the whole command", 1)):
        alone, under = (statistics.median(one[figure] for one in found[name]) * scale for name in ways)
        pairs = [b[figure] / a[figure] for a, b in zip(found["alone"], found["esper run"])]
        print(f"{unit:<32}alone {alone:8.2f}   esper run {under:8.2f}   ratio {under / alone:.3f} (pairs {min(pairs):.3f} to {max(pairs):.3f})")


if __name__ == "__main__":
    main()
