"""The host's RAM and CPU and this process's resident set, sampled beside the training on a thread of its own.

Where there is no /proc nothing is sampled, and that is no error. A sample's cost is the thread's CPU time:
waiting for the interpreter's lock costs the training nothing.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path, PurePosixPath
from typing import Callable, Dict, Iterator, Optional, Tuple

from .events import JSON

#: Takes an event's type, its data and what gathering it cost, milliseconds.
Emit = Callable[[str, JSON, float], None]


class HostReader:
    """RAM, CPU and this process's resident set, from /proc and the container's cgroup."""

    def __init__(self, root: str = "/"):
        self._root = Path(root)
        self._cpu: Optional[Tuple[int, int]] = None

    def read(self) -> Optional[JSON]:
        """A ``HostSampled`` of the contract; None where there is no /proc. ``cpuPercent`` is None the first time."""
        memory = self._pairs("proc/meminfo")
        if "MemTotal" not in memory:
            return None
        total = memory["MemTotal"] * 1024
        used = total - memory["MemAvailable"] * 1024 if "MemAvailable" in memory else None
        for limit, charged in self._groups():
            if limit < total:
                total, used = limit, charged
        return {
            "ramUsedBytes": used,
            "ramTotalBytes": total,
            "cpuPercent": self._cpu_percent(),
            "processRssBytes": self._resident(),
        }

    def _text(self, path: str) -> Optional[str]:
        try:
            return (self._root / path).read_text()
        except OSError:
            return None

    def _pairs(self, path: str) -> Dict[str, int]:
        pairs = {}
        for line in (self._text(path) or "").splitlines():
            words = line.replace(":", " ").split()
            if len(words) >= 2 and words[1].isdigit():
                pairs[words[0]] = int(words[1])
        return pairs

    def _groups(self) -> Iterator[Tuple[int, int]]:
        """Limit and use, bytes, of the control groups with a limit that this process is in (version 2 and 1).

        Page cache that the kernel would drop before it refuses is not use. Inside a container the group's path may
        be the host's: then only the root is there.
        """
        for line in (self._text("proc/self/cgroup") or "").splitlines():
            _, _, rest = line.partition(":")
            controllers, _, path = rest.partition(":")
            if controllers == "":
                mount, limit_file, used_file, cache = "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"
            elif "memory" in controllers.split(","):
                mount, limit_file, used_file, cache = (
                    "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file",
                )  # fmt: skip
            else:
                continue
            for at in (PurePosixPath(path), *PurePosixPath(path).parents):
                folder = f"{mount}/{str(at).lstrip('/')}"
                limit, used = self._text(f"{folder}/{limit_file}"), self._text(f"{folder}/{used_file}")
                # No limit is the word "max", or in version 1 a number beyond any memory.
                if limit is not None and used is not None and limit.strip().isdigit() and used.strip().isdigit():
                    yield int(limit), max(0, int(used) - self._pairs(f"{folder}/memory.stat").get(cache, 0))

    def _cpu_percent(self) -> Optional[float]:
        words = (self._text("proc/stat") or "").split("\n", 1)[0].split()
        if len(words) < 6 or words[0] != "cpu":
            return None
        ticks = [int(word) for word in words[1:9]]
        now = (sum(ticks), ticks[3] + ticks[4])  # all, idle and waiting for the disk
        before, self._cpu = self._cpu, now
        if before is None or now[0] <= before[0]:
            return None
        return round(100 * (1 - (now[1] - before[1]) / (now[0] - before[0])), 1)

    def _resident(self) -> Optional[int]:
        words = (self._text("proc/self/statm") or "").split()
        return int(words[1]) * os.sysconf("SC_PAGE_SIZE") if len(words) > 1 else None


class HostSampler:
    """Emits HOST_SAMPLED at once and then every ``every`` seconds."""

    def __init__(self, emit: Emit, report: Callable[[str, object], None], every: float = 2.0, reader: Optional[HostReader] = None):
        self._emit = emit
        self._report = report
        self._every = every
        self._reader = reader or HostReader()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="esper-host", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; no event follows."""
        self._stopped.set()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        try:
            while not self._stopped.is_set():
                began = time.thread_time()
                sample = self._reader.read()
                if sample is None:
                    return
                self._emit("HOST_SAMPLED", sample, (time.thread_time() - began) * 1e3)
                self._stopped.wait(self._every)
        except Exception as error:
            self._report("the host could not be sampled", error)
