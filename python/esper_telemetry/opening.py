"""How a run begins: which one this process writes, and what is known at its start."""

from __future__ import annotations

import os
import platform
import socket
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Optional, TypeVar, Union

from . import allocator, run_folder
from .attribution import MemoryAttribution, is_wanted
from .config_file import configured_runs
from .device_identity import shown_name
from .driver_sampler import DriverSampler
from .emitter import Emitter
from .events import JSON, Values, mapping, plain, text_of
from .failures import Failures, from_signal_handler
from .host_sampler import HostSampler
from .launch import Launch, launch, shared_run_id
from .log_end import log_end
from .log_writer import LogWriter
from .memory import MemoryReader
from .ray_worker import own_command
from .run import Run
from .secrets import clear_config
from .writer_lock import WriterRefused

T = TypeVar("T")

#: Seconds between two samples of the host and of the driver, by default; and at most.
SAMPLE_SECONDS = 2.0
MOST_SECONDS = 86_400.0

#: Is given each run that :func:`start` begins.
on_start: Optional[Callable[[Run], None]] = None
#: Records lines already; the next run that begins takes it.
early_attribution: Optional[MemoryAttribution] = None


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
    config: Any = None,
    reset_peaks: bool = False,
    sample_host: Optional[float] = SAMPLE_SECONDS,
    sample_driver: Optional[float] = SAMPLE_SECONDS,
    attribution: Optional[bool] = None,
    _whole_process: bool = False,
    _windows_apart: Optional[int] = None,
    _command: Optional[List[str]] = None,
) -> Run:
    """Begins a run, or this rank's part of one, and records that training started.

    Never raises for what the disk or another process does: where the run cannot be opened, one sentence on
    the reason goes to stderr, ``Run.path`` is None and nothing is recorded. An argument that cannot be used is left out, and counted.

    :param name: what people call the run; made safe, it is part of the id.
    :param runs: folder of all runs; else $ESPER_RUNS, else that of ``esper.config.json``, else ``runs``.
    :param run_id: id to write under; else $ESPER_RUN_ID. A run of this id that is there already goes on. Left out,
        a single process makes a new one, and the ranks of one launch agree on one (see ``launch.py``).
    :param resume: ``latest``, an id or a name of a run that goes on, ``seq`` and batch counting from its end.
    :param rank: else $RANK, else 0; ``world_size``: else $WORLD_SIZE, else 1.
    :param algorithm: ``PPO``, …; ``task``: environment or data set.
    :param device: the device that trains; left out, CUDA's current one where CUDA is already in use.
    :param devices: devices whose memory is read; left out, those on which this process holds memory
        (see :class:`~esper_telemetry.MemoryReader`).
    :param max_batches: PPO updates that the run is to make; ``max_steps``: steps of a loop that is not PPO.
    :param config: hyperparameters and whatever else distinguishes this run from others: a mapping, a dataclass, an argparse.Namespace.
    :param reset_peaks: peaks of each update instead of the whole run, by resetting torch's, which belong to the process.
    :param sample_host: seconds between samples of RAM and CPU, on the host's first rank; 0 for none.
    :param sample_driver: seconds between samples of the driver's view (nvidia-smi), likewise.
    :param attribution: records which lines hold the device's memory, over windows of a few updates that it chooses, within 1% of
        the training's time (see :mod:`~esper_telemetry.attribution`); left out: where $ESPER_LINES is set. It turns PyTorch's own memory
        history on and off.
    """
    failures = Failures()
    given = Arguments(failures)
    name = given.text("name", name) or "run"
    folder: Optional[Path] = None
    try:
        folder = given.runs(runs)
        place = given.read("rank, world_size", lambda: launch(rank, world_size), launch)
        reader = given.read("devices", lambda: MemoryReader(devices, bool(reset_peaks), failures), lambda: MemoryReader(None, False, failures))
        if not _whole_process:  # attached, the run is that of the process, whose first refusals may come before its first step
            reader.begin()
        algorithm, task = given.text("algorithm", algorithm), given.text("task", task)
        settings = given.settings(config)
        now = time.time()
        run_name = choose_run(folder, place, name, given.text("run_id", run_id), given.text("resume", resume), now)
        path = run_folder.create(folder, run_name, name, algorithm, task, _command or own_command(), settings, now)
        writer = LogWriter(path, place.rank, failures)
        end = log_end(writer.path)
        emitter = Emitter(path.name, place.rank, writer, failures, end.next_seq)
        run = Run(emitter, reader, failures, path, end.batch, end.step)
        most = given.counts(max_batches=max_batches, max_steps=max_steps)
        started = training_started(name, algorithm, task, device, most["max_batches"], most["max_steps"], place.world_size, settings)
        emitter.emit("TRAINING_STARTED", {**started, "resumedAtBatch": end.batch, "resumedAtStep": end.step})
        every_host = given.seconds("sample_host", sample_host)
        every_driver = given.seconds("sample_driver", sample_driver)
        if place.local_rank == 0 and every_host > 0:
            run.stop_with(HostSampler(emitter.emit, failures, every_host))
        if place.local_rank == 0 and every_driver > 0:
            run.stop_with(DriverSampler(emitter.emit, failures, every_driver))
        recorder = _attribution(given.read("attribution", lambda: is_wanted() if attribution is None else bool(attribution), lambda: False), emitter, failures, _windows_apart)
        if recorder is not None:
            run.act_with(lambda _: recorder)
            run.stop_with(recorder)
        if on_start is not None:
            on_start(run)
        return run
    except (WriterRefused, run_folder.RunNotFound) as refusal:
        failures(f"nothing is recorded: {refusal}")
    except Exception as error:
        failures(f"nothing is recorded, for the run could not be opened in {folder or 'the folder of all runs'}", error)
    return Run(None, MemoryReader([]), failures)


