"""A run is a folder: ``<runs>/<run id>/run.json`` describes it, ``events-<rank>.jsonl`` records what happened."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import time
import unicodedata
from pathlib import Path
from typing import Any, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from .events import CONTRACT_VERSION, JSON, mapping, plain, text_of
from .regular_file import read_regular
from .secrets import clear_command, clear_config
from .whole_file import write_whole

_LONGEST_NAME = 48
_LONGEST_MANIFEST = 16 * 2**20
_LONGEST_LABELS = 64 * 2**10


class _Listed(NamedTuple):
    """A run of the folder; the newest is the greatest."""

    created_ms: float
    id: str
    name: str
    archived: bool


class RunNotFound(Exception):
    """No run fits. The text is one sentence on what to do."""


def safe_name(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name as a path may carry it: ASCII letters, digits, ``.``, ``_``, ``-``; never empty, hidden or a parent folder."""
    letters = (c for c in unicodedata.normalize("NFKD", name) if not unicodedata.category(c).startswith("M"))
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", "".join(letters))
    safe = re.sub(r"^[.-]+", "", safe)[:longest]
    return re.sub(r"[.-]+$", "", safe) or "run"


def claim_new_run(runs: Path, name: str, now: Optional[float] = None) -> str:
    """Makes the folder of a new run; its id: ``YYYYMMDD-HHMMSS-name-xxxx``, local time, as people read it off their clock, and four random hex digits.

    :raises OSError: where ``runs`` cannot be written.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    runs.mkdir(parents=True, exist_ok=True)
    for _ in range(100):
        run_id = f"{stamp}-{safe_name(name)}-{secrets.token_hex(2)}"
        with contextlib.suppress(FileExistsError):  # of one name, in one second: its log is another run's
            (runs / run_id).mkdir()
            return run_id
    raise FileExistsError(f"{runs} has a hundred runs of that name and second")


def given_run_id(text: str) -> str:
    """An id from outside, made safe to be a folder's name."""
    return safe_name(text, longest=128)


def events_path(folder: Path, rank: int) -> Path:
    """Where a rank's events lie."""
    return folder / f"events-{rank}.jsonl"


def create(
    runs: Path,
    run_id: str,
    name: str,
    algorithm: Optional[str] = None,
    task: Optional[str] = None,
    command: Optional[Sequence[str]] = None,
    config: Optional[Mapping[str, Any]] = None,
    now: Optional[float] = None,
) -> Path:
    """Makes a run's folder and its ``run.json``, unless another rank has.

    :raises OSError: where the disk refuses.
    """
    folder = runs / run_id
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "run.json"
    if not manifest.exists():
        value: JSON = {
            "v": CONTRACT_VERSION,
            "id": run_id,
            "name": name,
            "createdMs": round((time.time() if now is None else now) * 1e3),
            "algorithm": algorithm,
            "task": task,
            "command": None if command is None else clear_command([text_of(word) for word in command]),
            "config": clear_config(plain(mapping(config))),
        }
        # A reader that lists the runs meanwhile never sees half of it.
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        write_whole(manifest, text.encode("utf-8", "replace"))
    return folder


def _labels(folder: Path) -> Tuple[Optional[str], bool]:
    """The name that a run was given later, and whether it is archived. Labels that cannot be read are none."""
    try:
        value = json.loads(read_regular(folder / "labels.json", _LONGEST_LABELS))
        name, archived = value["name"], value["archived"]
        return (name if isinstance(name, str) else None), archived is True
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None, False


def _listed(runs: Path) -> List[_Listed]:
    found: List[_Listed] = []
    for manifest in sorted(runs.glob("*/run.json")):
        try:
            value = json.loads(read_regular(manifest, _LONGEST_MANIFEST))
            created, recorded = float(value["createdMs"]), str(value["name"])
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            continue
        name, archived = _labels(manifest.parent)
        found.append(_Listed(created, manifest.parent.name, recorded if name is None else name, archived))
    return sorted(found, reverse=True)


def _fits(pattern: str, text: str) -> bool:
    """Whether the whole text fits: ``*`` stands for any text, ``?`` for one character."""
    parts = ("[\\s\\S]*" if c == "*" else "[\\s\\S]" if c == "?" else re.escape(c) for c in re.sub(r"\*+", "*", pattern))
    return re.fullmatch("".join(parts), text) is not None


def find(runs: Path, ref: str) -> Path:
    """The folder that ``ref`` means, as ``esper`` finds it: ``latest``, an id, a name or a pattern of one run alone, or the start
    of exactly one id. A name is that of ``labels.json`` where a run was renamed. Archived runs are never the latest, and give way
    to one that is not archived where a name is shared.

    :raises RunNotFound: where none or several fit.
    """
    found = _listed(runs)
    current = [run for run in found if not run.archived]
    if ref == "latest" and found:
        return runs / (current or found)[0].id
    fits = [run for run in found if run.id == ref]
    if not fits:
        fits = [run for run in found if run.name == ref]
        if not fits and ("*" in ref or "?" in ref):
            fits = [run for run in found if _fits(ref, run.id) or _fits(ref, run.name)]
        fits = [run for run in fits if not run.archived] or fits
    if not fits:
        fits = [run for run in found if ref and run.id.startswith(ref)]
    if len(fits) == 1:
        return runs / fits[0].id
    raise RunNotFound(
        f'"{ref}" fits {len(fits)} runs in {runs}: give more of the id.'
        if fits
        else f'There is no run "{ref}" in {runs}: give an id, a name or "latest".'
    )
