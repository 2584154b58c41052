"""The folder of all runs that the configuration file names: the same file that ``esper config`` shows, looked for in the same places."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Mapping, Optional

from .regular_file import read_regular

_NAME = "esper.config.json"
_LONGEST = 2**20


def config_path(environment: Mapping[str, str], cwd: Path) -> Optional[Path]:
    """Where it lies: ``$ESPER_CONFIG``, else the nearest ``esper.config.json`` from the working folder upwards, else the user's; None for none."""
    given = environment.get("ESPER_CONFIG")
    if given:
        return None if given == "off" else cwd / given
    home = environment.get("XDG_CONFIG_HOME") or os.path.join(environment.get("HOME") or os.path.expanduser("~"), ".config")
    places = [folder / _NAME for folder in (cwd, *cwd.parents)] + [Path(home) / "esper" / "config.json"]
    return next((path for path in places if path.is_file()), None)


def configured_runs() -> Optional[str]:
    """None where no file names a folder, or the file cannot be read: `esper config` reports what is wrong with it."""
    try:
        path = config_path(os.environ, Path.cwd())
        if path is None:
            return None
        settings = json.loads(read_regular(path, _LONGEST).lstrip("\ufeff"))
        runs = settings.get("runs") if isinstance(settings, dict) else None
        return os.path.join(path.parent, runs) if isinstance(runs, str) and runs else None
    except (OSError, ValueError, RecursionError):
        return None
