"""Which rank this process is, and how the ranks of one launch find one run folder without a server.

The launcher gives all its ranks something in common (a job id, the rendezvous, on one host the parent process).
From that comes the name of a folder of *claims* under ``runs/.launches``. A claim is a file ``0``, ``1``, … that
names a run; it appears at once and whole (a hard link), so exactly one rank makes each and the others read it. A rank joins
the newest claim, unless it has a log in that run already: then that was an earlier launch with the same
rendezvous, or an earlier ``start`` of this script, and it claims the next run. Every rank decides alike, in any order.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional

from .events import MAX_RANK
from .regular_file import read_regular
from .whole_file import write_whole
from .writer_lock import process_started

#: Ranks of one launch begin within this time of each other; an older claim is of another launch.
JOIN_SECONDS = 600


@dataclass(frozen=True)
class Launch:
    """This process's place in a distributed job; a single process is rank 0 of 1."""

    rank: int = 0
    local_rank: int = 0
    world_size: int = 1
    #: Times that the launcher has restarted its workers: they go on with the run they had.
    restarts: int = 0
    #: What the ranks of this launch, and no others, have in common.
    key: str = ""


def _within(value: Any, least: int) -> int:
    """A rank or a number of ranks; a negative one is the least. Raises ValueError where no reader takes it."""
    number = int(value)
    if number > MAX_RANK:
        raise ValueError(f"it is above {MAX_RANK}")
    return max(least, number)


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    try:
        return _within(environment[name], 0)
    except (KeyError, ValueError):
        return default


def launch(
    rank: Optional[int] = None, world_size: Optional[int] = None, environment: Mapping[str, str] = os.environ
) -> Launch:
    """Reads RANK, LOCAL_RANK, WORLD_SIZE and the launcher's other variables; arguments win over them."""
    number = _number(environment, "RANK", 0) if rank is None else _within(rank, 0)
    size = _number(environment, "WORLD_SIZE", 1) if world_size is None else _within(world_size, 1)
    return Launch(
        rank=number,
        local_rank=_number(environment, "LOCAL_RANK", number),
        world_size=max(size, number + 1),
        restarts=_number(environment, "TORCHELASTIC_RESTART_COUNT", 0),
        key=_key(environment, size),
    )


def _key(environment: Mapping[str, str], world_size: int) -> str:
    shared = {
        name: environment[name]
        for name in ("SLURM_JOB_ID", "SLURM_STEP_ID", "TORCHELASTIC_RUN_ID", "MASTER_ADDR", "MASTER_PORT")
        if environment.get(name)
    }
    # On one host all ranks have one parent, and no other launch has it. Over several hosts they have not.
    if not shared or _number(environment, "LOCAL_WORLD_SIZE", 0) == world_size:
        parent = os.getppid()
        shared["parent"] = f"{parent} {process_started(parent)}"
    return json.dumps(shared, sort_keys=True)


def shared_run_id(runs: Path, launch: Launch, name: str, new_id: Callable[[], str], has_log: Callable[[str], bool]) -> str:
    """The id of the run that this launch's ranks share.

    :param new_id: makes an id and its folder, should this rank be the first.
    :param has_log: whether this rank has a log in the run of that id.
    :raises OSError: where ``runs`` cannot be written.
    """
    claims = runs / ".launches" / hashlib.sha256(f"{launch.key} {name}".encode()).hexdigest()[:16]
    claims.mkdir(parents=True, exist_ok=True)
    while True:
        numbers: List[int] = sorted(int(entry.name) for entry in claims.iterdir() if entry.name.isdigit())
        if numbers:
            claim: Dict[str, object] = json.loads(read_regular(claims / str(numbers[-1]), 64 * 1024))
            run, claimed = str(claim["run"]), float(str(claim["timeMs"]))
            recent = abs(time.time() * 1e3 - claimed) < JOIN_SECONDS * 1e3
            if launch.restarts > 0 or (recent and not has_log(run)):
                return run
        run = new_id()
        draft = claims / f".{os.getpid()}-{launch.rank}"
        write_whole(draft, json.dumps({"run": run, "timeMs": round(time.time() * 1e3)}).encode("utf-8"))
        try:
            os.link(draft, claims / str(numbers[-1] + 1 if numbers else 0))
            return run
        except FileExistsError:  # another rank was first: join it
            with contextlib.suppress(OSError):
                (runs / run).rmdir()
        finally:
            draft.unlink()
