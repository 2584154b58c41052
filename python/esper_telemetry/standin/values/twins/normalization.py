"""cuDNN's batch normalisation, the parts of synchronised batch normalisation, RMS normalisation, softmax that widens, dropout's other forms."""

from __future__ import annotations

from typing import Any, Tuple

import torch
from torch import Tensor


def _batch_norm(a: Any) -> Any:
    halved = a.input.dtype in (torch.float16, torch.bfloat16)
    x = a.input.float() if halved else a.input
    momentum = a.exponential_average_factor
    return (*torch.ops.aten.native_batch_norm(x, a.weight, a.bias, a.running_mean, a.running_var, a.training, momentum, a.epsilon), None)


def _batch_norm_backward(a: Any) -> Any:
    x, grad = a.input.float(), a.grad_output.float()
    return torch.ops.aten.native_batch_norm_backward(
        grad, x, a.weight, a.running_mean, a.running_var, a.save_mean, a.save_var, True, a.epsilon, [True, True, True]
    )


def _others(x: Tensor) -> Tuple[int, ...]:
    """All dimensions but the channels'."""
    return tuple(i for i in range(x.dim()) if i != 1)


def _channels(values: Tensor, like: Tensor) -> Tensor:
    return values.reshape([1, -1] + [1] * (like.dim() - 2))


def _stats(a: Any) -> Any:
    x = a.input.float()
    variance, mean = torch.var_mean(x, _others(x), correction=0)
    return mean, torch.rsqrt(variance + a.eps)


def _gather(a: Any) -> Any:
    counts = a.counts if isinstance(a.counts, Tensor) else torch.full(a.mean.shape[:1], float(a.count))
    weight = counts.to(a.mean.dtype).reshape(-1, 1)
    total = weight.sum()
    mean = (a.mean * weight).sum(0) / total
    variance = ((a.invstd**-2 - a.eps + (a.mean - mean) ** 2) * weight).sum(0) / total
    if a.running_mean is not None:
        a.running_mean.mul_(1 - a.momentum).add_(mean, alpha=a.momentum)
    if a.running_var is not None:
        a.running_var.mul_(1 - a.momentum).add_(variance * total / (total - 1), alpha=a.momentum)
    return mean, torch.rsqrt(variance + a.eps)


def _element(a: Any) -> Tensor:
    made = (a.input.float() - _channels(a.mean, a.input)) * _channels(a.invstd, a.input)
    made = made if a.weight is None else made * _channels(a.weight, a.input)
    return made if a.bias is None else made + _channels(a.bias, a.input)


def _backward_reduce(a: Any) -> Any:
    grad, moved = a.grad_out.float(), a.input.float() - _channels(a.mean, a.input)
    dims = _others(grad)
    total, product = grad.sum(dims), (grad * moved).sum(dims)
    return total, product, product * a.invstd, total


def _backward_element(a: Any) -> Tensor:
    count = a.count.sum().to(torch.float32) if isinstance(a.count, Tensor) else torch.tensor(float(a.count))
    moved = a.input.float() - _channels(a.mean, a.input)
    mean_grad = _channels(a.sum_dy / count, a.input)
    slope = _channels(a.sum_dy_xmu / count * a.invstd**2, a.input)
    made = (a.grad_out.float() - mean_grad - moved * slope) * _channels(a.invstd, a.input)
    return made if a.weight is None else made * _channels(a.weight, a.input)


def _rms_backward(a: Any) -> Any:
    dims = tuple(range(-len(a.normalized_shape), 0))
    x, grad, scale = a.input.float(), a.grad_out.float(), a.rstd.float()
    normal = x * scale
    weighted = grad if a.weight is None else grad * a.weight.float()
    grad_x = (weighted - normal * (weighted * normal).mean(dims, keepdim=True)) * scale
    lead = tuple(range(x.dim() - len(a.normalized_shape)))
    return grad_x, None if a.weight is None else (grad * normal).sum(lead) if lead else grad * normal


def _softmax(a: Any) -> Tensor:
    return torch.ops.aten._softmax(a.self.float() if a.half_to_float else a.self, a.dim, False)


def _log_softmax(a: Any) -> Tensor:
    return torch.ops.aten._log_softmax(a.self.float() if a.half_to_float else a.self, a.dim, False)


def _fused_dropout(a: Any) -> Any:
    mask = torch.empty_like(a.self, dtype=torch.uint8).bernoulli_(a.p, generator=a.generator)
    return a.self * mask * (1 / a.p), mask


NORMALIZATION = {
    "aten::cudnn_batch_norm": _batch_norm,
    "aten::cudnn_batch_norm_backward": _batch_norm_backward,
    "aten::batch_norm_stats": _stats,
    "aten::batch_norm_gather_stats": _gather,
    "aten::batch_norm_gather_stats_with_counts": _gather,
    "aten::batch_norm_elemt": _element,
    "aten::batch_norm_backward_reduce": _backward_reduce,
    "aten::batch_norm_backward_elemt": _backward_element,
    "aten::_fused_rms_norm_backward": _rms_backward,
    "aten::_softmax": _softmax,
    "aten::_log_softmax": _log_softmax,
    "aten::_fused_dropout": _fused_dropout,
    "aten::_masked_scale": lambda a: a.self * a.mask * a.scale,
}
