"""Trainings of many shapes (bench/standin/shapes.py), each on the CPU, on the stand-in device, and rehearsed: are its losses those of the CPU, and is the peak of the rehearsal
the one that the program has by itself?

    python bench/shapes.py [NAME…] [--environment torch-current] [--at-once 2]

Needs that environment of scripts/python-environments.sh. Prints a Markdown table; exit status 1 where one is wrong.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, List, Tuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "python" / "tests")]
from on_standin import environment, interpreter  # noqa: E402

SHAPES = HERE / "standin" / "shapes.py"


def played(python: str, names: List[str]) -> Dict[str, Dict[str, Dict[str, Any]]]:
    """What each shape came to, by its name and device."""
    words = [python, "-m", "esper_telemetry.standin", "--quiet", "--memory", "4GiB", "--values", "on", str(SHAPES), *names]
    done = subprocess.run(words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    found: Dict[str, Dict[str, Dict[str, Any]]] = {}
    for line in done.stdout.splitlines():
        if line.startswith('{"name"'):
            one = json.loads(line)
            found.setdefault(one["name"], {})[one["device"]] = one
    return found


def rehearsed(python: str, name: str) -> Dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        words = [python, "-m", "esper_telemetry", "rehearse", "--json", "--steps", "all", "--memory", "4GiB", "--", python, str(SHAPES), name, "cuda"]
        done = subprocess.run(words, cwd=folder, env={**environment(), "ESPER_RUNS": f"{folder}/runs"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    found: Dict[str, Any] = json.loads(done.stdout) if done.stdout else {"problem": (done.stderr.strip().splitlines() or ["?"])[-1]}
    return found


def judged(python: str, name: str, here: Dict[str, Any], there: Dict[str, Any]) -> Tuple[str, str, str, bool]:
    """Name, what was compared of the losses, of the peak, and whether all is right."""
    problem = here.get("problem") or there.get("problem")
    if problem:
        return name, problem, "", False
    if not there["losses"]:
        return name, "left out: it needs Triton", "", True
    answer = rehearsed(python, name)
    pairs = [(a, b) for a, b in zip(here["losses"], there["losses"]) if a is not None and b is not None]
    same = len(here["losses"]) == len(there["losses"]) and all(math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-5) for a, b in pairs)
    losses = f"{len(pairs)} alike" if same and pairs else "none to compare" if same else f"{there['losses']}, not {here['losses']}"
    if answer["problem"]:
        return name, losses, answer["problem"], False
    peak = answer["peakAllocatedBytes"]
    return name, losses, f"{peak:,}" if peak == there["peak"] else f"{peak:,}, by itself {there['peak']:,}", same and peak == there["peak"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--environment", default="torch-current")
    parser.add_argument("--at-once", type=int, default=2)
    chosen = parser.parse_args()
    os.nice(19)
    python = interpreter(chosen.environment)
    found = played(python, chosen.names)
    print("| shape | losses as on the CPU | peak of the rehearsal, bytes | right |\n|---|---|---|---|", flush=True)
    right = 0
    with ThreadPoolExecutor(chosen.at_once) as pool:
        for name, losses, peak, is_right in pool.map(lambda name: judged(python, name, found[name]["cpu"], found[name]["cuda"]), found):
            right += is_right
            print(f"| {name} | {losses} | {peak} | {'yes' if is_right else '**no**'} |", flush=True)
    print(f"\nright: {right} of {len(found)}")
    sys.exit(right != len(found))


if __name__ == "__main__":
    main()
