"""What the driver reports of every device of the host, for all processes, from one long-lived ``nvidia-smi``.

Only the host's first rank samples. Where there is no nvidia-smi nothing is sampled, and that is no error. When
the trainer dies, its pipe breaks and nvidia-smi ends at its next line.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from typing import Callable, Dict, Iterable, Iterator, List, Optional, Tuple

from .events import JSON
from .host_sampler import Emit

MIB = 2**20

#: What a row holds. The name comes last: it may hold commas.
DEVICE_QUERY = "uuid,pci.bus_id,index,memory.used,memory.total,utilization.gpu,temperature.gpu,power.draw,name"
PROCESS_QUERY = "gpu_uuid,pid,used_memory,process_name"
_NOTHING = re.compile(r"(\[.*\]|N/A|ERR!)", re.I)
_NUMBER = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)(?: ?(?:MiB|%|W|C))?")


def _text(field: str) -> Optional[str]:
    """``[N/A]``, ``[Not Supported]`` and the like are None."""
    return None if not field or _NOTHING.fullmatch(field) else field


def _number(field: str) -> Optional[float]:
    """Its unit is tolerated: some drivers print it although asked not to."""
    match = _NUMBER.fullmatch(field)
    return float(match[1]) if match else None


def _count(field: str) -> Optional[int]:
    value = _number(field)
    return int(value) if value is not None and value >= 0 and value.is_integer() else None


def _bytes(field: str) -> Optional[int]:
    value = _number(field)
    return None if value is None or value < 0 else round(value * MIB)


def _fields(row: str, query: str) -> List[str]:
    """Fields of a row, none of half a row; the last takes whatever commas are left."""
    last = query.count(",")
    cells = [cell.strip() for cell in row.split(",", last)]
    return cells if len(cells) > last else []


def _names_device(fields: List[str]) -> bool:
    return bool(fields) and fields[0].startswith(("GPU-", "MIG-"))


def parse_device(row: str) -> Optional[JSON]:
    """One row of the query as a ``DeviceSample``; None for a row that names no device."""
    fields = _fields(row, DEVICE_QUERY)
    if not _names_device(fields):
        return None
    uuid, bus, index, used, total, utilization, temperature, power, name = fields
    return {
        "uuid": uuid,
        "pciBusId": _text(bus),
        "index": _count(index),
        "name": _text(name),
        "usedBytes": _bytes(used),
        "totalBytes": _bytes(total),
        "utilizationPercent": _number(utilization),
        "temperatureCelsius": _number(temperature),
        "powerWatts": _number(power),
    }


def parse_counted(line: str) -> Optional[Tuple[int, JSON]]:
    """A row that begins with how many devices a tick has → that number and the device; None for anything else."""
    count, _, row = line.partition(",")
    device = parse_device(row)
    return (int(count), device) if device is not None and count.strip().isdigit() else None


def ticks(lines: Iterable[str]) -> Iterator[List[JSON]]:
    """Groups the lines of a looping query by tick: each line holds how many devices there are."""
    devices: List[JSON] = []
    for line in lines:
        parsed = parse_counted(line)
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


def parse_processes(answer: str) -> Dict[str, List[JSON]]:
    """The whole answer of the query for processes → processes by device UUID."""
    processes: Dict[str, List[JSON]] = {}
    for row in answer.splitlines():
        fields = _fields(row, PROCESS_QUERY)
        if _names_device(fields):
            uuid, pid, used, name = fields
            processes.setdefault(uuid, []).append({"pid": _count(pid), "name": _text(name), "usedBytes": _bytes(used)})
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
        query = [self._command, f"--query-gpu=count,{DEVICE_QUERY}", "--format=csv,noheader,nounits", "-lms", str(round(every * 1e3))]
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
        """Processes by device; None where the driver does not report them."""
        assert self._command is not None
        query = [self._command, f"--query-compute-apps={PROCESS_QUERY}", "--format=csv,noheader,nounits"]
        try:
            answer = subprocess.run(query, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
        except (OSError, subprocess.SubprocessError):
            return None
        return parse_processes(answer.stdout) if answer.returncode == 0 else None
