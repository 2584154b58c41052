"""Which program is to run, by which Python's PyTorch, and what its environment is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import List, Optional

from .unavailable import Unavailable

_FIND = (
    "import importlib.util as u; s = u.find_spec('torch'); print(list(s.submodule_search_locations)[0] if s else '')"
)


def command_line(program: List[str]) -> List[str]:
    """``train.py …`` and ``-m module …`` run under this Python; anything else is a command."""
    first = program[0]
    if first.endswith(".py") and not Path(first).is_file():
        raise Unavailable(f"there is no program {first}")
    if first in ("-m", "-c") or first.endswith(".py"):
        return [sys.executable, *program]
    if shutil.which(first) is None:
        raise Unavailable(f"there is no command {first}")
    return program


def torch_of(command: List[str]) -> Optional[Path]:
    """The PyTorch folder of the Python that the command is, or is a script of; None: this Python's."""
    path = shutil.which(command[0]) or command[0]
    if Path(path) == Path(sys.executable):
        return None
    python: Optional[str] = path if re.fullmatch(r"python[\d.]*", Path(path).name) else _interpreter(path)
    if python is None:
        return None
    done = subprocess.run([python, "-c", _FIND], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    folder = done.stdout.strip()
    if done.returncode != 0 or not folder:
        raise Unavailable(f"the Python of {command[0]} ({python}) has no PyTorch")
    return Path(folder)


def _interpreter(path: str) -> Optional[str]:
    """The Python of a script's first line (torchrun, accelerate, a venv's commands)."""
    try:
        with open(path, "rb") as file:
            first = file.readline(4096).decode("utf-8", "replace")
    except OSError:
        return None
    match = re.match(r"#!\s*(?:/usr/bin/env\s+)?(\S*python[\d.]*)\s*$", first)
    return shutil.which(match.group(1)) if match else None


def fresh_ledger() -> str:
    """A ledger for this program and its children. Those of launches that are over are swept away."""
    folder = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else Path(tempfile.gettempdir())
    mark = f"esper-standin-{os.getuid()}-"
    for old in folder.glob(mark + "*"):
        pid = old.name[len(mark) :].split("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            try:
                old.unlink()
            except OSError:
                pass
    handle, name = tempfile.mkstemp(prefix=f"{mark}{os.getpid()}-", dir=folder)
    os.close(handle)
    return name
