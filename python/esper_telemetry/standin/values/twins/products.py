"""Matrix products of mixed types, and the loss that cuDNN has of its own."""

from __future__ import annotations

from typing import Any, List

import torch
from torch import Tensor

from .autograd import gradients


def _mm(a: Any) -> Tensor:
    return a.self.to(a.out_dtype) @ a.mat2.to(a.out_dtype)


def _addmm(a: Any) -> Tensor:
    left, right = (a.batch1, a.batch2) if a.batch1 is not None else (a.mat1, a.mat2)
    return a.self.to(a.out_dtype) * a.beta + a.alpha * (left.to(a.out_dtype) @ right.to(a.out_dtype))


def _scaled_mm(a: Any) -> Any:
    product = (a.self.float() * a.scale_a.float()) @ (a.mat2.float() * a.scale_b.float())
    product = product if a.bias is None else product + a.bias.float()
    product = product if a.scale_result is None else product * a.scale_result
    return product.to(a.out_dtype or a.self.dtype)


def _lengths(lengths: Any) -> List[int]:
    return lengths.tolist() if isinstance(lengths, Tensor) else list(lengths)


def _ctc(a: Any) -> Any:
    """cuDNN's forward operator makes the gradient as well."""
    sizes = _lengths(a.input_lengths), _lengths(a.target_lengths)

    def loss(log_probs: Tensor) -> List[Tensor]:
        return [torch.ops.aten._ctc_loss(log_probs, a.targets.long(), *sizes, a.blank, a.zero_infinity)[0]]

    made = loss(a.log_probs)[0]
    return made, gradients(loss, [a.log_probs], [torch.ones_like(made)])[0]


PRODUCTS = {
    "aten::mm": _mm,
    "aten::bmm": _mm,
    "aten::addmm": _addmm,
    "aten::baddbmm": _addmm,
    "aten::_scaled_mm": _scaled_mm,
    "aten::_cudnn_ctc_loss": _ctc,
}
