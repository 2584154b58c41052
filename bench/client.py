"""Cost of recording one PPO update in Python, beside a peer that writes the same figures, in one run.

    python3 bench/client.py

The peer is torch.utils.tensorboard.SummaryWriter where TensorBoard is installed, else the standard logging module
writing the same JSON to a file. CUDA's memory is read where torch sees a device; without one that part costs
nothing, so the same again with a stand-in that serves CUDA's statistics, which is this client's own share of it.
"""

from __future__ import annotations

import gc
import json
import logging
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "python" / "tests")]

import esper_telemetry as esper  # noqa: E402
from standin_torch import GIB, Card, stats, torch_module  # noqa: E402

ROUNDS, CALLS = 30, 200
FIGURES: Dict[str, Any] = {
    "total_loss": 0.5123, "policy_loss": -0.01021, "value_loss": 1.0231, "entropy": 0.6912, "approx_kl": 0.01234,
    "clip_fraction": 0.1123, "clip_range": 0.2, "learning_rate": 2.5e-4, "epochs": 4, "early_stopped": False,
    "explained_variance": 0.4123, "mean_value": 20.51, "mean_return": 21.25, "grad_norm": 0.3123, "max_grad_norm": 0.5,
    "steps": 1024, "total_steps": 102400, "episodes": 40, "total_episodes": 4000, "episodic_return": 22.51,
    "episodic_length": 22.5, "rollout_ms": 210.51, "update_ms": 95.25, "steps_per_second": 3348.5,
}  # fmt: skip


def microseconds(calls: Dict[str, Callable[[int], object]]) -> "Dict[str, tuple[float, float]]":
    """Median time of one call of each, and its 5th percentile, which the machine's other work hardly touches; rounds take turns, so that
    it meets all alike."""
    times: Dict[str, List[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            gc.collect()
            for i in range(CALLS):
                began = time.perf_counter()
                call(i)
                times[name].append(time.perf_counter() - began)
    return {name: (statistics.median(taken) * 1e6, statistics.quantiles(taken, n=20)[0] * 1e6) for name, taken in times.items()}


def peer(folder: Path) -> "tuple[str, Callable[[int], object]]":
    scalars = {name: value for name, value in FIGURES.items() if not isinstance(value, bool)}
    try:
        from torch.utils.tensorboard import SummaryWriter

        writer = SummaryWriter(str(folder / "tensorboard"))

        def write(step: int) -> None:
            for name, value in scalars.items():
                writer.add_scalar(name, value, step)

        return "tensorboard", write
    except Exception:
        logger = logging.getLogger("bench")
        logger.propagate = False
        logger.setLevel(logging.INFO)
        logger.addHandler(logging.FileHandler(folder / "logging.jsonl"))
        return "logging", lambda step: logger.info(json.dumps({"step": step, "time": time.time(), **FIGURES}))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        other, write = peer(folder)
        quiet: Dict[str, Any] = {"runs": folder / "runs", "sample_host": 0, "sample_driver": 0}
        plain = esper.start("plain", devices=[], **quiet)
        reading = esper.start("reading", devices="cuda:0", **quiet)
        standin = torch_module(Card([stats(4 * GIB, 10 * GIB)]))
        real = sys.modules.get("torch")

        def with_memory(i: int) -> None:
            reading.ppo_update(batch=i, **FIGURES)

        sys.modules["torch"] = standin
        timed = microseconds({other: write, "esper": lambda i: plain.ppo_update(batch=i, **FIGURES), "esper, with a device's memory": with_memory})
        if real is not None:
            sys.modules["torch"] = real
        else:
            del sys.modules["torch"]
        assert plain.failures == reading.failures == 0
        plain.finish()
        reading.finish()
    print(f"median of {ROUNDS * CALLS} calls, Python {sys.version.split()[0]}")
    for called, (cost, least) in timed.items():
        print(f"  {called:32} {cost:7.1f} µs   {cost / timed[other][0]:5.2f} × {other}   5th percentile {least:6.1f} µs")


if __name__ == "__main__":
    main()
