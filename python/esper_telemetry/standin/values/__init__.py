"""True values on the stand-in device: small tensors are computed on the CPU, in the device's own memory (see :mod:`.kinds`)."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

from . import compiled

#: Elements up to which a tensor is small.
DEFAULT_LIMIT = 1 << 16
#: ``off``, ``all`` or a number of elements.
VARIABLE = "ESPER_STANDIN_VALUES"

_installed: Any = None


def limit_of(text: str) -> Optional[int]:
    """Elements of a setting: a number, ``on`` (the default limit), ``all`` (None, no limit), ``off`` (0).

    :raises ValueError: for anything else, in one sentence.
    """
    word = text.strip().lower()
    if word in ("all", "off", "on"):
        return {"all": None, "off": 0, "on": DEFAULT_LIMIT}[word]
    try:
        number = int(word.replace(",", "").replace("_", ""))
    except ValueError:
        number = -1
    if number < 0:
        raise ValueError(f"values are on, off, all or a number of elements, not {text!r}")
    return number


def install(limit: Optional[int] = DEFAULT_LIMIT) -> None:
    """From now on, in every thread of this process, operators on device tensors of at most ``limit`` elements (None: of any size) have true
    values. Once a process; needs torch, and the stand-in device as its only CUDA device."""
    global _installed
    if _installed is not None or limit == 0:
        return
    from .dispatch import Values

    _installed = Values(limit)
    _installed.install()


def install_when_used(torch: Any) -> None:
    """As the launcher asked for it, once the program of a freshly imported torch begins to use its device."""
    limit = limit_of(os.environ.get(VARIABLE, "off"))
    if limit != 0:
        compiled.watch(torch)
        torch.cuda._lazy_call(lambda: install(limit))


def summary() -> Optional[Dict[str, Any]]:
    """What was computed in this process, and where it looked at values that were not; None where values are off.

    ``limit`` in elements (None: none); ``computed`` operators; ``tooLarge`` operators left uncomputed because of their size; ``withoutTwin``: operators
    that the CPU cannot compute, with the reason and how often; ``reads``: places in the program that read uncomputed values, and whether it goes on by them."""
    if _installed is None:
        return None
    from . import uncomputed

    return {
        "limit": None if _installed.limit >= 1 << 62 else _installed.limit,
        "computed": _installed.computed,
        "tooLarge": _installed.too_large,
        "withoutTwin": dict(_installed.without_twin),
        "reads": uncomputed.by_line(),
    }
