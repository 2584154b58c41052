"""Gradients of a function on the CPU, worked out by autograd in the middle of an operator, where it is switched off."""

from __future__ import annotations

from typing import Callable, List, Optional, Sequence

import torch
from torch import Tensor

_KEYS = ("AutogradFunctionality", "AutogradCPU", "AutogradOther", "ADInplaceOrView", "AutogradNestedTensor")


def gradients(
    function: Callable[..., Sequence[Tensor]], inputs: Sequence[Optional[Tensor]], grads: Sequence[Optional[Tensor]]
) -> List[Optional[Tensor]]:
    """:param inputs: of ``function``; None stays None. :param grads: of its results; None counts as zero.

    :returns: the gradient of each input, None for None."""
    keys = [getattr(torch._C.DispatchKey, key) for key in _KEYS if hasattr(torch._C.DispatchKey, key)]
    excluded = [key for key in keys if torch._C._dispatch_tls_is_dispatch_key_excluded(key)]
    for key in excluded:
        torch._C._dispatch_tls_set_dispatch_key_excluded(key, False)
    try:
        with torch.inference_mode(False), torch.enable_grad():
            leaves = [None if value is None else value.detach().clone().requires_grad_(value.is_floating_point()) for value in inputs]
            made = [(out, grad) for out, grad in zip(function(*leaves), grads) if grad is not None]
            wanted = [leaf for leaf in leaves if leaf is not None and leaf.requires_grad]
            found = iter(torch.autograd.grad([out for out, _ in made], wanted, [grad.to(out.dtype) for out, grad in made], allow_unused=True))
            return [None if leaf is None or not leaf.requires_grad else _or_zeros(next(found), leaf) for leaf in leaves]
    finally:
        for key in excluded:
            torch._C._dispatch_tls_set_dispatch_key_excluded(key, True)


def _or_zeros(grad: Optional[Tensor], like: Tensor) -> Tensor:
    return torch.zeros_like(like) if grad is None else grad
