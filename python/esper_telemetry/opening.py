"""How a run begins: which one this process writes, and what is known at its start."""

from __future__ import annotations

import os
import platform
import socket
import sys
import time
from pathlib import Path
from typing import Any, Dict, Iterable, Mapping, Optional, Union

from . import allocator, run_folder
from .driver_sampler import DriverSampler
from .emitter import Emitter
from .events import JSON, Values, count, plain
from .failures import Failures
from .host_sampler import HostSampler
from .launch import Launch, launch, shared_run_id
from .log_writer import LogWriter
from .memory import MemoryReader
from .run import Run
from .writer_lock import WriterRefused


def start(
    name: str = "run",
    *,
    runs: Union[None, str, "os.PathLike[str]"] = None,
    run_id: Optional[str] = None,
    resume: Optional[str] = None,
    rank: Optional[int] = None,
    world_size: Optional[int] = None,
    algorithm: Optional[str] = None,
    task: Optional[str] = None,
    device: Any = None,
    devices: Union[None, str, int, Iterable[Any]] = None,
    max_batches: Optional[int] = None,
    max_steps: Optional[int] = None,
    config: Optional[Mapping[str, Any]] = None,
    reset_peaks: bool = False,
    sample_host: float = 2.0,
    sample_driver: float = 2.0,
) -> Run:
    """Begins a run, or this rank's part of one, and records that training started.

    Never raises for what the disk or another process does: where the run cannot be opened, one sentence on
    stderr says why, ``Run.path`` is None and nothing is recorded.

    :param name: what people call the run; made safe, it is part of the id.
    :param runs: folder of all runs; else $ESPER_RUNS, else ``runs``.
    :param run_id: id to write under; else $ESPER_RUN_ID. A run of this id that is there already goes on. Left out,
        a single process makes a new one, and the ranks of one launch agree on one (see ``launch.py``).
    :param resume: ``latest``, an id or a name of a run that goes on, ``seq`` and batch counting from its end.
    :param rank: else $RANK, else 0; ``world_size``: else $WORLD_SIZE, else 1.
    :param algorithm: ``PPO``, …; ``task``: environment or data set.
    :param device: the device that trains; left out, CUDA's current one where CUDA is already in use.
    :param devices: devices whose memory is read; left out, those on which this process holds memory
        (see :class:`~esper_telemetry.MemoryReader`).
    :param max_batches: PPO updates that the run is to make; ``max_steps``: steps of a loop that is not PPO.
    :param config: hyperparameters and whatever else tells this run from others.
    :param reset_peaks: peaks of each update instead of the whole run, by resetting torch's, which belong to the process.
    :param sample_host: seconds between samples of RAM and CPU, on the host's first rank; 0 for none.
    :param sample_driver: seconds between samples of the driver's view (nvidia-smi), likewise.
    """
    failures = Failures()
    name = str(name)
    folder = runs_folder(runs)
    try:
        place = launch(rank, world_size)
        reader = MemoryReader(devices, reset_peaks, failures)
        now = time.time()
        path = run_folder.create(
            folder, choose_run(folder, place, name, run_id, resume, now), name, algorithm, task, sys.argv, config, now
        )
        writer = LogWriter(path, place.rank, failures)
        first_seq, at_batch, at_step = run_folder.log_end(writer.path)
        emitter = Emitter(path.name, place.rank, writer, failures, first_seq)
        run = Run(emitter, reader, failures, path, at_batch, at_step)
        started = training_started(name, algorithm, task, device, max_batches, max_steps, place.world_size, config)
        emitter.emit("TRAINING_STARTED", {**started, "resumedAtBatch": at_batch, "resumedAtStep": at_step})
        if place.local_rank == 0 and sample_host > 0:
            run.stop_with(HostSampler(emitter.emit, failures, sample_host))
        if place.local_rank == 0 and sample_driver > 0:
            run.stop_with(DriverSampler(emitter.emit, failures, sample_driver))
        return run
    except (WriterRefused, run_folder.RunNotFound) as refusal:
        failures(f"nothing is recorded: {refusal}")
    except Exception as error:
        failures(f"nothing is recorded, for the run could not be opened in {folder}", error)
    return Run(None, MemoryReader([]), failures)


def runs_folder(runs: Union[None, str, "os.PathLike[str]"]) -> Path:
    """The folder of all runs: as given, else $ESPER_RUNS, else ``runs``."""
    return Path(runs if runs is not None else os.environ.get("ESPER_RUNS") or "runs")


def choose_run(runs: Path, place: Launch, name: str, run_id: Optional[str], resume: Optional[str], now: float) -> str:
    """The id of the run to write: of the one to resume, as given, what the ranks of the launch agree on, or a new one.

    :raises RunNotFound: where there is no run to resume; OSError: where ``runs`` cannot be written.
    """
    given = run_id or os.environ.get("ESPER_RUN_ID")
    if resume:
        return run_folder.find(runs, resume).name
    if given:
        return run_folder.given_run_id(given)
    if place.world_size > 1:
        return shared_run_id(
            runs,
            place,
            name,
            new_id=lambda: run_folder.new_run_id(name, now),
            has_log=lambda run: run_folder.events_path(runs / run, place.rank).exists(),
        )
    return run_folder.new_run_id(name, now)


def training_device(device: Any) -> Optional[str]:
    """The device that trains: as told, else CUDA's current one where CUDA is in use, else None (unknown)."""
    if device is not None:
        return str(device)
    cuda = getattr(allocator.torch_module(), "cuda", None)
    try:
        return f"cuda:{cuda.current_device()}" if cuda is not None and cuda.is_initialized() else None
    except Exception:
        return None


def versions() -> Dict[str, str]:
    """Of Python, and of torch and what it was built for where it is imported."""
    torch = allocator.torch_module()
    told = {"python": platform.python_version()}
    if torch is not None:
        told["torch"] = str(getattr(torch, "__version__", "unknown"))
        for part in ("cuda", "hip"):
            version = getattr(getattr(torch, "version", None), part, None)
            if version:
                told[part] = str(version)
    return told


def training_started(
    name: str,
    algorithm: Optional[str],
    task: Optional[str],
    device: Any,
    max_batches: Optional[int],
    max_steps: Optional[int],
    world_size: int,
    config: Optional[Mapping[str, Any]],
) -> JSON:
    """A ``TrainingStarted`` of the contract."""
    read = Values().read
    backend = allocator.allocator_backend()
    return {
        "name": name,
        "algorithm": algorithm,
        "task": task,
        "maxBatches": read("max_batches", max_batches, count),
        "maxSteps": read("max_steps", max_steps, count),
        "resumedAtBatch": None,
        "resumedAtStep": None,
        "worldSize": world_size,
        "pid": os.getpid(),
        "hostname": socket.gethostname(),
        "device": training_device(device),
        "allocatorBackend": backend,
        "allocatorConf": allocator.allocator_conf(),
        "expandableSegments": None if backend is None else allocator.expandable_segments(),
        "versions": versions(),
        "config": plain(dict(config or {})),
    }
