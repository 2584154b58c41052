"""cuDNN's convolutions as the CPU's. They are mostly called by ``aten::convolution``, which the CPU has itself."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def _convolution(a: Any) -> Tensor:
    return _wide(a.self, a.weight, None, a)


def _wide(x: Tensor, weight: Tensor, bias: Any, a: Any, transposed: bool = False) -> Tensor:
    half = x.dtype == torch.float16
    if half:
        x, weight, bias = x.float(), weight.float(), None if bias is None else bias.float()
    output_padding = a.output_padding if transposed else [0] * len(a.stride)
    return torch.ops.aten.convolution(x, weight, bias, a.stride, a.padding, a.dilation, transposed, output_padding, a.groups or 1)


def _transposed(a: Any) -> Tensor:
    return _wide(a.self, a.weight, None, a, transposed=True)


def _relu(a: Any) -> Tensor:
    return torch.relu(_wide(a.self, a.weight, a.bias, a))


def _add_relu(a: Any) -> Tensor:
    return torch.relu(_wide(a.self, a.weight, a.bias, a) + a.z * (1 if a.alpha is None else a.alpha))


def _depthwise(a: Any) -> Tensor:
    a.groups = a.self.shape[1 if a.self.dim() == len(a.stride) + 2 else 0]
    return _wide(a.self, a.weight, a.bias, a)


CONVOLUTION = {
    "aten::cudnn_convolution": _convolution,
    "aten::cudnn_convolution_transpose": _transposed,
    "aten::cudnn_convolution_relu": _relu,
    "aten::cudnn_convolution_add_relu": _add_relu,
    "aten::_conv_depthwise2d": _depthwise,
    "aten::conv_depthwise3d": _depthwise,
    "aten::cudnn_grid_sampler": lambda a: torch.ops.aten.grid_sampler_2d(a.self, a.grid, 0, 0, True),
    "aten::cudnn_grid_sampler_backward": lambda a: torch.ops.aten.grid_sampler_2d_backward(a.grad_output, a.self, a.grid, 0, 0, True, [True, True]),
}
