"""Records what a CUDA device does, in one command of at most five minutes:

    python3 examples/gpu_check.py --out DIR            # on any machine with a CUDA device and PyTorch

Seven files of at most 16 MiB each, of which PROVENANCE.json records card, driver, torch, time and revision: the runs of the
trainer and of loops that leak, fragment, spike and hit the wall on purpose; the client's figures beside torch's own, and what an update costs;
texts of out-of-memory errors by allocator; expandable segments beside the usual ones; the allocator's own trace; the driver's rows.
Everything is kept to a small part of the card (``--gib``), so that nobody else is disturbed.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "python"))

import esper_telemetry as esper  # noqa: E402

MIB, GIB = 2**20, 2**30
STEPS = 60
#: Seconds that all of it may take, and bytes that a file may have.
MOST_SECONDS = 300
MOST_BYTES = 16 * MIB


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
        "revision": revision(),
        "isStandIn": "no GPU" in properties.name,
    }


def revision() -> Optional[str]:
    """Of this repository; None outside one."""
    try:
        asked = subprocess.run(["git", "-C", str(HERE), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10)
    except OSError:
        return None
    return asked.stdout.strip() or None


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


def record(name: str, options: argparse.Namespace) -> None:
    """One run, in this process, under ``options.out``."""
    torch, device = begin(options)
    known = {"recording": name, "provenance": provenance(torch, device, options.gib)}
    if name == "ppo":
        return ppo(device, known, options)
    state: Dict[str, Any] = {}
    try:
        with esper.start(
            name, runs=options.out, run_id=f"recorded-{name}", task=name, device=device, max_steps=STEPS, config=known,
            reset_peaks=True, sample_host=1.0, sample_driver=1.0,
        ) as run:  # fmt: skip
            for step in range(1, STEPS + 1):
                began = time.perf_counter()
                LOOPS[name](torch, device, int(options.gib * GIB), step, state)
                loss = work(torch, device)
                run.step(step=step, loss=loss, step_ms=(time.perf_counter() - began) * 1e3)
                time.sleep(0.02)  # so that the driver's samples, one a second, see the run
    except torch.cuda.OutOfMemoryError:
        if name != "wall":
            raise


def ppo(device: Any, known: Dict[str, Any], options: argparse.Namespace) -> None:
    """The built-in trainer, as anyone would run it, with its provenance added to run.json."""
    from esper_telemetry import run_folder
    from esper_telemetry.ppo.__main__ import main

    run_folder.create(Path(options.out), "recorded-ppo", "ppo", "PPO", "CartPole-v1", sys.argv, known)
    words = ["--episodes", "20", "--device", str(device), "--runs", options.out, "--run-id", "recorded-ppo", "--name", "ppo"]
    if main([*words, "--reset-peaks", "--quiet"]) != 0:
        raise SystemExit("esper: the trainer failed.")


def begin(options: argparse.Namespace) -> Any:
    """torch, and the device with its limit set."""
    import torch

    device = torch.device("cuda", options.device)
    torch.cuda.set_device(device)
    total = torch.cuda.get_device_properties(device).total_memory
    if torch.cuda.get_allocator_backend() == "native":
        torch.cuda.set_per_process_memory_fraction(min(1.0, options.gib * GIB / total), device)
    return torch, device


def client(options: argparse.Namespace) -> Any:
    """What the client reads beside torch's own figures, and what reading costs."""
    torch, device = begin(options)
    from esper_telemetry.memory import MemoryReader

    kept = [block(torch, device, n * MIB) for n in (1, 3, 20, 64, 200)]
    del kept[1::2]
    reader, took = MemoryReader(devices=device), []
    reading = reader.read()[0]
    for _ in range(500):
        began = time.perf_counter()
        reader.read()
        took.append((time.perf_counter() - began) * 1e6)
    free, total = torch.cuda.mem_get_info(device)
    return {
        "reading": reading,
        "memoryStats": torch.cuda.memory_stats(device),
        "memGetInfo": {"free": free, "total": total},
        "accelerator": sorted(name for name in dir(getattr(torch, "accelerator", None)) if "memory" in name),
        "readMicroseconds": {"median": statistics.median(took), "p99": sorted(took)[494], "reads": len(took)},
    }


