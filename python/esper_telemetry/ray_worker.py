"""A process that Ray started: its command line is Ray's own, and Ray kills it once its work is done, so that nothing of it runs at its end."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import List, Optional


def is_ray_worker() -> bool:
    """Whether this process is one of Ray's workers."""
    path = PurePath((getattr(sys, "argv", None) or [""])[0])
    return path.name == "default_worker.py" and "ray" in path.parts


def experiment() -> Optional[str]:
    """Name of Ray Train's run that this worker is of; None where it is of none."""
    try:
        train = sys.modules.get("ray.train")
        return None if train is None else train.get_context().get_experiment_name() or None
    except Exception:
        return None


def own_command() -> Optional[List[str]]:
    """The command line of this process, as the user gave it; None in a worker of Ray, which has addresses and keys of Ray's in its place."""
    return None if is_ray_worker() else getattr(sys, "argv", None)