def _attribution(is_asked: bool, emitter: Emitter, failures: Failures, apart: Optional[int]) -> Optional[MemoryAttribution]:
    """What records lines for a run that has begun; None where nothing does."""
    global early_attribution
    early, early_attribution = early_attribution, None
    if early is None:
        return MemoryAttribution(emitter.emit, failures, apart=apart) if is_asked else None
    if not is_asked:
        early.stop()
        return None
    early.begin(emitter.emit, failures)
    return early


class Arguments:
    """Reads what the caller passed: one that is of no use costs itself, is counted, and the run begins without it."""

    def __init__(self, failures: Failures):
        self._failures = failures

    def read(self, name: str, read: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """What ``read`` returns; ``otherwise`` where it raises."""
        try:
            return read()
        except Exception as error:
            self._failures(f"{name} cannot be used and was left out", error)
            return otherwise()

    def text(self, name: str, value: Any) -> Optional[str]:
        return self.read(name, lambda: None if value is None else str(value), lambda: None)

    def runs(self, value: Any) -> Path:
        def of_text() -> Path:
            if value is not None and not os.fspath(value):
                raise ValueError("it is empty")
            return runs_folder(value if value is None else os.fsdecode(value))

        return self.read("runs", of_text, lambda: runs_folder(None))

    def settings(self, config: Any) -> JSON:
        """The caller's configuration as plain JSON, whatever it is kept in."""
        found = self.read("config", lambda: mapping(config), dict)
        refuse: Callable[[Any, Exception], None] = lambda value, error: self._failures(  # noqa: E731
            f"a {type(value).__name__} in config cannot be read and was left out", error
        )
        read: JSON = clear_config(plain(found, refuse))
        return read

    def counts(self, **values: Any) -> Dict[str, Optional[int]]:
        read = Values()
        counts = {name: None if value is None else read.number_of(name, value, -1) for name, value in values.items()}
        for name, why in read.refused:
            self._failures(f"{name} cannot be used and was left out", why)
        return {name: None if number == -1 else number for name, number in counts.items()}

    def seconds(self, name: str, value: Any) -> float:
        """0 for none."""

        def read() -> float:
            number = 0.0 if value is None else float(value)
            if number != number or number > MOST_SECONDS:
                raise ValueError(f"{number} is no interval")
            return number

        return self.read(name, read, lambda: SAMPLE_SECONDS)


def runs_folder(runs: Union[None, str, "os.PathLike[str]"]) -> Path:
    """The folder of all runs, absolute, so that a later chdir does not move it: as given, else $ESPER_RUNS, else of the configuration, else ``runs``.

    :raises OSError: where the path is relative and there is no working folder any more.
    """
    return Path(os.path.abspath(runs if runs is not None else os.environ.get("ESPER_RUNS") or configured_runs() or "runs"))


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
            new_id=lambda: run_folder.claim_new_run(runs, name, now),
            has_log=lambda run: run_folder.events_path(runs / run, place.rank).exists(),
        )
    return run_folder.claim_new_run(runs, name, now)


def training_device(device: Any) -> Optional[str]:
    """The device that trains: as given, else CUDA's current one where CUDA is in use, else None (unknown)."""
    if device is not None:
        return shown_name(text_of(device, 200))
    cuda = getattr(allocator.torch_module(), "cuda", None)
    try:
        return shown_name(f"cuda:{cuda.current_device()}") if cuda is not None and cuda.is_initialized() else None
    except Exception as error:
        if from_signal_handler(error):
            raise
        return None


def versions() -> Dict[str, str]:
    """Of Python, and of torch and what it was built for where it is imported."""
    torch = allocator.torch_module()
    versions = {"python": platform.python_version()}
    if torch is not None:
        versions["torch"] = str(getattr(torch, "__version__", "unknown"))
        for part in ("cuda", "hip"):
            version = getattr(getattr(torch, "version", None), part, None)
            if version:
                versions[part] = str(version)
    return versions


def training_started(
    name: str,
    algorithm: Optional[str],
    task: Optional[str],
    device: Any,
    max_batches: Optional[int],
    max_steps: Optional[int],
    world_size: int,
    config: JSON,
) -> JSON:
    """A ``TrainingStarted`` of the contract."""
    backend = allocator.allocator_backend()
    return {
        "name": name,
        "algorithm": algorithm,
        "task": task,
        "maxBatches": max_batches,
        "maxSteps": max_steps,
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
        "config": config,
    }
