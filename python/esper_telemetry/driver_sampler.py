"""What the driver says of every device of the host, whoever uses it, from one long-lived ``nvidia-smi``.

Only the host's first rank samples. Where there is no nvidia-smi nothing is sampled, and that is no error. When
the trainer dies, its pipe breaks and nvidia-smi ends at its next line.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from .events import JSON
from .host_sampler import Emit

MIB = 2**20

#: nvidia-smi's field → ours, with the factor that makes it our unit; None for text.
_FIELDS: Sequence[Tuple[str, str, Optional[float]]] = (
    ("uuid", "uuid", None),
    ("pci.bus_id", "pciBusId", None),
    ("index", "index", 1),
    ("name", "name", None),
    ("memory.used", "usedBytes", MIB),
    ("memory.total", "totalBytes", MIB),
    ("utilization.gpu", "utilizationPercent", 1.0),
    ("temperature.gpu", "temperatureCelsius", 1.0),
    ("power.draw", "powerWatts", 1.0),
)


def _value(text: str, factor: Optional[float]) -> Any:
    """``[N/A]``, ``[Not Supported]`` and the like are None."""
    text = text.strip()
    if not text or text.startswith("["):
        return None
    if factor is None:
        return text
    try:
        return round(float(text) * factor) if isinstance(factor, int) else float(text) * factor
    except ValueError:
        return None


def parse_device(line: str) -> Optional[Tuple[int, JSON]]:
    """One line of the query → how many devices a tick has, and a ``DeviceSample``; None for anything else."""
    cells = line.split(",")
    if len(cells) != len(_FIELDS) + 1 or not cells[0].strip().isdigit():
        return None
    return int(cells[0]), {ours: _value(cell, factor) for (_, ours, factor), cell in zip(_FIELDS, cells[1:])}


def ticks(lines: Iterable[str]) -> Iterator[List[JSON]]:
    """Groups the lines of a looping query by tick: each line says how many devices there are."""
    devices: List[JSON] = []
    for line in lines:
        parsed = parse_device(line)
        if parsed is None:
            continue
        expected, device = parsed
        if any(device["uuid"] == other["uuid"] for other in devices):  # a line of the tick before was lost
            yield devices
            devices = []
        devices.append(device)
        if len(devices) >= expected:
            yield devices
            devices = []


def parse_processes(text: str) -> Dict[str, List[JSON]]:
    """``gpu_uuid, pid, used_gpu_memory, process_name`` lines → processes by device UUID."""
    processes: Dict[str, List[JSON]] = {}
    for line in text.splitlines():
        cells = line.split(",", 3)
        if len(cells) == 4 and cells[1].strip().isdigit():
            process = {"pid": int(cells[1]), "name": _value(cells[3], None), "usedBytes": _value(cells[2], MIB)}
            processes.setdefault(cells[0].strip(), []).append(process)
    return processes


class DriverSampler:
    """Emits DEVICE_SAMPLED: every device of the host, from one long-lived ``nvidia-smi``.

    Who uses the devices is asked at most every ten seconds, by a process of its own: that query has no line
    that ends a tick, and prints nothing at all while there is nobody.
    """

    PROCESSES_EVERY = 10.0

    def __init__(self, emit: Emit, report: Callable[[str, object], None], every: float = 2.0, command: str = "nvidia-smi"):
        self._emit = emit
        self._report = report
        self._command = shutil.which(command)
        self._process: Optional["subprocess.Popen[str]"] = None
        self._stopped = False
        if self._command is None:
            return
        names = ",".join(name for name, _, _ in _FIELDS)
        query = [self._command, f"--query-gpu=count,{names}", "--format=csv,noheader,nounits", "-lms", str(round(every * 1e3))]
        try:
            self._process = subprocess.Popen(
                query, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
            )
        except OSError as error:
            report("nvidia-smi could not be started", error)
            return
        self._thread = threading.Thread(target=self._run, name="esper-driver", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends nvidia-smi and the thread; no event follows."""
        self._stopped = True
        if self._process is None:
            return
        try:
            self._process.terminate()
            self._thread.join(timeout=2)
            self._process.wait(timeout=2)
            if self._process.stdout is not None:
                self._process.stdout.close()
        except Exception as error:
            self._report("nvidia-smi could not be ended", error)

    def _run(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        processes: Optional[Dict[str, List[JSON]]] = None
        asked = float("-inf")
        try:
            for devices in ticks(self._process.stdout):
                if self._stopped:
                    return
                began = time.thread_time()
                if time.monotonic() - asked >= self.PROCESSES_EVERY:
                    processes, asked = self._processes(), time.monotonic()
                for device in devices:
                    device["processes"] = None if processes is None else processes.get(device["uuid"], [])
                self._emit("DEVICE_SAMPLED", {"devices": devices}, (time.thread_time() - began) * 1e3)
        except Exception as error:
            self._report("the driver could not be sampled", error)

    def _processes(self) -> Optional[Dict[str, List[JSON]]]:
        """Processes by device; None where the driver does not tell."""
        assert self._command is not None
        query = [self._command, "--query-compute-apps=gpu_uuid,pid,used_gpu_memory,process_name", "--format=csv,noheader,nounits"]
        try:
            answer = subprocess.run(query, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.SubprocessError):
            return None
        return parse_processes(answer.stdout) if answer.returncode == 0 else None
