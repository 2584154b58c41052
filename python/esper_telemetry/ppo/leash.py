"""Ends the trainer with the process that started it, however that one died: a pipe's other end is with it."""

from __future__ import annotations

import os
import threading
from typing import Callable

STARTER_GONE = "the process that started it is gone"
_VARIABLE = "ESPER_LEASH"


def on_starter_gone(act: Callable[[], None]) -> None:
    """Calls ``act``, in a thread of its own, when the pipe that $ESPER_LEASH names ends. Nothing without one."""
    text = os.environ.pop(_VARIABLE, "")
    if not text.isdigit():
        return
    fd = int(text)
    try:
        os.set_inheritable(fd, False)
    except OSError:
        return

    def wait() -> None:
        try:
            while os.read(fd, 1):
                pass
        except OSError:
            pass
        act()

    threading.Thread(target=wait, name="esper-leash", daemon=True).start()
