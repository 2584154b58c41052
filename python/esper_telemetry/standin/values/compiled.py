"""Operators of compiled extensions (torchvision's): their kernels do nothing on the stand-in device, and nothing else computes them."""

from __future__ import annotations

from typing import Any, Callable, List

#: By their qualified names, those for CUDA alone.
names: List[str] = []
#: Is given what is loaded later.
on_load: List[Callable[[List[str]], None]] = []


def watch(torch: Any) -> None:
    """Takes note of what every extension that is loaded from now on registers."""
    load, registered = torch.ops.load_library, torch._C._dispatch_get_registrations_for_dispatch_key

    def load_library(path: Any) -> None:
        before = set(registered("CUDA"))
        load(path)
        more = sorted(set(registered("CUDA")) - before)
        names.extend(more)
        for call in on_load:
            call(more)

    torch.ops.load_library = load_library
