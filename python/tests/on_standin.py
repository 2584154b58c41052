"""Programs on the stand-in device, each in an interpreter of one of the tests' environments (scripts/python-environments.sh).

A test that names an environment which is not there skips with that reason; continuous integration makes them all first. They are
the same whichever Python starts them: ESPER_TESTS_STANDIN=off leaves them out where another run of the suite has them.
"""

from __future__ import annotations

import json
import os
import subprocess
import unittest
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, TypeVar

from scratch import PACKAGE

VENVS = Path(
    os.environ.get("ESPER_VENVS")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "esper" / "venvs"
)
#: PyPI's current PyTorch, one of CUDA 12 and the oldest, of CUDA 11.
TORCHES = ("torch-current", "torch-2.6", "torch-2.0")
MIB = 2**20
GIB = 2**30
Test = TypeVar("Test", bound=Callable[..., Any])


def interpreter(venv: str) -> str:
    return str(VENVS / venv / "bin" / "python")


OFF = os.environ.get("ESPER_TESTS_STANDIN") == "off"


def needs(*venvs: str) -> Callable[[Test], Test]:
    if OFF:
        return unittest.skip("ESPER_TESTS_STANDIN=off")
    missing = [venv for venv in venvs if not Path(interpreter(venv)).exists()]
    return unittest.skipIf(
        bool(missing), f"no environment {', '.join(missing)}: scripts/python-environments.sh makes it"
    )


def command(venv: str, options: List[str], program: List[str]) -> List[str]:
    return [interpreter(venv), "-m", "esper_telemetry.standin", "--quiet", "--values", "off", *options, *program]


#: Settings of the shell that runs the tests; and torch, which is imported often, keeps its bytecode.
_LEFT_OUT = ("PYTORCH_", "ESPER_STANDIN_", "CUDA_", "PYTHONDONTWRITEBYTECODE")


def environment(more: Optional[Dict[str, str]] = None) -> Dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(_LEFT_OUT)}
    return {**clean, "PYTHONPATH": str(PACKAGE), "OMP_NUM_THREADS": "1", **(more or {})}


def start(
    code: str, *options: str, venv: str = "torch-current", env: Optional[Dict[str, str]] = None
) -> "subprocess.Popen[str]":
    """Runs ``code``; both ends of it are open."""
    return subprocess.Popen(
        command(venv, list(options), ["-c", code]),
        env=environment(env),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def run(code: str, *options: str, venv: str = "torch-current", env: Optional[Dict[str, str]] = None) -> Any:
    """What ``code`` prints on its last line, as JSON."""
    done = subprocess.run(
        command(venv, list(options), ["-c", code]),
        env=environment(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=900,
    )
    if done.returncode != 0:
        raise AssertionError(f"exit {done.returncode} on {venv}: {done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def computed(venv: str, values: str, program: List[str], *options: str) -> "subprocess.CompletedProcess[str]":
    """Runs ``program`` with true values of tensors up to ``values`` (on, off, all or a number of elements)."""
    launched = [interpreter(venv), "-m", "esper_telemetry.standin", "--quiet", "--memory", "8GiB", "--values", values, *options, *program]
    return subprocess.run(launched, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=200)


#: For programs: ``look()`` is what every source reports of a device's memory at one moment.
LOOK = """
import ctypes, json, os, subprocess, torch
MIB = 2**20

class Memory(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in ("total", "free", "used")]

class Process(ctypes.Structure):
    _fields_ = [("pid", ctypes.c_uint), ("used", ctypes.c_ulonglong)]

nvml = ctypes.CDLL("libnvidia-ml.so.1")
assert nvml.nvmlInit_v2() == 0

def nvml_memory(index):
    handle, memory, count, all_ = ctypes.c_void_p(), Memory(), ctypes.c_uint(64), (Process * 64)()
    assert nvml.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle)) == 0
    assert nvml.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == 0
    assert nvml.nvmlDeviceGetComputeRunningProcesses(handle, ctypes.byref(count), all_) == 0
    return {"total": memory.total, "free": memory.free, "used": memory.used, "processes": {all_[i].pid: all_[i].used for i in range(count.value)}}

def smi(*arguments):
    return subprocess.run(["nvidia-smi", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout

def look(index=0, physical=None):
    physical = index if physical is None else physical
    stats = torch.cuda.memory_stats(index)
    free, total = torch.cuda.mem_get_info(index)
    used, all_ = smi(f"-i", str(physical), "--query-gpu=memory.used,memory.total", "--format=csv,noheader,nounits").split(",")
    apps = [row.split(", ") for row in smi("-i", str(physical), "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits").splitlines()]
    seen = {
        "allocated": stats.get("allocated_bytes.all.current", 0), "reserved": stats.get("reserved_bytes.all.current", 0),
        "free": free, "total": total, "nvml": nvml_memory(physical), "pid": os.getpid(),
        "smiUsed": int(used) * MIB, "smiTotal": int(all_) * MIB, "smiApps": {row[0]: int(row[1]) * MIB for row in apps},
    }
    if torch.cuda.get_allocator_backend() == "native":
        segments = [segment for segment in torch.cuda.memory_snapshot() if segment["device"] == index]
        seen["snapshotReserved"] = sum(segment["total_size"] for segment in segments)
        seen["snapshotAllocated"] = sum(segment["allocated_size"] for segment in segments)
    return seen
"""
