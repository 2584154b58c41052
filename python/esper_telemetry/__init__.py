"""Esper's client for PyTorch loops: what a run learns and what its GPU memory does, appended to a local file.

    import esper_telemetry as esper

    with esper.start("my-run", max_batches=200) as run:
        for batch in range(1, 201):
            ...
            run.ppo_update(batch=batch, policy_loss=..., value_loss=..., entropy=..., update_ms=...)

Needs nothing but Python. torch is read where the loop has imported it.
"""

from __future__ import annotations

from typing import Any

from .in_parts import DoesNotFit, retry_in_parts
from .opening import start
from .reading import read
from .run import Run

__version__ = "0.1.0"
__all__ = ["DoesNotFit", "Run", "__version__", "read", "retry_in_parts", "start"]


def load_ipython_extension(ipython: Any) -> None:
    """``%load_ext esper_telemetry`` in a notebook: every optimizer step from then on is recorded."""
    from .attach import watch
    from .site_hook import after_torch

    after_torch(watch)
