"""In the rehearsed program: what each update takes, where the peak stands, and the end once nothing new comes.

Attached with the client (see :mod:`..attach`). It writes one file for its parent, again and again, so that a program which is
killed has left what it knew.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from ..attach.watcher import Watcher, process_group
from ..stack_history import StackHistory
from ..whole_file import write_whole
from . import alone, standin
from .parts import Parts, places_of
from .settling import PATIENCE, Settling, Update
from .together import Together
from .trace import Peak, peak_of, program_line, raised_at
from .written import Written

#: Folder for the parent.
FOLDER = "ESPER_REHEARSE"
#: Updates that are to be alike, or ``all``.
STEPS = "ESPER_REHEARSE_STEPS"
LEAST = "ESPER_REHEARSE_LEAST"
#: Of the card, for the run's label.
LABEL = "ESPER_REHEARSE_LABEL"
#: Events of the allocator that are kept: some ten updates of a large model.
_TRACE = 400_000
#: Updates between the first two windows in which lines are held against each other.
_WINDOWS_APART = 6
#: A program that does not end when asked is ended after so many seconds.
_PATIENCE = 20.0
_SECONDS_BETWEEN_FILES = 1.0


class RehearsalOver(SystemExit):
    """Raised in the program after its last rehearsed update."""


def install(torch: Any, watcher: Watcher) -> None:
    steps = os.environ.get(STEPS, "3")
    label = os.environ.get(LABEL, "")
    world = os.environ.get(alone.WORLD)
    watcher.options = {
        "reset_peaks": True,
        "attribution": True,
        "_windows_apart": _WINDOWS_APART,
        "task": f"rehearsed, no GPU: {label}",
        "config": {"recordedBy": "esper rehearse", "rehearsed": label, **({} if world is None else {"world": world})},
    }
    watcher.is_alone = world is not None
    settling = Settling(None if steps == "all" else int(steps), int(os.environ.get(LEAST, "0")))
    probe = Probe(torch, watcher, Path(os.environ[FOLDER]), settling)
    watcher.before_step.append(probe.before_step)
    watcher.after_step.append(probe.after_step)
    watcher.on_update.append(probe.after_update)
    probe.watch_limits()
    torch.cuda._lazy_call(probe.begin)
    atexit.register(probe.at_exit)


class Probe:
    def __init__(self, torch: Any, watcher: Watcher, folder: Path, settling: Settling):
        self._torch = torch
        self._watcher = watcher
        self._file = folder / f"probe-{os.getpid()}.json"
        self._pid = os.getpid()
        self._settling = settling
        self._has_trace = False
        self._device = 0
        #: Rank and world size, as far as they are known.
        self._group = (0, 1)
        self._last_file = 0.0
        self._together = Together(folder, PATIENCE * (settling.alike or 0))
        self._written = Written([str(folder), os.environ.get("ESPER_RUNS", "/dev/")])
        self._parts = Parts()
        self._highest = -1
        #: The most that was asked for, before rounding.
        self._requested = 0
        self._parameters: Optional[List[Any]] = None
        #: A step is under way; a closure may be called in it.
        self._stepping = False
        #: Refused requests up to the end of the newest update, which the program outlived.
        self._outlived = 0
        self._facts: Dict[str, Any] = {"peak": None, "refused": None, "over": False, "limitedAt": None}

    def watch_limits(self) -> None:
        """Where the program limits itself: such a call may be what CUDA begins with."""
        limit = self._torch.cuda.set_per_process_memory_fraction

        def limited(*arguments: Any, **options: Any) -> Any:
            self._facts["limitedAt"] = program_line(_frames(1))
            return limit(*arguments, **options)

        self._torch.cuda.set_per_process_memory_fraction = limited

    def begin(self) -> None:
        """CUDA begins."""
        self._has_trace = StackHistory.keep(_TRACE)  # before torch 2.1: peaks without their lines
        autograd = self._torch.autograd
        backward = autograd.backward

        def marked(*arguments: Any, **options: Any) -> Any:
            self._mark("backward")
            try:
                return backward(*arguments, **options)
            finally:
                self._mark("optimizer" if self._stepping else "after backward")

        autograd.backward = marked

    # --- what an update is made of ------------------------------------------------------------------------

    def before_step(self, number: int, optimizer: Any) -> None:
        if not self._in_use():
            return
        self._mark("optimizer")
        self._stepping = True
        parameters = self._all_parameters(number)
        self._parts.known["parameters"] = places_of(parameters, self._device)
        self._parts.known["gradients"] = places_of([p.grad for p in parameters if p.grad is not None], self._device)

    def after_step(self, number: int, optimizer: Any) -> None:
        self._stepping = False
        if not self._in_use():
            return
        self._mark("forward")
        tensors = [v for state in optimizer.state.values() if isinstance(state, dict) for v in state.values() if self._torch.is_tensor(v)]
        places = places_of(tensors, self._device)
        known = self._parts.known["optimizer state"]
        self._parts.known["optimizer state"] = {**known, **places} if number == len(self._settling.updates) + 1 else places
        stats = self._stats()
        self._requested = max(self._requested, stats.get("requested_bytes.all.peak", 0))
        self._now = Update(stats["allocated_bytes.all.peak"], stats["reserved_bytes.all.peak"], stats["allocated_bytes.all.current"])

    def after_update(self, number: int, optimizer: Any) -> None:
        if not self._in_use():
            return
        enough = self._settling.add(self._now)
        rank, world = self._ranks()
        if world > 1 and not self._watcher.is_alone and self._settling.alike is not None:
            enough = self._together.have_enough(rank, world, len(self._settling.updates), enough)
        if self._now.peak > self._highest * 1.01 or self._now.peak > self._highest and (enough or number <= 3):
            self._highest = self._now.peak
            self._look(number)
        if number == 1 or enough or time.monotonic() - self._last_file > _SECONDS_BETWEEN_FILES:
            self._write()
        self._outlived = self._stats().get("num_ooms", 0)
        self._parts.begin_update(self._allocations())
        if enough:
            self._end()

    def _all_parameters(self, number: int) -> List[Any]:
        """Every parameter there is, frozen ones too; looked for again while models may still come."""
        if self._parameters is None or number == 2:
            kind, tensor = self._torch.nn.Parameter, self._torch.Tensor
            self._parameters = [t for t in gc.get_objects() if issubclass(type(t), tensor) and isinstance(t, kind)]
        return self._parameters

    def _look(self, number: int) -> None:
        """Reads the trace: this update's peak is the highest so far."""
        self._facts["peak"] = {"update": number, "allocated": self._now.peak, "phase": self._parts.phase, "at": None, "parts": None}
        if not self._has_trace:
            return
        peak = self._read(False)
        if peak is not None:
            self._facts["peak"].update(self._parts.described(peak))

    def _look_at_all(self) -> None:
        """A program that made no optimizer step: its peak is that of all it did."""
        stats = self._stats()
        self._requested = stats.get("requested_bytes.all.peak", 0)
        self._parts.known["parameters"] = places_of(self._all_parameters(0), self._device)
        found: Dict[str, Any] = {"update": None, "allocated": stats["allocated_bytes.all.peak"], "at": None, "parts": None}
        peak = self._read(False) if self._has_trace else None
        self._facts["peak"] = {**found, **({} if peak is None else self._parts.described(peak)), "phase": None}

    def _read(self, at_refusal: bool) -> Optional[Peak]:
        self._parts.known["workspace"] = standin.workspaces()
        snapshot = self._torch.cuda.memory._snapshot()
        return peak_of(snapshot, self._device, self._allocations(), 0 if at_refusal else self._parts.update_began, at_refusal)

    def _mark(self, phase: str) -> None:
        if not self._in_use():
            return
        self._parts.mark(self._allocations(), phase, program_line(_frames(2)))

    def _in_use(self) -> bool:
        cuda = self._torch.cuda
        if os.getpid() != self._pid or not cuda.is_initialized():
            return False
        self._device = cuda.current_device()
        return True

    def _stats(self) -> Dict[str, int]:
        stats: Dict[str, int] = self._torch.cuda.memory_stats(self._device)
        return stats

    def _ranks(self) -> Tuple[int, int]:
        """Of the process group; once a program has destroyed it, of what it was."""
        self._group = process_group(self._torch) or self._group
        return self._group

    def _allocations(self) -> int:
        return int(self._stats().get("allocation.all.allocated", 0))

    # --- for the parent -----------------------------------------------------------------------------------

    def _write(self) -> None:
        self._last_file = time.monotonic()
        from ..standin import values

        rank, world = self._ranks()
        stats = self._stats() if self._torch.cuda.is_initialized() else {}
        facts = {
            **self._facts,
            "rank": rank,
            "world": world,
            "device": self._device,
            "updates": [[u.peak, u.reserved, u.held] for u in self._settling.updates],
            "settled": self._settling.settled,
            "growth": self._settling.growth,
            "retries": stats.get("num_alloc_retries", 0),
            "reserved": stats.get("reserved_bytes.all.peak", 0),
            "nccl": standin.nccl_bytes(self._device),
            "requested": self._requested or None,
            "convolutions": self._has_convolutions(),
            "host": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "values": values.summary(),
            "written": self._written.paths(),
            "run": None if self._watcher.run is None or self._watcher.run.path is None else str(self._watcher.run.path),
        }
        try:
            write_whole(self._file, json.dumps(facts).encode("utf-8"))
        except OSError:
            pass  # the parent is gone

    def _has_convolutions(self) -> bool:
        return any(parameter.dim() >= 4 for parameter in self._parameters or [] if parameter.device.type == "cuda")

    def _end(self) -> None:
        self._facts["over"] = True
        self._write()
        if self._watcher.run is not None:
            self._watcher.run.finish()
        threading.Thread(target=self._insist, daemon=True).start()
        raise RehearsalOver(0)

    def _insist(self) -> None:
        time.sleep(_PATIENCE)
        os._exit(0)

    def at_exit(self) -> None:
        if os.getpid() != self._pid or self._facts["over"]:
            return
        error = getattr(sys, "last_value", None)
        try:
            if self._torch.cuda.is_initialized():
                if self._has_trace and self._stats().get("num_ooms", 0) > self._outlived:
                    refused = self._read(True)
                    if refused is not None:
                        self._facts["refused"] = {"update": len(self._settling.updates) + 1, "tried": refused.refused, **self._parts.described(refused)}
                elif error is None and not self._settling.updates:
                    self._look_at_all()
                self._facts["error"] = None if error is None else _described(error)
                self._write()
        except Exception as failure:
            print(f"esper: what was rehearsed could not be written ({failure}).", file=sys.stderr)


def _described(error: BaseException) -> str:
    """In one line: the first paragraph of what it states, and where it came from."""
    line = raised_at(error)
    states = " ".join(str(error).strip().partition("\n\n")[0].split())
    return f"{type(error).__name__}: {states}"[:500].rstrip(": ") + (f" ({line})" if line else "")


def _frames(above: int) -> List[Dict[str, Any]]:
    """The Python stack of the caller, so many frames above it, as the allocator's trace has frames."""
    frame: Any = sys._getframe(above + 1)
    found = []
    while frame is not None:
        found.append({"filename": frame.f_code.co_filename, "line": frame.f_lineno})
        frame = frame.f_back
    return found
