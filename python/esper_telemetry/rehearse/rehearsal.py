"""One run of a command on one stand-in device, to its end or as far as is needed, and what its processes left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from ..attach import session
from ..standin import Settings, standin_environment
from ..standin.launch import command_line, fresh_ledger, torch_of
from ..standin.values import DEFAULT_LIMIT
from . import alone, offline, probe
from .progress import Progress

SITE = Path(__file__).resolve().parent.parent / "attach" / "site"
#: Of what the command printed.
_MOST_OUTPUT = 16 << 10
_SECONDS_BETWEEN_LOOKS = 1.0


@dataclass
class Options:
    """What holds for every run of a rehearsal."""

    command: List[str]
    runs: Path
    #: Updates that are to be alike; None: the whole program.
    steps: Optional[int] = 3
    #: Seconds.
    timeout: float = 600.0
    name: Optional[str] = None
    online: bool = False
    values: Optional[int] = DEFAULT_LIMIT
    #: In which order the driver hands out addresses, as the stand-in's launcher takes it: it decides ties between equal blocks.
    addresses: str = "fall"
    #: Whether the command's output is shown while it runs.
    show: bool = False
    environment: Dict[str, str] = field(default_factory=dict)
    #: Ranks of a world of which this command is rank 0, alone; None: it is as it is.
    world: Optional[int] = None
    #: A folder of ours, whose files are not listed as written.
    scratch: Optional[Path] = None
    #: Updates that are seen in any case.
    least: int = 0


@dataclass
class Rehearsal:
    """What one run came to."""

    #: Of each process that used the device; by rank.
    processes: List[Dict[str, Any]]
    #: Exit status of the command; None: it was ended, for its time was over.
    status: Optional[int]
    seconds: float
    #: Largest resident memory of a process that used the device, bytes.
    host: int
    output: str
    written: List[str]

    @property
    def refused(self) -> Optional[Dict[str, Any]]:
        """The first process that ran out of memory and did not go on; a helper that trains nothing may go on without updates."""
        trains = any(process["updates"] for process in self.processes)
        for process in self.processes:
            is_helper = trains and not process["updates"] and not process.get("error")
            if process.get("refused") is not None and not process["over"] and not is_helper:
                return process
        return None

    @property
    def updates(self) -> int:
        return _most_updates(self.processes)


def rehearse_once(options: Options, settings: Settings, label: str, progress: Progress) -> Rehearsal:
    """Runs the command on the device of ``settings``.

    :raises Unavailable: where there is no such device, or no such command.
    """
    command = command_line(options.command)
    folder = Path(tempfile.mkdtemp(prefix="esper-rehearse-"))
    try:
        scratch = folder / "scratch"
        scratch.mkdir()
        (folder / "printed.jsonl").touch()
        environment = _environment(options, settings, label, command, folder)
        began, clock = offline.now(), time.monotonic()
        status = _run(command, environment, folder, options, progress)
        seconds = time.monotonic() - clock
        processes = _processes(folder)
        named = [path for process in processes for path in process["written"]]
        return Rehearsal(
            processes,
            status,
            seconds,
            max((process["host"] for process in processes), default=0),
            _tail(folder / "output"),
            offline.written_since(began, Path.cwd(), named, [folder, options.runs, *filter(None, [options.scratch])]),
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environment(options: Options, settings: Settings, label: str, command: List[str], folder: Path) -> Mapping[str, str]:
    base = {**os.environ, **({} if options.online else offline.offline_environment(folder / "scratch")), **options.environment}
    base.pop("CUDA_VISIBLE_DEVICES", None)
    chosen = replace(settings, shared=fresh_ledger(), values=options.values, addresses=options.addresses)
    made = dict(standin_environment(chosen, torch_folder=torch_of(command), base=base))
    made["PYTHONPATH"] = os.pathsep.join([str(SITE), *filter(None, [made.get("PYTHONPATH")])])
    made.update(
        {
            session.FOLDER: str(folder),
            probe.FOLDER: str(folder),
            probe.STEPS: "all" if options.steps is None else str(options.steps),
            probe.LEAST: str(options.least),
            probe.LABEL: label,
            "ESPER_RUNS": str(options.runs.absolute()),
        }
    )
    if options.world is not None:
        made.update(alone.environment(options.world, settings.devices))
    if options.name is not None:
        made[session.NAME] = options.name
    return made


def _run(command: List[str], environment: Mapping[str, str], folder: Path, options: Options, progress: Progress) -> Optional[int]:
    """The exit status; None where the time was over."""
    with open(folder / "output", "wb") as file:
        shown = None if options.show else file
        began = time.monotonic()
        child = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=shown, stderr=shown, start_new_session=True
        )
        try:
            while (left := began + options.timeout - time.monotonic()) > 0:
                try:
                    return child.wait(min(left, _SECONDS_BETWEEN_LOOKS))
                except subprocess.TimeoutExpired:
                    _show(progress, _processes(folder), time.monotonic() - began)
            _end(child)
            return None
        except BaseException:
            _end(child)
            raise
        finally:
            progress.end()


def _show(progress: Progress, processes: List[Dict[str, Any]], seconds: float) -> None:
    reserved = max((process["reserved"] for process in processes), default=0)
    progress.at(_most_updates(processes), reserved, seconds)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Ends the command and all that it started, whatever signals come meanwhile."""
    try:
        before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:
        before = {}  # not the main thread: no signal comes here
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
    for number, handler in before.items():
        signal.signal(number, handler)


def _most_updates(processes: List[Dict[str, Any]]) -> int:
    return max((len(process["updates"]) for process in processes), default=0)


def _processes(folder: Path) -> List[Dict[str, Any]]:
    found = []
    for path in sorted(folder.glob("probe-*.json")):
        try:
            found.append(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            continue
    return sorted(found, key=lambda process: int(process["rank"]))


def _tail(path: Path) -> str:
    with open(path, "rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - _MOST_OUTPUT))
        return file.read().decode("utf-8", "replace")
