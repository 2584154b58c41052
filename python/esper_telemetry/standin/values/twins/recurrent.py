"""cuDNN's recurrent networks and the fused cells, by the CPU's own recurrent networks and by hand."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, List, Optional, Sequence, Tuple

import torch
from torch import Tensor

from .autograd import gradients

#: cuDNN's numbers of them.
_MODES = ("rnn_relu", "rnn_tanh", "lstm", "gru")
#: Generator states before forward passes with dropout between layers, by the output's address: the backward pass drops the same.
_states: "OrderedDict[int, Tensor]" = OrderedDict()
_KEPT = 256


def _run(a: Any, x: Tensor, hx: Tensor, cx: Optional[Tensor], weights: Sequence[Tensor]) -> Tuple[Tensor, ...]:
    """Output, last hidden state and, of an LSTM, last cell state."""
    kind = _MODES[a.mode]
    function: Any = getattr(torch._VF, kind)  # type: ignore[attr-defined]
    state = (hx, cx) if kind == "lstm" else hx
    biases = a.weight_stride0 >= 4
    shape = (biases, a.num_layers, a.dropout, a.train, a.bidirectional)
    if len(a.batch_sizes):
        made = function(x, torch.tensor(list(a.batch_sizes)), state, list(weights), *shape)
    else:
        made = function(x, state, list(weights), *shape, a.batch_first)
    return tuple(made)


def _rnn(a: Any) -> Any:
    if a.dropout and a.train:
        _states[a.input.data_ptr()] = torch.default_generator.get_state()
        while len(_states) > _KEPT:
            _states.popitem(last=False)
    output, hy, *cy = _run(a, a.input, a.hx, a.cx, a.weight)
    return output, hy, cy[0] if cy else None, None, None


def _rnn_backward(a: Any) -> Any:
    def forward(x: Tensor, hx: Tensor, cx: Optional[Tensor], *weights: Tensor) -> Tuple[Tensor, ...]:
        return _run(a, x, hx, cx, weights)

    default = torch.default_generator
    kept, state = default.get_state(), _states.get(a.input.data_ptr())
    if state is not None:
        default.set_state(state)
    try:
        found = gradients(forward, [a.input, a.hx, a.cx, *a.weight], [a.grad_output, a.grad_hy, a.grad_cy])
    finally:
        default.set_state(kept)
    return found[0], found[1], found[2], found[3:]


def _flatten_weight(a: Any) -> None:
    """The weights were copied into one block by the device itself."""
    return None


def _sum(gates: Sequence[Optional[Tensor]]) -> Tensor:
    first, *rest = [gate for gate in gates if gate is not None]
    for gate in rest:
        first = first + gate
    return first


def _lstm_cell(a: Any) -> Any:
    gates = _sum([a.input_gates, a.hidden_gates, a.input_bias, a.hidden_bias])
    i, f, g, o = gates.chunk(4, 1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    cy = f * a.cx + i * g
    return o * cy.tanh(), cy, torch.cat([i, f, g, o], 1)


def _lstm_cell_backward(a: Any) -> Any:
    i, f, g, o = a.workspace.chunk(4, 1)
    top = a.cy.tanh()
    grad_hy = torch.zeros_like(a.cy) if a.grad_hy is None else a.grad_hy
    grad_cell = grad_hy * o * (1 - top**2) + (0 if a.grad_cy is None else a.grad_cy)
    gates = torch.cat([
        grad_cell * g * i * (1 - i), grad_cell * a.cx * f * (1 - f), grad_cell * i * (1 - g**2), grad_hy * top * o * (1 - o),
    ], 1)  # fmt: skip
    return gates, grad_cell * f, gates.sum(0) if a.has_bias else None


def _gru_cell(a: Any) -> Any:
    ir, ii, in_ = a.input_gates.chunk(3, 1)
    hr, hi, hn = a.hidden_gates.chunk(3, 1)
    if a.input_bias is not None:
        br, bi, bn = a.input_bias.chunk(3)
        cr, ci, cn = a.hidden_bias.chunk(3)
        ir, ii, in_, hr, hi, hn = ir + br, ii + bi, in_ + bn, hr + cr, hi + ci, hn + cn
    reset, update = (ir + hr).sigmoid(), (ii + hi).sigmoid()
    new = (in_ + reset * hn).tanh()
    return new + update * (a.hx - new), torch.cat([reset, update, new, a.hx, hn], 1)


def _gru_cell_backward(a: Any) -> Any:
    reset, update, new, hx, hn = a.workspace.chunk(5, 1)
    grad_new = a.grad_hy * (1 - update) * (1 - new**2)
    grad_update = a.grad_hy * (hx - new) * update * (1 - update)
    grad_reset = grad_new * hn * reset * (1 - reset)
    inputs: Tensor = torch.cat([grad_reset, grad_update, grad_new], 1)
    hidden = torch.cat([grad_reset, grad_update, grad_new * reset], 1)
    biases: List[Optional[Tensor]] = [inputs.sum(0), hidden.sum(0)] if a.has_bias else [None, None]
    return (inputs, hidden, a.grad_hy * update, *biases)


RECURRENT = {
    "aten::_cudnn_rnn": _rnn,
    "aten::_cudnn_rnn_backward": _rnn_backward,
    "aten::_cudnn_rnn_flatten_weight": _flatten_weight,
    "aten::_thnn_fused_lstm_cell": _lstm_cell,
    "aten::_thnn_fused_lstm_cell_backward_impl": _lstm_cell_backward,
    "aten::_thnn_fused_gru_cell": _gru_cell,
    "aten::_thnn_fused_gru_cell_backward": _gru_cell_backward,
}
