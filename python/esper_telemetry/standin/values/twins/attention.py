"""Fused attention, which only the device has: softmax(q·kᵀ·scale + bias)·v, written out in float32.

Dropout's mask comes from a seed that the forward operator leaves where the device leaves its own, so the backward one drops the same.
"""

from __future__ import annotations

import math
from typing import Any, List, NamedTuple, Optional, Tuple

import torch
from torch import Tensor

_NEVER = float("-inf")


class Inputs(NamedTuple):
    """Of one batch or one packed sequence: [batch, heads, length, width]."""

    query: Tensor
    key: Tensor
    value: Tensor
    bias: Optional[Tensor]
    #: 0 none, 1 aligned at the first key, 2 at the last.
    causal: int
    #: Keys that a query sees before and after its own place; None or negative: all.
    window: Tuple[Optional[int], Optional[int]]
    scale: float
    dropout: float
    seed: int


def _weights(of: Inputs) -> Tuple[Tensor, Tensor]:
    """Attention weights before dropout, and the log of the sum of exponentials [batch, heads, queries]."""
    scores = (of.query.float() if of.query.dtype != torch.float64 else of.query) @ of.key.to(_wide(of.key)).transpose(-1, -2) * of.scale
    if of.bias is not None:
        scores = scores + of.bias.to(scores.dtype)[..., : scores.shape[-2], : scores.shape[-1]]
    queries, keys = scores.shape[-2:]
    before, after = of.window
    if of.causal or (before is not None and before >= 0) or (after is not None and after >= 0):
        place = torch.arange(queries)[:, None] + (keys - queries if of.causal == 2 or not of.causal else 0)
        distance = torch.arange(keys)[None, :] - place
        hidden = distance > 0 if of.causal else torch.zeros_like(distance, dtype=torch.bool)
        if after is not None and after >= 0:
            hidden = hidden | (distance > after)
        if before is not None and before >= 0:
            hidden = hidden | (distance < -before)
        scores = scores.masked_fill(hidden, _NEVER)
    total = torch.logsumexp(scores, -1)
    return torch.exp(scores - total.masked_fill(total == _NEVER, 0.0)[..., None]), total


def _wide(tensor: Tensor) -> torch.dtype:
    return torch.float64 if tensor.dtype == torch.float64 else torch.float32


def _mask(of: Inputs, weights: Tensor) -> Optional[Tensor]:
    """Of dropout: 0, or 1 / (1 − p)."""
    if of.dropout == 0:
        return None
    kept = torch.rand(weights.shape, generator=torch.Generator().manual_seed(of.seed)) >= of.dropout
    return kept.to(weights.dtype) / (1 - of.dropout)


def _forward(of: Inputs) -> Tuple[Tensor, Tensor]:
    """Output [batch, heads, queries, width] and log-sum-exp."""
    of = _grouped(of)
    weights, total = _weights(of)
    mask = _mask(of, weights)
    return (weights if mask is None else weights * mask) @ of.value.to(weights.dtype), total


