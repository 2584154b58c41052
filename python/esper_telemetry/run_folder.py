"""A run is a folder: ``<runs>/<run id>/run.json`` describes it, ``events-<rank>.jsonl`` records what happened."""

from __future__ import annotations

import json
import re
import secrets
import time
import unicodedata
from pathlib import Path
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from .events import CONTRACT_VERSION, JSON, mapping, plain, text_of
from .regular_file import read_regular
from .secrets import clear_command, clear_config
from .whole_file import write_whole

_LONGEST_NAME = 48
_LONGEST_MANIFEST = 16 * 2**20


class RunNotFound(Exception):
    """No run fits. The text is one sentence on what to do."""


def safe_name(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name as a path may carry it: ASCII letters, digits, ``.``, ``_``, ``-``; never empty, hidden or a parent folder."""
    letters = (c for c in unicodedata.normalize("NFKD", name) if not unicodedata.category(c).startswith("M"))
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", "".join(letters))
    safe = re.sub(r"^[.-]+", "", safe)[:longest]
    return re.sub(r"[.-]+$", "", safe) or "run"


def new_run_id(name: str, now: Optional[float] = None) -> str:
    """``YYYYMMDD-HHMMSS-name-xxxx``: local time, as people read it off their clock, and four random hex digits."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    return f"{stamp}-{safe_name(name)}-{secrets.token_hex(2)}"


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


def find(runs: Path, ref: str) -> Path:
    """The folder that ``ref`` means: ``latest``, an id, a name of one run alone, or the start of exactly one id.

    :raises RunNotFound: where none or several fit.
    """
    found: List[Tuple[float, str, str]] = []
    for manifest in sorted(runs.glob("*/run.json")):
        try:
            value = json.loads(read_regular(manifest, _LONGEST_MANIFEST))
            found.append((float(value["createdMs"]), manifest.parent.name, str(value["name"])))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            continue
    found.sort(reverse=True)
    fits = [run for _, run, _ in found if run == ref] or [run for _, run, name in found if name == ref]
    if not fits:
        fits = [run for _, run, _ in found][:1] if ref == "latest" else [run for _, run, _ in found if run.startswith(ref)]
    if len(fits) == 1:
        return runs / fits[0]
    raise RunNotFound(
        f'"{ref}" fits {len(fits)} runs in {runs}: give more of the id.'
        if fits
        else f'There is no run "{ref}" in {runs}: give an id, a name or "latest".'
    )
