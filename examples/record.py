"""Records what a real CUDA device does, in one command:

    python3 examples/record.py            # on any machine with a CUDA device and PyTorch

The PPO trainer, and loops that leak, fragment, spike and hit the wall on purpose. Each is a run of its own, in a
process of its own, under examples/recordings/, and its run.json says which card, driver and torch, and when. They are
kept to a small part of the card (``--gib``) by set_per_process_memory_fraction, so that nobody else is disturbed.
"""

from __future__ import annotations

import argparse
import datetime
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "python"))

import esper_telemetry as esper  # noqa: E402

MIB, GIB = 2**20, 2**30
STEPS = 60


def provenance(torch: Any, device: Any, gib: float) -> Dict[str, Any]:
    """Card, driver, versions and date: what a reader must know to judge a recording."""
    properties = torch.cuda.get_device_properties(device)
    driver = None
    if shutil.which("nvidia-smi"):
        asked = subprocess.run(
            ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"], capture_output=True, text=True, timeout=30
        )
        driver = (asked.stdout.splitlines() or [None])[0]
    return {
        "card": properties.name,
        "totalBytes": properties.total_memory,
        "capability": f"{properties.major}.{properties.minor}",
        "driver": driver,
        "cuda": torch.version.cuda,
        "hip": torch.version.hip,
        "torch": torch.__version__,
        "python": sys.version.split()[0],
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "limitGib": gib,
    }


