"""Where in the program an error was raised: the innermost frame of its own, and the library's within which it was."""

from __future__ import annotations

import traceback
from typing import Optional

from .live_lines import Shortener, is_library, program_folder

_FRAMES = 10_000
_MOST = 300


def place_of(error: BaseException) -> Optional[str]:
    """``train.py, line 17, in step (within torch/nn/functional.py, line 9, in linear)``, as ``esper watch`` reads it of a traceback.

    Paths are as those of recorded lines. None where the error was not raised, or inside the stand-in device alone.
    """
    shortener = Shortener(program_folder())
    own: Optional[str] = None
    innermost: Optional[str] = None
    for place, (frame, line) in enumerate(traceback.walk_tb(error.__traceback__)):
        path = frame.f_code.co_filename.replace("\\", "/")
        if place == _FRAMES:
            break
        if "esper_telemetry/standin/" in path:
            continue
        innermost = f"{shortener.path(path)}, line {line}, in {frame.f_code.co_name}"[:_MOST]
        if not is_library(path):
            own = innermost
    return innermost if own is None or own == innermost else f"{own} (within {innermost})"
