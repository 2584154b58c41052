"""The client begins by itself: every optimizer step of a program that knows nothing of Esper becomes an update of a run.

``esper run`` puts :mod:`.site` before a program's path; in a notebook, ``%load_ext esper_telemetry`` does the same. A
program that calls :func:`esper_telemetry.start` itself is left alone.
"""

from __future__ import annotations

import os
from typing import Any, Optional

from .session import Session
from .watcher import Watcher

_watcher: Optional[Watcher] = None


def watch(torch: Any) -> None:
    """From now on each optimizer step of this process is recorded, with the memory of its devices. Once a process."""
    global _watcher
    if _watcher is None:
        _watcher = Watcher(torch, Session.of_environment())
        _watcher.install()
        if os.environ.get("ESPER_REHEARSE"):
            from ..rehearse import alone, probe

            alone.install(torch)
            probe.install(torch, _watcher)