def block(torch: Any, device: Any, size: int) -> Any:
    """A tensor of ``size`` bytes, written so that it is really there."""
    return torch.ones(size // 4, dtype=torch.float32, device=device)


def work(torch: Any, device: Any, side: int = 1024) -> float:
    """Something for the device to do, so that a step takes time. :returns: a loss, read: here the step waits."""
    a = torch.randn(side, side, device=device)
    for _ in range(8):
        a = torch.tanh(a @ a / side)
    return float((a * a).mean())


def steady(torch: Any, device: Any, budget: int, step: int, state: Dict[str, Any]) -> None:
    """A model that stays, activations that come and go."""
    state.setdefault("model", block(torch, device, budget // 4))
    activations = [block(torch, device, budget // 16) for _ in range(6)]
    del activations


def leak(torch: Any, device: Any, budget: int, step: int, state: Dict[str, Any]) -> None:
    """As steady, and a little more is kept at every step (a list of losses with their graphs is the usual way)."""
    steady(torch, device, budget, step, state)
    state.setdefault("kept", []).append(block(torch, device, budget // 4 // STEPS))


def spike(torch: Any, device: Any, budget: int, step: int, state: Dict[str, Any]) -> None:
    """As steady, and every 15th step has one long sequence."""
    steady(torch, device, budget, step, state)
    if step % 15 == 0:
        long = block(torch, device, budget // 2)
        del long


def fragment(torch: Any, device: Any, budget: int, step: int, state: Dict[str, Any]) -> None:
    """Blocks of growing sizes, every second of which stays: what is freed between them fits nothing that follows."""
    blocks: List[Any] = state.setdefault("blocks", [])
    size = (12 + step % 20) * MIB
    for _ in range(4):
        if sum(b.numel() * 4 for b in blocks) < budget // 3:
            blocks.append(block(torch, device, size))
            passing = block(torch, device, size // 3)
            state.setdefault("passing", []).append(passing)
    state["passing"] = state["passing"][::2]
    del blocks[::5]


def wall(torch: Any, device: Any, budget: int, step: int, state: Dict[str, Any]) -> None:
    """Batches of ever other sizes near the limit: the cache must be flushed again and again, and at the end it is not enough."""
    state.setdefault("model", block(torch, device, budget // 4))
    share = 0.30 + 0.40 * ((step * 7) % 11) / 11 if step < STEPS else 1.0
    batch = [block(torch, device, int(budget * share / 3)) for _ in range(3)]
    del batch


LOOPS: Dict[str, Callable[[Any, Any, int, int, Dict[str, Any]], None]] = {
    "steady": steady,
    "leak": leak,
    "spike": spike,
    "fragment": fragment,
    "wall": wall,
}


def record(name: str, options: argparse.Namespace) -> int:
    """One recording, in this process."""
    import torch

    device = torch.device("cuda", options.device)
    torch.cuda.set_device(device)
    total = torch.cuda.get_device_properties(device).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, options.gib * GIB / total), device)
    told = {"recording": name, "provenance": provenance(torch, device, options.gib)}
    if name == "ppo":
        return ppo(torch, device, told, options)
    state: Dict[str, Any] = {}
    try:
        with esper.start(
            name, runs=options.out, run_id=f"recorded-{name}", task=name, device=device, max_steps=STEPS, config=told,
            reset_peaks=True, sample_host=1.0, sample_driver=1.0,
        ) as run:  # fmt: skip
            for step in range(1, STEPS + 1):
                began = time.perf_counter()
                LOOPS[name](torch, device, int(options.gib * GIB), step, state)
                loss = work(torch, device)
                run.step(step=step, loss=loss, step_ms=(time.perf_counter() - began) * 1e3)
                time.sleep(0.05)  # so that the driver's samples, one a second, see the run
    except torch.cuda.OutOfMemoryError:
        if name != "wall":
            raise
    return 0


def ppo(torch: Any, device: Any, told: Dict[str, Any], options: argparse.Namespace) -> int:
    """The built-in trainer, as anyone would run it, with its provenance added to run.json."""
    from esper_telemetry import run_folder
    from esper_telemetry.ppo.__main__ import main

    run_folder.create(Path(options.out), "recorded-ppo", "ppo", "PPO", "CartPole-v1", sys.argv, told)
    return main(["--episodes", "40", "--device", str(device), "--runs", options.out, "--run-id", "recorded-ppo", "--name", "ppo", "--reset-peaks", "--quiet"])


def main() -> int:
    parser = argparse.ArgumentParser(description="Records runs of this machine's CUDA device under examples/recordings/.")
    parser.add_argument("--out", default=str(HERE / "recordings"), help="where (%(default)s)")
    parser.add_argument("--device", type=int, default=0, help="CUDA index of the device (%(default)s)")
    parser.add_argument("--gib", type=float, default=2.0, help="memory that a recording may take (%(default)s GiB)")
    parser.add_argument("--only", choices=["ppo", *LOOPS], help=argparse.SUPPRESS)
    options = parser.parse_args()
    problem = unusable(options)
    if problem is not None:
        print(f"esper: {problem}", file=sys.stderr)
        return 1
    if options.only:
        return record(options.only, options)
    made: List[Tuple[str, int]] = []
    for name in ("ppo", *LOOPS):
        shutil.rmtree(Path(options.out) / f"recorded-{name}", ignore_errors=True)
        again = [sys.executable, __file__, "--out", options.out, "--device", str(options.device), "--gib", str(options.gib)]
        made.append((name, subprocess.run([*again, "--only", name], env={**os.environ, "PYTHONUNBUFFERED": "1"}).returncode))
        for left in (Path(options.out) / f"recorded-{name}").glob("*.pt"):
            left.unlink()
    for name, status in made:
        print(f"{name}: {'recorded' if status == 0 else f'failed with {status}'} in {options.out}/recorded-{name}")
    return 0 if all(status == 0 for _, status in made) else 1


def unusable(options: argparse.Namespace) -> "str | None":
    """Why nothing can be recorded here, in one sentence; None where it can."""
    try:
        import torch
    except Exception as error:
        return f"nothing can be recorded here: {sys.executable} has no usable torch ({error})."
    if not torch.cuda.is_available():
        return f"nothing can be recorded here: PyTorch {torch.__version__} sees no CUDA device."
    if options.device >= torch.cuda.device_count():
        return f"there is no cuda:{options.device}: PyTorch sees {torch.cuda.device_count()} devices."
    return None


if __name__ == "__main__":
    sys.exit(main())
