"""A stand-in CUDA device: PyTorch's own CUDA allocator, autograd and optimizers on a machine without a GPU.

    python -m esper_telemetry.standin --memory 8GiB train.py

A small C library, compiled for the PyTorch at hand and preloaded, answers for CUDA and its libraries. Memory is real
bookkeeping of a device of the chosen size; kernels do nothing. It is no GPU, and its name shows it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, Mapping, Optional

from .build import Build, build
from .settings import Settings, environment
from .unavailable import Unavailable

__all__ = ["Build", "Settings", "Unavailable", "build", "standin_environment"]


def standin_environment(
    settings: Optional[Settings] = None, *, torch_folder: Optional[Path] = None, base: Mapping[str, str] = os.environ
) -> Dict[str, str]:
    """Variables with which a program's PyTorch runs on the stand-in device. Builds it where it is not built yet.

    ``torch_folder``: the program's …/site-packages/torch; None: this Python's. Raises Unavailable.
    """
    chosen = settings or Settings()
    chosen.check()
    made = build(torch_folder)
    return environment(str(made.names), str(made.library), str(made.programs), chosen, base)