def _backward(of: Inputs, grad: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    """Gradients of query, key, value and scores."""
    groups = of.query.shape[1] // max(1, of.key.shape[1])
    wide = _grouped(of)
    weights, _ = _weights(wide)
    mask = _mask(wide, weights)
    grad = grad.to(weights.dtype)
    dropped = weights if mask is None else weights * mask
    grad_value = dropped.transpose(-1, -2) @ grad
    grad_weights = grad @ wide.value.to(weights.dtype).transpose(-1, -2)
    if mask is not None:
        grad_weights = grad_weights * mask
    grad_scores = weights * (grad_weights - (weights * grad_weights).sum(-1, keepdim=True))
    grad_query = grad_scores @ wide.key.to(weights.dtype) * of.scale
    grad_key = grad_scores.transpose(-1, -2) @ wide.query.to(weights.dtype) * of.scale
    return grad_query, _summed(grad_key, groups), _summed(grad_value, groups), grad_scores


def _grouped(of: Inputs) -> Inputs:
    """Keys and values repeated for the query heads that share them."""
    groups = of.query.shape[1] // max(1, of.key.shape[1])
    if groups <= 1:
        return of
    return of._replace(key=of.key.repeat_interleave(groups, 1), value=of.value.repeat_interleave(groups, 1))


def _summed(grad: Tensor, groups: int) -> Tensor:
    return grad if groups <= 1 else grad.unflatten(1, (-1, groups)).sum(2)


def _scale(a: Any) -> float:
    return a.scale if a.scale is not None else 1 / math.sqrt(a.query.shape[-1])


def _new_seed(a: Any) -> int:
    return int(torch.randint(1 << 62, ())) if a.dropout_p else 0


def _seed(a: Any) -> int:
    """Where the forward operator left it: the names differ by version."""
    kept = next((kept for kept in (a.rng_state, a.philox_seed) if isinstance(kept, Tensor) and kept.numel()), None)
    return int(kept.flatten()[:1].view(torch.int64)) if kept is not None and a.dropout_p else 0


def _inputs(a: Any, heads_first: bool, seed: int, rows: Optional[Tuple[slice, slice]] = None) -> Inputs:
    def arrange(tensor: Tensor, span: Optional[slice]) -> Tensor:
        if span is not None:
            tensor = (tensor[0] if tensor.dim() == 4 else tensor)[span].unsqueeze(0)
        return tensor if heads_first else tensor.transpose(1, 2)

    queries, keys = rows or (None, None)
    mask_type = a.custom_mask_type
    causal = int(mask_type) if mask_type is not None else 2 if a.is_causal or a.causal else 0
    bias = a.bias if a.bias is not None else a.attn_bias
    if isinstance(bias, Tensor) and bias.numel() == 0:
        bias = None
    width = (a.window_size_left, a.window_size_right)
    return Inputs(
        arrange(a.query, queries), arrange(a.key, keys), arrange(a.value, keys), bias, causal, width, _scale(a), a.dropout_p or 0.0, seed
    )  # fmt: skip


def _sequences(a: Any) -> List[Tuple[slice, slice]]:
    """Packed sequences, by their first and last rows; empty where the batch is not packed."""
    starts = [next((found for found in names if isinstance(found, Tensor) and found.numel() > 1), None)
              for names in ((a.cum_seq_q, a.cu_seqlens_q), (a.cum_seq_k, a.cu_seqlens_k))]  # fmt: skip
    if starts[0] is None or starts[1] is None or a.query.dim() == 4 and a.query.shape[0] > 1:
        return []
    edges = [start.tolist() for start in starts]  # type: ignore[union-attr]
    return [(slice(q0, q1), slice(k0, k1)) for q0, q1, k0, k1 in zip(edges[0], edges[0][1:], edges[1], edges[1][1:])]


def _run_forward(a: Any, heads_first: bool) -> Tuple[Tensor, Tensor, int]:
    seed = _new_seed(a)
    sequences = _sequences(a)
    if not sequences:
        out, total = _forward(_inputs(a, heads_first, seed))
        return (out if heads_first else out.transpose(1, 2)), total, seed
    parts = [_forward(_inputs(a, False, seed, rows)) for rows in sequences]
    out = torch.cat([part.transpose(1, 2)[0] for part, _ in parts])
    return (out.unsqueeze(0) if a.query.dim() == 4 else out), torch.cat([total[0] for _, total in parts], -1), seed


def _seeds(seed: int) -> Tensor:
    return torch.tensor([seed, 0])


def _flash_forward(a: Any) -> Any:
    out, total, seed = _run_forward(a, False)
    return out, total, _seeds(seed) if a.dropout_p else None, None, None


def _efficient_forward(a: Any) -> Any:
    out, total, seed = _run_forward(a, False)
    if a.compute_log_sumexp:
        total = torch.nn.functional.pad(total, (0, -total.shape[-1] % 32), value=math.inf)
    return out, total if a.compute_log_sumexp else None, _seeds(seed)[0], _seeds(seed)[1], None, None


def _cudnn_forward(a: Any) -> Any:
    out, total, seed = _run_forward(a, True)
    return out, total[..., None], None, None, None, None, _seeds(seed)[0], _seeds(seed)[1], None


def _run_backward(a: Any, grad: Tensor, heads_first: bool) -> Tuple[Tensor, Tensor, Tensor, Optional[Tensor]]:
    seed = _seed(a)
    sequences = _sequences(a)
    if not sequences:
        *found, scores = _backward(_inputs(a, heads_first, seed), grad if heads_first else grad.transpose(1, 2))
        query, key, value = found if heads_first else [g.transpose(1, 2) for g in found]
        return query, key, value, scores
    flat = grad[0] if grad.dim() == 4 else grad
    parts = [_backward(_inputs(a, False, seed, rows), flat[rows[0]].unsqueeze(0).transpose(1, 2))[:3] for rows in sequences]
    query, key, value = (torch.cat([part.transpose(1, 2)[0] for part in of]) for of in zip(*parts))
    return query, key, value, None


def _flash_backward(a: Any) -> Any:
    return _run_backward(a, a.grad_out, False)[:3]


def _cudnn_backward(a: Any) -> Any:
    return _run_backward(a, a.grad_out, True)[:3]


def _efficient_backward(a: Any) -> Any:
    *found, scores = _run_backward(a, a.grad_out_, False)
    return (*found, _reduced(scores, a.bias) if a.bias_requires_grad and a.bias is not None and scores is not None else None)


def _reduced(grad: Tensor, bias: Tensor) -> Tensor:
    """The gradient of what was broadcast to the scores; padding beyond the scores has none."""
    shape = (*bias.shape[:-2], *grad.shape[-2:])
    summed = grad.sum_to_size(*shape) if shape != grad.shape else grad
    return torch.nn.functional.pad(summed, (0, bias.shape[-1] - summed.shape[-1]))


ATTENTION = {
    "aten::_flash_attention_forward": _flash_forward,
    "aten::_flash_attention_backward": _flash_backward,
    "aten::_efficient_attention_forward": _efficient_forward,
    "aten::_efficient_attention_backward": _efficient_backward,
    "aten::_cudnn_attention_forward": _cudnn_forward,
    "aten::_cudnn_attention_backward": _cudnn_backward,
    "aten::_scaled_dot_product_cudnn_attention": _cudnn_forward,
    "aten::_scaled_dot_product_cudnn_attention_backward": _cudnn_backward,
}
