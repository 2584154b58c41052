"""The folder through which ``esper run`` and the processes of its command know of each other.

A process puts a file there when it has imported torch, and one for each run that it begins; ``esper run`` appends to
``printed.jsonl`` the figures that it reads in the command's output. Nobody waits for anybody: without the folder all goes on.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

from ..attribution import is_wanted
from ..ray_worker import experiment, is_ray_worker
from ..whole_file import write_whole

#: The folder; set and empty where a program is to be recorded without ``esper run``.
FOLDER = "ESPER_ATTACH"
NAME = "ESPER_ATTACH_NAME"
_MOST = 1 << 20
#: What a notebook's process runs.
_KERNELS = ("ipykernel_launcher", "colab_kernel_launcher")


class Session:
    def __init__(self, folder: Optional[Path], name: Optional[str], lines: bool = False):
        """:param folder: None where nobody listens; ``name``: of the runs, None: the program's; ``lines``: that hold the memory are recorded."""
        self.folder = folder
        self.lines = lines
        self._name = name
        self._runs = 0

    @property
    def name(self) -> str:
        """Of a run that begins now."""
        return self._name or _program()

    @staticmethod
    def of_environment(environment: Mapping[str, str] = os.environ) -> "Session":
        folder = environment.get(FOLDER)
        return Session(Path(folder) if folder else None, environment.get(NAME), is_wanted(environment))

    def has_torch(self) -> None:
        self._report(f"torch-{os.getpid()}", {})

    def began(self, path: Optional[Path], rank: int, own: bool) -> None:
        """A run began in ``path``; ``own``: the program began it, not we."""
        self._runs += 1
        if path is not None:
            is_killed = is_ray_worker() or _is_kernel()
            fact = {"path": str(path), "rank": rank, "own": own, **({"killed_when_done": True} if is_killed else {})}
            self._report(f"run-{os.getpid()}-{self._runs}", fact)

    def printed(self) -> "Printed":
        return Printed(None if self.folder is None else self.folder / "printed.jsonl")

    def _report(self, name: str, fact: Dict[str, Any]) -> None:
        if self.folder is None:
            return
        try:
            write_whole(self.folder / f"{name}.json", json.dumps({"pid": os.getpid(), **fact}).encode("utf-8"))
        except OSError:
            pass  # esper is gone, and its folder with it


class Printed:
    """Figures that the program printed, as ``esper run`` reads them; those from now on."""

    def __init__(self, path: Optional[Path]):
        self._rest = b""
        self._file: Optional[int] = None
        try:
            if path is not None:
                self._file = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
                os.lseek(self._file, 0, os.SEEK_END)
        except OSError:
            pass

    def read(self) -> Dict[str, Any]:
        """What was printed since the last call, the newest of each; empty mostly. Never waits, never raises.

        ``logged``: figures of no update, such as an evaluation's.
        """
        if self._file is None:
            return {}
        try:
            new = os.read(self._file, _MOST)
        except OSError:
            return {}
        if not new:
            return {}
        *lines, self._rest = (self._rest + new).split(b"\n")
        figures: Dict[str, Any] = {}
        logged: Dict[str, Any] = {}
        for line in lines:
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict):
                beside = found.pop("logged", None)
                logged.update(beside if isinstance(beside, dict) else {})
                figures.update(found)
        return {**figures, "logged": logged} if logged else figures


def _is_kernel() -> bool:
    """Whether this process runs a notebook's cells; who executed them kills it when they are done."""
    path = sys.argv[0] if getattr(sys, "argv", None) else ""
    return Path(path).stem in _KERNELS


def _program() -> str:
    """``train`` of ``/home/me/train.py``, Ray Train's own name of its run, that of a notebook; ``run`` where nothing names it."""
    if is_ray_worker():
        return experiment() or "ray"
    path = sys.argv[0] if getattr(sys, "argv", None) else ""
    stem = Path(path).stem if path not in ("", "-c", "-m", "-") else ""
    if stem == "__main__":
        stem = Path(path).parent.name
    if _is_kernel():
        stem = Path(os.environ.get("JPY_SESSION_NAME", "")).stem or "notebook"  # Jupyter Server's: the file
    return stem or "run"
