"""The CPU's twin of an operator: the operator itself, or where the CPU has none, or none for these types, what computes the same.

Twins take the operator's arguments with CPU tensors in place of the device's, change in place what the operator changes, and return what it
returns; None in the place of a result means that nothing was computed for it.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Tuple

import torch
from torch import Tensor

from .attention import ATTENTION
from .bound import Twin, bound
from .convolution import CONVOLUTION
from .normalization import NORMALIZATION
from .optimizers import OPTIMIZERS
from .products import PRODUCTS
from .recurrent import RECURRENT

#: Operator (without its overload) → twin, for those that the CPU lacks.
TWINS: Dict[str, Twin] = {**ATTENTION, **CONVOLUTION, **NORMALIZATION, **OPTIMIZERS, **PRODUCTS, **RECURRENT}
#: The CPU has these as well, but not as the device uses them.
_PREFERRED = {"aten::_softmax", "aten::_log_softmax", "aten::_fused_moving_avg_obs_fq_helper"}

_HALVES = (torch.float16, torch.bfloat16)


def twin_of(func: Any) -> Callable[..., Any]:
    """:returns: takes the arguments of ``func`` as they were given to it, and keyword arguments by name."""
    name = func._schema.name
    twin = TWINS.get(name)
    if twin is not None and (name in _PREFERRED or not _cpu_has(func)):
        return bound(func, twin)
    return _Same(func)


def _cpu_has(func: Any) -> bool:
    has = torch._C._dispatch_has_kernel_for_dispatch_key
    keys = ("CPU", "CompositeExplicitAutograd", "CompositeImplicitAutograd", "CompositeExplicitAutogradNonFunctional")
    return any(has(func.name(), key) for key in keys)


class _Same:
    """The operator itself, on the CPU; in float32 where it has no kernel for halves, and decomposed where it has none at all."""

    def __init__(self, func: Any):
        self._func = func
        self._decomposed: Any = None
        #: Types of tensors for which only float32 works.
        self._only_wide: "set[Tuple[torch.dtype, ...]]" = set()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._decomposed is not None:
            return self._decomposed(*args, **kwargs)
        if self._only_wide and _types(args) in self._only_wide:
            return self._wide(args, kwargs)
        try:
            return self._func(*args, **kwargs)
        except NotImplementedError:
            self._decomposed = _decomposition(self._func)
            if self._decomposed is None:
                raise
            return self._decomposed(*args, **kwargs)
        except RuntimeError:
            types = _types(args)
            if not any(dtype in _HALVES for dtype in types):
                raise
            made = self._wide(args, kwargs)
            self._only_wide.add(types)
            return made

    def _wide(self, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
        written: List[Tuple[Tensor, Tensor]] = []

        def widen(value: Any) -> Any:
            if isinstance(value, (list, tuple)):
                return [widen(item) for item in value]
            if not isinstance(value, Tensor) or value.dtype not in _HALVES:
                return torch.float32 if value in _HALVES else value
            wide = value.float()
            written.append((value, wide))
            return wide

        made = self._func(*widen(args), **{name: widen(value) for name, value in kwargs.items()})
        if self._func._schema.is_mutable:
            for narrow, wide in written:
                narrow.copy_(wide)
        return made


def _types(args: Any) -> Tuple[torch.dtype, ...]:
    if isinstance(args, Tensor):
        return (args.dtype,)
    return tuple(dtype for value in args for dtype in _types(value)) if isinstance(args, (list, tuple)) else ()


def _decomposition(func: Any) -> Any:
    from torch._decomp import decomposition_table

    return decomposition_table.get(func)
