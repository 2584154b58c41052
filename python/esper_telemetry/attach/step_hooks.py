"""A hook before and after every step of every optimizer: torch's own since 2.0, put around ``step`` by the same rule before."""

from __future__ import annotations

import functools
import importlib
from typing import Any, Callable

#: Is given the optimizer first.
Hook = Callable[..., None]


def hook_every_step(before: Hook, after: Hook) -> None:
    """Calls ``before(optimizer, …)`` and ``after(optimizer, …)`` around each step of each optimizer that is made from now on."""
    optimizer: Any = importlib.import_module("torch.optim.optimizer")
    register = getattr(optimizer, "register_optimizer_step_pre_hook", None)
    if register is not None:
        register(before)
        optimizer.register_optimizer_step_post_hook(after)
        return
    prepare = optimizer.Optimizer._hook_for_profile

    def prepare_and_hook(self: Any) -> None:
        prepare(self)
        step = type(self).step
        if not getattr(step, "hooked_by_esper", False):
            type(self).step = _around(step, before, after)

    optimizer.Optimizer._hook_for_profile = prepare_and_hook


def _around(step: Any, before: Hook, after: Hook) -> Any:
    @functools.wraps(step)
    def hooked(self: Any, *arguments: Any, **options: Any) -> Any:
        before(self)
        result = step(self, *arguments, **options)
        after(self)
        return result

    hooked.hooked = True  # type: ignore[attr-defined]
    hooked.hooked_by_esper = True  # type: ignore[attr-defined]
    return hooked
