"""Where in the program an error was raised: the innermost frame of its own, and the library's within which it was."""

from __future__ import annotations

import gc
import re
import traceback
from typing import Optional

from .allocator import torch_module
from .cells import cell_of
from .events import JSON
from .live_lines import Shortener, is_library, program_folder

_FRAMES = 10_000
_MOST = 300
#: Functions that evaluate, of programs and of trainers.
_EVALUATION = re.compile(
    r"(?:run_|do_)?(?:evaluate|evaluation|eval|validate|validation|valid|val)(?:_(?:model|loop|step|epoch|one_epoch))?$"
    r"|evaluate_\w+$|test_(?:loop|step|epoch)$|(?:single|multi)_gpu_test$"
)
_TRAINER_OF_TRANSFORMERS = re.compile(r"/transformers/trainer(?:_\w+)?\.py$")


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
        cell = "Cell " if cell_of(path) is not None else ""  # as IPython's own tracebacks have it
        innermost = f"{cell}{shortener.path(path)}, line {line}, in {frame.f_code.co_name}"[:_MOST]
        if not is_library(path):
            own = innermost
    return innermost if own is None or own == innermost else f"{own} (within {innermost})"


def shown_by(error: BaseException) -> Optional[JSON]:
    """What shows in which part of a training an error was raised, as ``shown`` of the contract: in an evaluation by its frames, in a training
    where there is an optimizer; None for neither."""
    is_evaluation = is_transformers = is_backward = False
    for place, (frame, _) in enumerate(traceback.walk_tb(error.__traceback__)):
        name = frame.f_code.co_name
        is_backward = is_backward or name == "backward"
        if place == _FRAMES or is_backward:
            break
        is_evaluation = is_evaluation or _EVALUATION.match(name) is not None
        is_transformers = is_transformers or _TRAINER_OF_TRANSFORMERS.search(frame.f_code.co_filename.replace("\\", "/")) is not None
    torch = torch_module()
    if is_backward or not is_evaluation:
        return {"program": "training"} if is_backward or _has_optimizer(torch) else None
    version = getattr(torch, "version", None)
    backend = "hip" if getattr(version, "hip", None) else None
    return {"program": "evaluation", "pipeline": "transformers" if is_transformers else None, "backend": backend}


def _has_optimizer(torch: object) -> bool:
    """Whether the process has made one of torch's, which a program that only uses a model does not."""
    kind = getattr(getattr(torch, "optim", None), "Optimizer", None)
    return isinstance(kind, type) and any(issubclass(type(one), kind) for one in gc.get_objects())
