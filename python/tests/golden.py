"""Prints the log of a run in which everything happens, with the client's clock, ids and host fixed.

    python3 python/tests/golden.py > test/golden/python-events.jsonl
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Any, Dict, List
from unittest.mock import Mock, patch

import scratch  # noqa: F401  (finds the package)
from standin_torch import GIB, MIB, Card, Clock, stats, torch_module

from esper_telemetry import out_of_memory
from esper_telemetry.attribution import MemoryAttribution
from esper_telemetry.driver_sampler import parse_counted, parse_processes
from esper_telemetry.emitter import Emitter
from esper_telemetry.failures import Failures
from esper_telemetry.host_sampler import HostReader
from esper_telemetry.log_writer import LogWriter
from esper_telemetry.memory import MemoryReader
from esper_telemetry.opening import training_started
from esper_telemetry.pressure import PressureWatch
from esper_telemetry.run import Run
from esper_telemetry.stack_history import LiveBlock

SCRIPT = [
    stats(round(4.5 * GIB), 10 * GIB, active=5 * GIB, peak=6 * GIB, inactive_split=256 * MIB),
    stats(9 * GIB, 10 * GIB, peak=round(9.5 * GIB), inactive_split=GIB, retries=2),
    stats(9 * GIB, 10 * GIB, retries=1, ooms=1),  # someone has reset the counters
    {},
]
OLD = [stats(GIB, 2 * GIB, version="1.13")]
DRIVER = [
    "2, GPU-01234567-89ab-cdef-0123-456789abcdef, 00000000:65:00.0, 0, 11264, 81559, 97, 61, 512.25, NVIDIA H100 80GB HBM3",
    "2, GPU-11111111-89ab-cdef-0123-456789abcdef, 00000000:66:00.0, 1, 0, 81559, [N/A], 30, [N/A], NVIDIA H100 80GB HBM3",
]
PROCESSES = "GPU-01234567-89ab-cdef-0123-456789abcdef, 4711, 10240, python3\nGPU-01234567-89ab-cdef-0123-456789abcdef, 99, [N/A], Xorg\n"
OOM = (
    "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11 GiB of which 1.00 GiB is free. Including "
    "non-PyTorch memory, this process has 78.00 GiB memory in use. Of the allocated memory 70.00 GiB is allocated by PyTorch, with "
    "16.00 MiB allocated in private pools (e.g., CUDA Graphs), and 6.50 GiB is reserved by PyTorch but unallocated."
)


def full_device(peak: int) -> Dict[str, Any]:
    return {"device": "cuda:0", "peakActiveBytes": peak, "reservedBytes": 10 * GIB, "deviceFreeBytes": 0, "deviceTotalBytes": 10 * GIB}


def lines() -> List[str]:
    """Every event type, with figures of every kind."""
    clock = Clock()
    seconds = count()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "20260103-120000-golden-0000"
        path.mkdir()
        cards = Card(SCRIPT, clock=clock), Card(OLD, uuid=None, pci=None, clock=clock)
        failures = Failures()
        writer = LogWriter(path, 0, failures)
        emitter = Emitter(path.name, 0, writer, failures, clock=lambda: 1767441600 + next(seconds), timer=clock)
        with patch.dict(sys.modules, {"torch": torch_module(*cards)}), patch.dict(os.environ, {"PYTORCH_CUDA_ALLOC_CONF": "max_split_size_mb:512"}):
            run = Run(emitter, MemoryReader(["cuda:0", "cuda:1"], timer=clock), failures, path, timer=clock)
            emitter.emit("TRAINING_STARTED", {**start(), "pid": 4711, "hostname": "host", "versions": {"python": "3.9.0", "torch": "2.4.0"}})
            run.ppo_update(
                batch=1, total_loss=0.5, policy_loss=-0.01, value_loss=1.02, entropy=0.69, approx_kl=0.012, clip_fraction=0.11,
                clip_range=0.2, learning_rate=2.5e-4, epochs=4, early_stopped=False, explained_variance=0.4, mean_value=20.5,
                mean_return=21.25, grad_norm=0.31, max_grad_norm=0.5, steps=1024, total_steps=1024, episodes=40, total_episodes=40,
                episodic_return=22.5, episodic_length=22.5, rollout_ms=210.5, update_ms=95.25, steps_per_second=3348.5,
            )  # fmt: skip
            run.ppo_update(batch=2, policy_loss=math.nan, value_loss=math.inf, entropy=-math.inf, clip_fraction=math.nan, early_stopped=True)
            run.ppo_update(kl_target=0.02, nested={"deep": [1, math.nan]}, name="größe")
            run.step(step=6, episodic_return=-91.25, episodic_length=100, steps=400, total_steps=3200, episodes=4, total_episodes=32)
            run.step(step=7, loss=2.5, learning_rate=1e-3, grad_norm=1.5, step_ms=12.5, samples_per_second=640, tokens_per_second=81920, grad_scale=1024.0)
            run.log({"val/loss": 0.41, "accuracy": math.nan, "note": "größe"}, step=7)
            run.memory("rollout", when="before", role="actor")
            run.checkpoint(path / "checkpoint.pt", batch=3)
            watch = PressureWatch(lambda pressure: "halved the microbatch", 0.9, 0.8, emitter.emit, count(1).__next__)
            for batch, peak in enumerate([9.5, 6, 6, 6, 6, 6, 6], start=3):
                watch.read([full_device(round(peak * GIB))], batch, 100.0 - batch)
            devices: List[Dict[str, Any]] = [(parse_counted(line) or (0, {}))[1] for line in DRIVER]
            for device in devices:
                device["processes"] = parse_processes(PROCESSES).get(device["uuid"], [])
            emitter.emit("DEVICE_SAMPLED", {"devices": devices}, 0.25)
            emitter.emit("HOST_SAMPLED", host(Path(folder)), 0.125)
            refused(MemoryAttribution(emitter.emit, failures, clock))
            run.fail(type("OutOfMemoryError", (RuntimeError,), {})(OOM))
            assert failures.count == 0 and out_of_memory.parse(OOM)["device"] == "cuda:0"
        written = (path / "events-0.jsonl").read_text(encoding="utf-8").splitlines()
        again = LogWriter(path, 0, failures)
        resumed = Run(Emitter(path.name, 0, again, failures, len(written), lambda: 1767441700, clock), MemoryReader([]), failures, path, 3, None, clock)
        resumed.finish("interrupted")
        return (path / "events-0.jsonl").read_text(encoding="utf-8").splitlines()


def refused(attribution: MemoryAttribution) -> None:
    """The lines that held memory when the allocator refused 2 GiB, as torch calls the observer."""
    update, forward = ({"filename": f"/project/{file}", "line": line, "name": name} for file, line, name in (("train.py", 88, "update"), ("net.py", 12, "forward")))
    layer = {"filename": "/v/site-packages/transformers/activations.py", "line": 66, "name": "forward"}
    blocks = [LiveBlock(0, 4 * GIB, [layer, update]), LiveBlock(0, 2 * GIB, [update]), LiveBlock(0, 2 * GIB, [forward, update]), LiveBlock(0, GIB, []), LiveBlock(1, GIB, [update])]
    with patch.object(attribution, "_history", Mock(live_blocks=lambda: blocks)):
        attribution._refused(0, 2 * GIB, 0, 0)


def start() -> Dict[str, Any]:
    found = training_started("golden", "PPO", "CartPole-v1", "cuda:0", 3, None, 1, {"seed": 1, "targetKl": None, "gamma": 0.99})
    return {**found, "resumedAtBatch": 0}


def host(folder: Path) -> Dict[str, Any]:
    (folder / "proc" / "self").mkdir(parents=True)
    (folder / "proc" / "meminfo").write_text("MemTotal: 65536000 kB\nMemAvailable: 32768000 kB\n")
    (folder / "proc" / "stat").write_text("cpu 100 0 0 100 0 0 0 0\n")
    reader = HostReader(str(folder))
    reader.read()
    (folder / "proc" / "stat").write_text("cpu 150 0 0 150 0 0 0 0\n")
    found = reader.read() or {}
    return {**found, "processRssBytes": 1 << 30}


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for text in lines():
        json.loads(text)
        print(text)
