"""A rehearsal leaves the world alone: trackers and hubs are offline, and what the program writes is listed."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Dict, Iterable, List

#: Folders that are not looked into for written files.
_PASSED_OVER = {".git", "node_modules", "__pycache__", "site-packages", ".venv", "venv"}
_MOST_LOOKED_AT = 50_000


def offline_environment(scratch: Path) -> Dict[str, str]:
    """Variables with which experiment trackers and hubs stay on this machine, and write into ``scratch``."""
    return {
        "WANDB_MODE": "offline",
        "WANDB_DIR": str(scratch),
        "WANDB_SILENT": "true",
        "MLFLOW_TRACKING_URI": (scratch / "mlruns").as_uri(),
        "NEPTUNE_MODE": "offline",
        "CLEARML_OFFLINE_MODE": "1",
        "SWANLAB_MODE": "offline",
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }


def written_since(began: float, folder: Path, named: Iterable[str], apart: Iterable[Path]) -> List[str]:
    """Files below ``folder`` that changed since ``began`` (seconds since the epoch), and those that the program named and that
    are there; none of those in ``apart``. Relative where they lie below ``folder``."""
    left_out = [os.path.realpath(path) for path in apart]
    found = {path for path in named if os.path.isfile(path)}
    looked = 0
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in _PASSED_OVER and os.path.realpath(os.path.join(place, name)) not in left_out]
        for name in files:
            looked += 1
            path = os.path.join(place, name)
            try:
                if os.lstat(path).st_mtime >= began:
                    found.add(os.path.abspath(path))
            except OSError:
                continue
        if looked > _MOST_LOOKED_AT:
            break
    kept = (path for path in found if not any(os.path.realpath(path).startswith(out + os.sep) for out in left_out))
    return sorted(os.path.relpath(path, folder) if path.startswith(f"{folder}{os.sep}") else path for path in kept)


def now() -> float:
    """A moment that files written from now on do not precede: clocks of files are coarse."""
    return time.time() - 0.05