def out_of_memory(options: argparse.Namespace) -> Any:
    """The text of an error, and what the client reads in it. By the allocator of this process."""
    torch, device = begin(options)
    from esper_telemetry.out_of_memory import of_error

    kept: List[Any] = []
    total = torch.cuda.get_device_properties(device).total_memory
    try:
        for _ in range(20):
            kept.append(torch.empty(int(options.gib * GIB) // 5, dtype=torch.uint8, device=device))
        kept.append(torch.empty(total, dtype=torch.uint8, device=device))  # where the allocator knows no limit
    except RuntimeError as error:
        stats = torch.cuda.memory_stats(device)
        return {
            "allocator": os.environ.get("PYTORCH_CUDA_ALLOC_CONF", ""), "class": type(error).__name__, "text": str(error), "read": of_error(error),
            "allocatedBytes": stats.get("allocated_bytes.all.current"), "reservedBytes": stats.get("reserved_bytes.all.current"),
        }  # fmt: skip
    raise SystemExit("esper: the device refused nothing.")


def growth(options: argparse.Namespace) -> Any:
    """Batches that grow: what fits into no former block is what expandable segments are for."""
    torch, device = begin(options)
    rows = []
    for step in range(40):
        size = int(options.gib * GIB) // 8 * (40 + step) // 80
        batch = [block(torch, device, size) for _ in range(4)]
        del batch
        stats = torch.cuda.memory_stats(device)
        rows.append([stats[f"{key}.all.{when}"] for key in ("allocated_bytes", "reserved_bytes") for when in ("current", "peak")] + [stats["num_alloc_retries"]])
    columns = ["allocated", "allocatedPeak", "reserved", "reservedPeak", "retries"]
    return {"allocator": os.environ.get("PYTORCH_CUDA_ALLOC_CONF", ""), "columns": columns, "steps": rows}


def trace(options: argparse.Namespace) -> Any:
    """The allocator's own record of a small network's training: events without stacks, and the segments at the end."""
    torch, device = begin(options)
    torch.cuda.memory._record_memory_history(context=None)
    net = torch.nn.Sequential(torch.nn.Linear(256, 1024), torch.nn.GELU(), torch.nn.Linear(1024, 256)).to(device)
    optimizer = torch.optim.AdamW(net.parameters())
    for step in range(8):
        net(torch.ones(64 + 32 * (step % 3), 256, device=device)).pow(2).mean().backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    snapshot = torch.cuda.memory._snapshot()
    events = [{key: event[key] for key in ("action", "addr", "size", "stream") if key in event} for event in snapshot["device_traces"][options.device]]
    segments = [{key: segment[key] for key in ("address", "total_size", "allocated_size", "segment_type")} for segment in snapshot["segments"]]
    return {"events": events, "segments": segments, "peakAllocatedBytes": torch.cuda.max_memory_allocated(device)}


#: Parts that answer with JSON, by the file that they go into; each allocator in a process of its own.
_EXPANDABLE, _ASYNC = "expandable_segments:True", "backend:cudaMallocAsync"
PARTS: Dict[str, Any] = {
    "client.json": (client, ("",)),
    "out-of-memory.json": (out_of_memory, ("", _EXPANDABLE, _ASYNC)),
    "expandable-segments.json": (growth, ("", _EXPANDABLE)),
    "allocator-trace.json.gz": (trace, ("",)),
}
_QUERIES = {
    "devices": ["--query-gpu=uuid,pci.bus_id,name,driver_version,memory.total,memory.used,memory.free,utilization.gpu,temperature.gpu,power.draw"],
    "processes": ["--query-compute-apps=gpu_uuid,pid,used_memory"],
}


def driver_rows() -> Any:
    """What nvidia-smi prints, row by row, by what it was asked for; null where it is not there or refuses."""
    rows: Dict[str, Any] = {}
    for name, words in _QUERIES.items():
        found = shutil.which("nvidia-smi")
        done = subprocess.run([found, *words, "--format=csv"], capture_output=True, text=True, timeout=30) if found else None
        rows[name] = {"asked": words, "rows": done.stdout.splitlines() if done and done.returncode == 0 else None}
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description="Records what this machine's CUDA device does: seven files, at most five minutes.")
    parser.add_argument("--out", required=True, metavar="DIR", help="where; made if it is not there")
    parser.add_argument("--device", type=int, default=0, help="CUDA index of the device (%(default)s)")
    parser.add_argument("--gib", type=float, default=2.0, help="memory that a part may take (%(default)s GiB)")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args()
    problem = unusable(options)
    if problem is not None:
        print(f"esper: {problem}", file=sys.stderr)
        return 1
    if options.only in PARTS:
        print(json.dumps(PARTS[options.only][0](options)))
        return 0
    if options.only:
        record(options.only, options)
        return 0
    return everything(options)


def everything(options: argparse.Namespace) -> int:
    began = time.monotonic()
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    failed: List[str] = []

    def part(name: str, folder: str, allocator: str = "") -> str:
        """Its own process; what it printed."""
        left = MOST_SECONDS - (time.monotonic() - began)
        again = [sys.executable, __file__, "--out", folder, "--device", str(options.device), "--gib", str(options.gib), "--only", name]
        env = {**os.environ, "PYTHONUNBUFFERED": "1", **({"PYTORCH_CUDA_ALLOC_CONF": allocator} if allocator else {})}
        try:
            done = subprocess.run(again, env=env, stdout=subprocess.PIPE, text=True, timeout=max(1.0, left))
        except subprocess.TimeoutExpired:
            failed.append(f"{name} {allocator}".strip() + ": no time was left")
            return ""
        if done.returncode != 0:
            failed.append(f"{name} {allocator}".strip() + f": failed with {done.returncode}")
        return done.stdout if done.returncode == 0 else ""

    for file, (_, allocators) in PARTS.items():
        answers = [json.loads(text) for text in (part(file, str(out), allocator) for allocator in allocators) if text]
        write(out / file, answers)
    write(out / "nvidia-smi.json", driver_rows())
    with tempfile.TemporaryDirectory() as runs:
        for name in ("ppo", *LOOPS):
            part(name, runs)
        with tarfile.open(out / "runs.tar.gz", "w:gz") as archive:
            for path in sorted(Path(runs).glob("recorded-*/*")):
                if path.suffix in (".json", ".jsonl"):
                    archive.add(path, f"{path.parent.name}/{path.name}")
    import torch

    seconds = round(time.monotonic() - began, 1)
    write(out / "PROVENANCE.json", {**provenance(torch, options.device, options.gib), "seconds": seconds, "failed": failed})
    for path in sorted(out.iterdir()):
        if path.stat().st_size > MOST_BYTES:
            failed.append(f"{path.name}: {path.stat().st_size} bytes are more than {MOST_BYTES}")
    for line in failed:
        print(f"esper: {line}", file=sys.stderr)
    print(f"{len(list(out.iterdir()))} files in {out}, in {seconds} s")
    return 1 if failed else 0


def write(path: Path, answers: Any) -> None:
    text = json.dumps(answers, indent=None if path.suffix == ".gz" else 1)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode("utf-8"), mtime=0))
    else:
        path.write_text(text + "\n", encoding="utf-8")


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
