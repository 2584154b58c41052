"""Fused optimizers and the gradient scaler's operators, for versions whose CPU lacks them: as the single-tensor ones of ``torch.optim`` compute."""

from __future__ import annotations

from typing import Any, Optional

import torch
from torch import Tensor


def _is_skipped(a: Any) -> bool:
    return a.found_inf is not None and float(a.found_inf) != 0


def _gradient(a: Any, grad: Tensor, param: Tensor, decays: bool) -> Tensor:
    if a.grad_scale is not None:
        grad.div_(a.grad_scale.to(grad.dtype))
    found = -grad if a.maximize else grad
    return found.add(param, alpha=a.weight_decay) if decays and a.weight_decay else found


def _adam(a: Any, decoupled: bool) -> None:
    if _is_skipped(a):
        return
    lr = float(a.lr)
    for i, (param, grad, mean, square, step) in enumerate(zip(a.self, a.grads, a.exp_avgs, a.exp_avg_sqs, a.state_steps)):
        found = _gradient(a, grad, param, decays=not decoupled)
        if decoupled:
            param.mul_(1 - lr * a.weight_decay)
        taken = float(step)
        mean.lerp_(found, 1 - a.beta1)
        square.mul_(a.beta2).addcmul_(found, found, value=1 - a.beta2)
        largest = square
        if a.amsgrad:
            largest = torch.maximum(a.max_exp_avg_sqs[i], square, out=a.max_exp_avg_sqs[i])
        denominator = (largest.sqrt() / (1 - a.beta2**taken) ** 0.5).add_(a.eps)
        param.addcdiv_(mean, denominator, value=-lr / (1 - a.beta1**taken))


def _sgd(a: Any) -> None:
    if _is_skipped(a):
        return
    for i, (param, grad) in enumerate(zip(a.self, a.grads)):
        found = _gradient(a, grad, param, decays=True)
        buffer: Optional[Tensor] = a.momentum_buffer_list[i] if a.momentum_buffer_list else None
        if a.momentum and buffer is not None:
            if a.is_first_step:
                buffer.copy_(found)
            else:
                buffer.mul_(a.momentum).add_(found, alpha=1 - a.dampening)
            found = found.add(buffer, alpha=a.momentum) if a.nesterov else buffer
        param.add_(found, alpha=-float(a.lr))


def _adagrad(a: Any) -> None:
    if _is_skipped(a):
        return
    for param, grad, total, step in zip(a.self, a.grads, a.state_sums, a.state_steps):
        found = _gradient(a, grad, param, decays=True)
        total.addcmul_(found, found, value=1)
        param.addcdiv_(found, total.sqrt().add_(a.eps), value=-float(a.lr) / (1 + (float(step) - 1) * a.lr_decay))


def _unscale(a: Any) -> None:
    for grad in a.self:
        if not bool(torch.isfinite(grad).all()):
            a.found_inf.fill_(1.0)
        grad.mul_(a.inv_scale.to(grad.dtype))


def _update_scale(a: Any) -> Tensor:
    scale: Tensor = a.self
    if float(a.found_inf):
        scale.mul_(a.scale_backoff_factor)
        a.growth_tracker.zero_()
    elif int(a.growth_tracker) + 1 == a.growth_interval:
        grown = scale * a.scale_growth_factor
        if bool(torch.isfinite(grown)):
            scale.copy_(grown)
        a.growth_tracker.zero_()
    else:
        a.growth_tracker.add_(1)
    return scale


OPTIMIZERS = {
    "aten::_fused_adam_": lambda a: _adam(a, decoupled=False),
    "aten::_fused_adamw_": lambda a: _adam(a, decoupled=True),
    "aten::_fused_sgd_": _sgd,
    "aten::_fused_adagrad_": _adagrad,
    "aten::_amp_foreach_non_finite_check_and_unscale_": _unscale,
    "aten::_amp_update_scale_": _update_scale,
}
