"""Operators and modules by name, each a function of a device that returns tensors or numbers: what they give on the stand-in device is what
they give on the CPU.

    python -m esper_telemetry.standin operator_cases.py [PART OF A NAME]

prints one JSON line a case: ``{"name", "differs": null or a sentence, "allocations": [number, bytes, peak bytes] on the device}``.
"""

from __future__ import annotations

import json
import sys
import traceback
import unittest
import warnings
from typing import Any, Callable, Dict, List

import torch
import torch.nn.functional as F
from torch import Tensor, nn

warnings.simplefilter("ignore")
Case = Callable[[str], Any]
CASES: Dict[str, Case] = {}


def values(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed + 1)).to(dtype)


def whole(*shape: int, high: int = 10, seed: int = 0) -> Tensor:
    return torch.randint(0, high, shape, generator=torch.Generator().manual_seed(seed + 1))


def case(name: str) -> Callable[[Case], Case]:
    def add(function: Case) -> Case:
        CASES[name] = function
        return function

    return add


def simple(name: str, function: Callable[..., Any], *inputs: Tensor) -> None:
    CASES[name] = lambda d: function(*[x.to(d) for x in inputs])


def gradient(name: str, function: Callable[..., Any], *inputs: Tensor) -> None:
    """The result and the gradients of all floating inputs."""

    def run(d: str) -> Any:
        leaves = [x.to(d).clone().requires_grad_(x.is_floating_point()) for x in inputs]
        made = function(*leaves)
        made = made[0] if isinstance(made, tuple) else made
        weight = torch.linspace(0.5, 1.5, made.numel()).reshape(made.shape).to(d)
        (made * weight).sum().backward()
        return [made.detach(), *[x.grad for x in leaves if x.requires_grad]]

    CASES[name] = run


def module(name: str, make: Callable[[], nn.Module], *inputs: Tensor, dtype: "torch.dtype | None" = None) -> None:
    """Output, gradients of inputs and parameters, and buffers."""

    def run(d: str) -> Any:
        torch.manual_seed(3)
        made = make()
        if dtype is not None:
            made = made.to(dtype)
        made = made.to(d)
        leaves = [x.to(d).to(dtype if dtype is not None and x.is_floating_point() else x.dtype).clone().requires_grad_(x.is_floating_point()) for x in inputs]
        out = made(*leaves)
        outs = [o for o in flat(out) if isinstance(o, Tensor)]
        sum((o.float() * torch.linspace(0.5, 1.5, o.numel()).reshape(o.shape).to(d)).sum() for o in outs).backward()
        return [o.detach() for o in outs] + [x.grad for x in leaves if x.requires_grad] + [p.grad for p in made.parameters()] + list(made.buffers())

    CASES[name] = run


def flat(value: Any) -> List[Any]:
    if isinstance(value, (list, tuple)):
        return [item for part in value for item in flat(part)]
    return [value.data] if isinstance(value, nn.utils.rnn.PackedSequence) else [value]


X, Y, B = values(8, 6), values(8, 6, seed=1), values(6, seed=2)
POSITIVE = X.abs() + 0.1
MASK = X > 0
IDS = whole(8, 6, high=6)

for n in ("tanh sigmoid relu exp sin cos erf abs neg floor ceil round sign isnan logical_not square expm1 atan sinh asinh trunc frac softplus gelu silu "
          "mish hardswish elu selu leaky_relu logsigmoid celu hardtanh relu6 softsign tanhshrink").split():  # fmt: skip
    simple(n, getattr(torch, n, None) or getattr(F, n), X)
for n in "log sqrt rsqrt log1p lgamma digamma reciprocal log2 log10".split():
    simple(n, getattr(torch, n), POSITIVE)
for n in "add sub mul div maximum minimum atan2 fmod remainder eq ne lt le gt ge logical_and logical_or hypot copysign floor_divide true_divide logaddexp".split():
    simple(n, getattr(torch, n), X, Y + 3)
for n in "sum mean prod std var amax amin argmax argmin all any logsumexp cumsum cumprod norm median nanmean count_nonzero cummax sort argsort mode".split():
    if n in ("sum", "mean", "prod", "std", "var", "argmax", "argmin", "all", "any", "norm", "median", "nanmean", "count_nonzero"):
        simple(n, getattr(torch, n), X)
    if n not in ("prod", "norm"):
        simple(f"{n} dim", lambda x, n=n: getattr(torch, n)(x, 1), X)
gradient("broadcast", lambda a, b: a * b + a / (b.abs() + 1), X, B)
gradient("matmul", lambda a, b: a @ b.t(), X, Y)
gradient("bmm", torch.bmm, values(2, 3, 4), values(2, 4, 5))
gradient("baddbmm", torch.baddbmm, values(2, 3, 5), values(2, 3, 4), values(2, 4, 5))
gradient("einsum", lambda a, b: torch.einsum("ij,kj->ik", a, b), X, Y)
gradient("linear", F.linear, X, values(5, 6), values(5))
gradient("softmax", lambda x: F.softmax(x, -1), X)
gradient("log_softmax", lambda x: F.log_softmax(x, -1), X)
simple("softmax that widens", lambda x: F.softmax(x, -1, dtype=torch.float32), X.half())
gradient("cross_entropy", F.cross_entropy, values(8, 5), whole(8, high=5))
gradient("cross_entropy ignoring", lambda x, y: F.cross_entropy(x, y, ignore_index=0, label_smoothing=0.1), values(8, 5), whole(8, high=5))
for n in "mse_loss l1_loss smooth_l1_loss huber_loss".split():
    gradient(n, getattr(F, n), X, Y)
gradient("bce logits", F.binary_cross_entropy_with_logits, X, X.sigmoid())
gradient("kl_div", lambda a, b: F.kl_div(F.log_softmax(a, -1), F.softmax(b, -1), reduction="batchmean"), X, Y)
gradient("ctc_loss", lambda x: F.ctc_loss(F.log_softmax(x, -1), torch.tensor([[1, 2], [2, 1]], device=x.device), (6, 6), (2, 2)), values(6, 2, 4))
gradient("triplet", lambda a, b: F.triplet_margin_loss(a, b, a * b), X, Y)
gradient("cosine_similarity", F.cosine_similarity, X, Y)
gradient("cdist", torch.cdist, X, Y)
gradient("embedding", lambda w, i: F.embedding(i, w), values(6, 4), whole(3, 5, high=6))
gradient("embedding_bag", lambda w, i: F.embedding_bag(i, w, mode="mean"), values(6, 4), whole(3, 5, high=6))
gradient("gather", lambda x, i: x.gather(1, i), X, IDS)
gradient("index_select", lambda x, i: x.index_select(1, i), X, whole(3, high=6))
gradient("index", lambda x, i: x[i], X, whole(5, high=8))
gradient("index of two", lambda x, i, j: x[i, j], X, whole(5, high=8), whole(5, high=6))
gradient("index by mask", lambda x, m: x[m], X, MASK)
gradient("index by row mask", lambda x, m: x[m], X, MASK[:, 0])
gradient("masked_select", lambda x, m: x.masked_select(m), X, MASK)
gradient("masked_fill", lambda x, m: x.masked_fill(m, 2.0), X, MASK)
gradient("where", lambda x, y, m: torch.where(m, x, y), X, Y, MASK)
gradient("cat", lambda x, y: torch.cat([x, y], 1), X, Y)
gradient("stack", lambda x, y: torch.stack([x, y], 1), X, Y)
gradient("pad", lambda x: F.pad(x, (1, 2), value=3.0), X)
gradient("roll", lambda x: x.roll(2, 0), X)
gradient("flip", lambda x: x.flip(0), X)
gradient("repeat_interleave", lambda x: x.repeat_interleave(3, 0), X)
gradient("clamp", lambda x: x.clamp(-0.5, 0.5), X)
gradient("scatter_add", lambda x, i, y: x.scatter_add(1, i, y), X, IDS, Y)
gradient("scatter_reduce", lambda x, i, y: x.scatter_reduce(1, i, y, "amax"), X, IDS, Y)
gradient("index_add", lambda x, i, y: x.index_add(0, i, y), X, whole(8, high=8), Y)
gradient("index_put", lambda x, i, y: x.index_put((i,), y, accumulate=True), X, whole(8, high=8), Y)
gradient("take_along_dim", lambda x: torch.take_along_dim(x, x.argsort(1), 1), X)
gradient("topk", lambda x: x.topk(3, 1)[0], X)
gradient("kthvalue", lambda x: x.kthvalue(2, 1)[0], X)
gradient("layer_norm", lambda x, w: F.layer_norm(x, (6,), w), X, B)
gradient("group_norm", lambda x: F.group_norm(x.view(2, 4, 6), 2), X)
if hasattr(F, "rms_norm"):
    gradient("rms_norm", lambda x, w: F.rms_norm(x, (6,), w), X, B)
gradient("glu", F.glu, X)
gradient("prelu", F.prelu, X, values(1))
gradient("normalize", F.normalize, X)
gradient("complex", lambda x, y: torch.view_as_real(torch.complex(x, y) * torch.complex(y, x).conj()), X, Y)
gradient("fft", lambda x: torch.fft.rfft(x).abs(), X)
gradient("cholesky", lambda x: torch.linalg.cholesky(x @ x.t() + torch.eye(8, device=x.device)), X)
gradient("solve", lambda x, y: torch.linalg.solve(x @ x.t() + torch.eye(8, device=x.device), y), X, Y)
gradient("inverse", lambda x: torch.linalg.inv(x @ x.t() + torch.eye(8, device=x.device)), X)
gradient("det", lambda x: torch.linalg.det(x[:6]), X)
simple("svd", lambda x: torch.linalg.svdvals(x), X)
simple("eigh", lambda x: torch.linalg.eigvalsh(x @ x.t()), X)
simple("qr", lambda x: torch.linalg.qr(x)[1].abs(), X)
simple("lstsq", lambda x, y: torch.linalg.lstsq(x, y).solution, X, Y)
simple("triangular_solve", lambda x, y: torch.linalg.solve_triangular(x[:6].triu() + 5 * torch.eye(6, device=x.device), y[:6], upper=True), X, Y)
simple("nonzero", lambda x: x.nonzero(), MASK)
simple("nonzero of none", lambda x: (x > 99).nonzero(), X)
simple("where of one", lambda x: torch.where(x), MASK)
simple("unique", lambda x: torch.unique(x), IDS)
simple("unique with all", lambda x: torch.unique(x, return_inverse=True, return_counts=True), IDS)
simple("unique of rows", lambda x: torch.unique(x % 2, dim=0, return_inverse=True, return_counts=True), IDS)
simple("unique_consecutive", lambda x: torch.unique_consecutive(x, return_inverse=True, return_counts=True), whole(30, high=2))
simple("unique_consecutive rows", lambda x: torch.unique_consecutive(x, dim=0), whole(30, 1, high=2))
simple("unique of bool", lambda x: torch.unique(x, return_counts=True), MASK)
simple("bincount", lambda x: torch.bincount(x.flatten()), IDS)
simple("histc", lambda x: torch.histc(x), X)
simple("repeat_interleave of counts", lambda x, r: x.repeat_interleave(r, 0), X, whole(8, high=3))
simple("one_hot", lambda x: F.one_hot(x), IDS)
simple("searchsorted", lambda x, y: torch.searchsorted(x.sort(1)[0], y), X, Y)
simple("bucketize", lambda x: torch.bucketize(x, torch.linspace(-1, 1, 5, device=x.device)), X)
simple("isin", lambda x: torch.isin(x, torch.tensor([1, 3], device=x.device)), IDS)
simple("item", lambda x: [x.sum().item(), bool((x > 0).any()), int(x.argmax()), x[0].tolist()], X)
simple("equal", lambda x, y: [torch.equal(x, x.clone()), torch.equal(x, y), torch.allclose(x, x + 1e-9)], X, Y)
simple("tril triu eye diag", lambda x: [x.tril(), x.triu(1), torch.eye(4, device=x.device), torch.diag(x[0]), torch.block_diag(x, x)], X)
simple("factories", lambda x: [torch.arange(3, 9, device=x.device), torch.linspace(0, 1, 7, device=x.device), torch.full((3,), 2.5, device=x.device),
                               torch.ones(4, device=x.device), torch.zeros(4, device=x.device), torch.ones_like(x), torch.tensor([1.0, 2.0], device=x.device),
                               x.new_full((2,), 7), x.new_ones(3), torch.tril_indices(3, 3, device=x.device), torch.scalar_tensor(3.0, device=x.device)], X)  # fmt: skip
simple("types", lambda x: [x.half(), x.bfloat16(), x.double(), x.long(), x.bool(), x.to(torch.uint8), x.to(torch.complex64)], X.abs())
simple("halves", lambda x: [x + 1, x @ x.t(), x.sum(), x.softmax(1), x.exp(), x.cumsum(0), x.sort(1)[0], F.layer_norm(x, (6,)), x.std(), x.topk(2)[0]], X.half())
simple("brains", lambda x: [x + 1, x @ x.t(), x.sum(), x.softmax(1), x.exp(), x.cumsum(0), x.sort(1)[0], F.layer_norm(x, (6,)), x.std(), x.topk(2)[0]], X.bfloat16())
simple("views", lambda x: [x.t()[2:4], x.view(4, 12)[:, ::3], x.expand(2, 8, 6)[1], x.unfold(1, 2, 2), x.diagonal(), x.permute(1, 0).reshape(-1), x.as_strided((3, 2), (2, 1)),
                           x.chunk(2)[1], x.unbind(1)[3], x.movedim(0, 1), x.squeeze().unsqueeze(0), x.view(torch.int32)], X)  # fmt: skip
simple("from not contiguous", lambda x: [x.t().contiguous(), x.t().cpu(), x[:, 1].cpu(), x[::2].double()], X)
simple("interpolate", lambda x: F.interpolate(x.view(1, 1, 8, 6), scale_factor=2, mode="bilinear"), X)
gradient("grid_sample", lambda x, g: F.grid_sample(x.view(1, 1, 8, 6), g.tanh(), align_corners=False), X, values(1, 3, 3, 2))
simple("vmap", lambda x: torch.func.vmap(lambda row: (row * 2).sum() + row[0])(x) if hasattr(torch, "func") else x.sum(1) * 2 + x[:, 0], X)
simple("jacobian", lambda x: torch.autograd.functional.jacobian(lambda row: row.tanh() * row.sum(), x[0]), X)
simple("int matrices", lambda x: torch.div(x, 3, rounding_mode="floor") + (x << 1) + (x & 3), IDS)


@case("in place")
def _(d: str) -> Any:
    x = X.to(d).clone()
    x.add_(1).mul_(2).clamp_(-1, 3)
    x[0] = 5
    x[:, 2] = torch.arange(8.0, device=d)
    x[x > 2] = -1
    x[1, 1] += 7
    x.masked_fill_(x < -0.9, 0.25).index_fill_(1, torch.tensor([0], device=d), 9)
    x.index_copy_(0, torch.tensor([3], device=d), torch.ones(1, 6, device=d)).scatter_(1, torch.zeros(8, 1, dtype=torch.long, device=d), 4.0)
    x.t().copy_(x.t() * 2)
    x[2:4].zero_()
    x[4].fill_(3)
    x.addcmul_(x, x, value=0.1).addcdiv_(x, x.abs() + 1).lerp_(torch.zeros_like(x), 0.3).addmm_(X.to(d), Y.to(d).t() @ Y.to(d))
    y = torch.empty(3, 2, device=d)
    torch.add(x[:3, :2], 1, out=y)
    z = torch.empty(0, device=d)
    torch.cat([x, x], out=z)
    return [x, y, z, torch.mul(x, 2, out=torch.empty_like(x)), x.cumsum_(0), x.sort(0)[0]]


@case("fake tensors")
def _(d: str) -> Any:
    """They have a device and no memory: sharded tensors find their results' shapes by them."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode() as mode:
        fakes = [mode.from_tensor(x.to(d)) for x in (values(4), values(2, 3))]
        norms = torch._foreach_norm(fakes, 2.0)
        made = [*norms, torch.stack(norms), torch.clamp(norms[0], max=1.0), *torch._foreach_mul(fakes, 2.0), fakes[1] @ torch.empty(3, 5, device=d)]
    return [torch.tensor([x.device.type == d, *x.shape]) for x in made]


@case("lists")
def _(d: str) -> Any:
    many = [values(5, 3, seed=i).to(d) for i in range(3)]
    torch._foreach_add_(many, 1.0)
    torch._foreach_mul_(many, [m * 2 for m in many])
    torch._foreach_addcmul_(many, many, many, value=0.1)
    torch._foreach_lerp_(many, [torch.ones_like(m) for m in many], 0.25)
    return [*torch._foreach_sqrt([m.abs() for m in many]), *torch._foreach_norm(many), *torch._foreach_add(many, many), *many]


def _train(d: str, make: Callable[[Any], Any], steps: int = 4, clip: bool = True) -> Any:
    torch.manual_seed(5)
    net = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3)).to(d)
    optimizer = make(net.parameters())
    losses = []
    for step in range(steps):
        def closure(step: int = step) -> Any:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(values(8, 6, seed=step).to(d)), whole(8, high=3, seed=step).to(d))
            loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(net.parameters(), 0.5)
            return loss
        losses.append(float(optimizer.step(closure)))
    return [torch.tensor(losses), *[p.detach() for p in net.parameters()]]


optim = torch.optim
for name, make in {
    "SGD": lambda p: optim.SGD(p, 0.1, momentum=0.9, nesterov=True), "Adam": lambda p: optim.Adam(p, 0.01), "AdamW": lambda p: optim.AdamW(p, 0.01), "AMSGrad": lambda p: optim.Adam(p, 0.01, amsgrad=True),
    "RMSprop": lambda p: optim.RMSprop(p, 0.01, momentum=0.1), "Adagrad": lambda p: optim.Adagrad(p, 0.1), "Adadelta": lambda p: optim.Adadelta(p), "NAdam": lambda p: optim.NAdam(p, 0.01),
    "RAdam": lambda p: optim.RAdam(p, 0.01), "Adamax": lambda p: optim.Adamax(p, 0.01), "ASGD": lambda p: optim.ASGD(p, 0.1), "Rprop": lambda p: optim.Rprop(p), "LBFGS": lambda p: optim.LBFGS(p, 0.1, max_iter=3),
    "Adam for each": lambda p: optim.Adam(p, 0.01, foreach=True), "Adam of one": lambda p: optim.Adam(p, 0.01, foreach=False),
}.items():  # fmt: skip
    CASES[f"optimizer {name}"] = lambda d, make=make: _train(d, make)
for name, make in {
    "Adam": lambda p, fused: optim.Adam(p, 0.01, weight_decay=0.1, fused=fused), "AdamW": lambda p, fused: optim.AdamW(p, 0.01, fused=fused),
    "AMSGrad": lambda p, fused: optim.Adam(p, 0.01, amsgrad=True, fused=fused), "SGD": lambda p, fused: optim.SGD(p, 0.1, momentum=0.9, fused=fused),
}.items():  # fmt: skip
    if name != "SGD" or "fused" in str(optim.SGD.__init__.__annotations__):
        CASES[f"optimizer fused {name}"] = lambda d, make=make: _train(d, lambda p: make(list(p), d != "cpu"))
if hasattr(optim, "Adam"):
    CASES["optimizer capturable"] = lambda d: _train(d, lambda p: optim.Adam(p, 0.01, capturable=d != "cpu"))

IMAGE, SIGNAL = values(2, 3, 8, 8), values(2, 3, 12)
module("conv2d", lambda: nn.Conv2d(3, 4, 3, padding=1), IMAGE)
module("conv2d strided", lambda: nn.Conv2d(3, 6, 3, stride=2, groups=3, dilation=2), IMAGE)
module("conv2d depthwise", lambda: nn.Conv2d(3, 3, 3, groups=3, bias=False), IMAGE)
module("conv2d half", lambda: nn.Conv2d(3, 4, 3), IMAGE, dtype=torch.bfloat16)
module("conv1d", lambda: nn.Conv1d(3, 4, 3), SIGNAL)
module("conv3d", lambda: nn.Conv3d(3, 4, 2), values(1, 3, 4, 4, 4))
module("conv transposed", lambda: nn.ConvTranspose2d(3, 4, 3, stride=2, output_padding=1), IMAGE)
module("pools", lambda: nn.Sequential(nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1)), IMAGE)
module("adaptive max pool", lambda: nn.AdaptiveMaxPool2d(3), IMAGE)
module("batch norm", lambda: nn.BatchNorm2d(3), IMAGE)
module("batch norm 1d", lambda: nn.BatchNorm1d(6), X)
module("batch norm eval", lambda: nn.BatchNorm2d(3).eval(), IMAGE)
module("instance norm", lambda: nn.InstanceNorm2d(3, affine=True), IMAGE)
module("small resnet block", lambda: nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(512, 4)), IMAGE)
SEQUENCE = values(5, 3, 6)
module("lstm", lambda: nn.LSTM(6, 8, 2), SEQUENCE)
module("lstm both ways", lambda: nn.LSTM(6, 8, bidirectional=True, batch_first=True), SEQUENCE)
module("lstm projected", lambda: nn.LSTM(6, 8, proj_size=4), SEQUENCE)
module("gru", lambda: nn.GRU(6, 8, 2), SEQUENCE)
module("rnn", lambda: nn.RNN(6, 8, nonlinearity="relu", bias=False), SEQUENCE)
module("lstm cell", lambda: nn.LSTMCell(6, 8), X)
module("gru cell", lambda: nn.GRUCell(6, 8), X)
module("rnn cell", lambda: nn.RNNCell(6, 8), X)


@case("packed lstm")
def _(d: str) -> Any:
    torch.manual_seed(1)
    net = nn.LSTM(6, 8).to(d)
    packed = nn.utils.rnn.pack_padded_sequence(SEQUENCE.to(d), torch.tensor([5, 3, 2]))
    out, (h, c) = net(packed)
    (out.data.sum() + h.sum()).backward()
    return [out.data, h, c, *[p.grad for p in net.parameters()], nn.utils.rnn.pad_packed_sequence(out)[0]]


module("transformer encoder", lambda: nn.TransformerEncoderLayer(16, 4, 32, dropout=0.0, batch_first=True), values(2, 5, 16))
module("multi-head attention", lambda: nn.MultiheadAttention(16, 4, batch_first=True), *[values(2, 5, 16, seed=s) for s in range(3)])


@case("transformer encoder eval")
def _(d: str) -> Any:
    if not hasattr(torch.backends, "mha"):
        raise unittest.SkipTest("nested tensors, which have no values here")
    torch.manual_seed(1)
    net = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 4, 32, batch_first=True), 2).eval().to(d)
    hidden = torch.tensor([[False] * 5, [False] * 3 + [True] * 2]).to(d)
    with torch.no_grad():
        return net(values(2, 5, 16).to(d), src_key_padding_mask=hidden)[:, :3]


QKV = [values(2, 4, 8, 16, seed=s) for s in range(3)]
for dtype in (torch.float32, torch.bfloat16, torch.float16):
    kind = str(dtype)[6:]
    typed = [x.to(dtype) for x in QKV]
    gradient(f"attention {kind}", F.scaled_dot_product_attention, *typed)
    gradient(f"attention causal {kind}", lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), *typed)
    gradient(f"attention masked {kind}", lambda q, k, v: F.scaled_dot_product_attention(q, k, v, attn_mask=torch.ones(8, 8, dtype=torch.bool, device=q.device).tril()), *typed)
    gradient(f"attention biased {kind}", lambda q, k, v, b: F.scaled_dot_product_attention(q, k, v, attn_mask=b.to(q.dtype)), *typed, values(2, 4, 8, 8))
    gradient(f"attention odd {kind}", lambda q, k, v: F.scaled_dot_product_attention(q[..., :12], k[..., :12], v[..., :12]), *typed)
    gradient(f"attention cross {kind}", lambda q, k, v: F.scaled_dot_product_attention(q[:, :, :5], k, v), *typed)
gradient("attention grouped", lambda q, k, v: F.scaled_dot_product_attention(q, k[:, :2].repeat_interleave(2, 1), v[:, :2].repeat_interleave(2, 1)), *[x.bfloat16() for x in QKV])


@case("autocast and scaler")
def _(d: str) -> Any:
    torch.manual_seed(5)
    net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.LayerNorm(16), nn.Linear(16, 3)).to(d)
    optimizer = optim.Adam(net.parameters(), 0.01)
    losses = []
    scale = 1024.0
    scaler = torch.cuda.amp.GradScaler(init_scale=scale, growth_interval=2) if d == "cuda" else None
    for step in range(4):
        with torch.autocast(d, dtype=torch.bfloat16):
            loss = F.cross_entropy(net(values(8, 6, seed=step).to(d)).float(), whole(8, high=3, seed=step).to(d))
        optimizer.zero_grad()
        if scaler is None:
            (loss * scale).backward()
            for p in net.parameters():
                p.grad /= scale
            optimizer.step()
            scale = scale * 2 if step % 2 else scale
        else:
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        losses.append(float(loss))
    return [torch.tensor(losses), torch.tensor(scale if scaler is None else scaler.get_scale()), *[p.detach() for p in net.parameters()]]


@case("scaler finds infinities")
def _(d: str) -> Any:
    p = nn.Parameter(torch.ones(3, device=d))
    if d == "cpu":
        return [torch.ones(3), torch.tensor(2.0)]
    scaler, optimizer = torch.cuda.amp.GradScaler(init_scale=4.0), optim.SGD([p], 1.0)
    scaler.scale((p * float("inf")).sum()).backward()
    scaler.step(optimizer)
    scaler.update()
    return [p.detach(), torch.tensor(scaler.get_scale())]


def drawn(name: str, function: Case) -> None:
    def run(d: str) -> Any:
        torch.manual_seed(11)
        return function(d)

    CASES[f"random {name}"] = run


drawn("all", lambda d: [torch.rand(5, device=d), torch.randn(3, 3, device=d), torch.randint(0, 9, (6,), device=d), torch.randperm(10, device=d), torch.rand_like(X.to(d)), torch.randn_like(X.to(d))])
drawn("in place", lambda d: [torch.empty(6, device=d).uniform_(-1, 2), torch.empty(6, device=d).normal_(1, 2), torch.empty(6, device=d).exponential_(), torch.empty(6, device=d).bernoulli_(0.3), torch.empty(6, device=d).random_(0, 9),
                             torch.empty(4, device=d).log_normal_(), torch.empty(4, device=d).cauchy_(), torch.empty(4, device=d).geometric_(0.4)])  # fmt: skip
drawn("multinomial", lambda d: [torch.multinomial(POSITIVE.to(d), 1), torch.multinomial(POSITIVE.to(d), 4), torch.multinomial(POSITIVE.to(d), 9, replacement=True)])
drawn("distributions", lambda d: [torch.distributions.Categorical(logits=X.to(d)).sample(), torch.distributions.Normal(X.to(d), 1.0).sample(), torch.distributions.Bernoulli(logits=X.to(d)).sample(), torch.distributions.Gamma(POSITIVE.to(d), 1.0).sample(),
                                  torch.distributions.Beta(POSITIVE.to(d), 2.0).sample(), torch.distributions.Dirichlet(POSITIVE.to(d)).sample(), torch.distributions.Poisson(POSITIVE.to(d)).sample(), torch.distributions.MultivariateNormal(B.to(d), torch.eye(6, device=d)).rsample()])  # fmt: skip
drawn("bernoulli", lambda d: [torch.bernoulli(X.sigmoid().to(d)), torch.normal(X.to(d), 2.0), torch.normal(0.0, 1.0, (4,), device=d), torch.poisson(POSITIVE.to(d))])
drawn("dropout", lambda d: [F.dropout(X.to(d), 0.4), F.dropout(X.to(d), 0.0), F.dropout2d(IMAGE.to(d), 0.5), F.alpha_dropout(X.to(d), 0.3, training=True)])
drawn("gumbel", lambda d: F.gumbel_softmax(X.to(d), hard=True))
drawn("a generator", lambda d: (lambda g: [torch.rand(4, generator=g, device=d), torch.multinomial(POSITIVE.to(d), 1, generator=g), torch.randn(3, generator=g, device=d), torch.empty(3, device=d).normal_(generator=g), torch.randint(0, 5, (3,), generator=g, device=d)])(torch.Generator(d).manual_seed(4)))
drawn("rrelu", lambda d: F.rrelu(X.to(d), training=True))
drawn("init", lambda d: [nn.init.orthogonal_(torch.empty(4, 6, device=d)), nn.init.kaiming_uniform_(torch.empty(4, 6, device=d)), nn.init.trunc_normal_(torch.empty(4, 6, device=d)), nn.init.xavier_normal_(torch.empty(4, 6, device=d))])


@case("random and checkpointing")
def _(d: str) -> Any:
    from torch.utils.checkpoint import checkpoint

    torch.manual_seed(11)
    x = X.to(d).clone().requires_grad_()
    net = nn.Sequential(nn.Linear(6, 6), nn.Dropout(0.5), nn.Tanh()).to(d)
    for _ in range(2):
        checkpoint(net, x, use_reentrant=False).sum().backward()
    return [x.grad, net[0].weight.grad, torch.rand(3, device=d)]


def tensors(made: Any) -> List[Tensor]:
    return [t.detach().cpu() if isinstance(t, Tensor) else torch.tensor(t) for t in flat(made) if t is not None]


def difference(here: List[Tensor], there: List[Tensor]) -> "str | None":
    """Within rounding, of the type. A sentence where they differ."""
    if len(here) != len(there):
        return f"{len(there)} results, not {len(here)}"
    for place, (a, b) in enumerate(zip(here, there)):
        if a.shape != b.shape or a.dtype != b.dtype:
            return f"result {place} is {b.dtype} {tuple(b.shape)}, not {a.dtype} {tuple(a.shape)}"
        tolerance = {torch.float16: 1e-2, torch.bfloat16: 6e-2}.get(a.dtype, 2e-4)
        wide = torch.complex128 if a.is_complex() else torch.float64
        if not torch.allclose(a.to(wide), b.to(wide), rtol=tolerance, atol=tolerance, equal_nan=True):
            return f"result {place} is off by {float((a.to(wide) - b.to(wide)).abs().max()):.3g}"
    return None


def main() -> None:
    torch.set_num_threads(1)
    torch.zeros(1, device="cuda")
    for name, run in CASES.items():
        if len(sys.argv) > 1 and sys.argv[1] not in name:
            continue
        line: Dict[str, Any] = {"name": name, "differs": None}
        try:
            torch.cuda.reset_peak_memory_stats()
            torch.manual_seed(0)
            stats = torch.cuda.memory_stats()
            there = tensors(run("cuda"))
            after = torch.cuda.memory_stats()
            line["allocations"] = [after[f"{key}.all.allocated"] - stats[f"{key}.all.allocated"] for key in ("allocation", "allocated_bytes")]
            line["allocations"].append(after["allocated_bytes.all.peak"] - stats["allocated_bytes.all.current"])
            try:
                here = tensors(run("cpu"))
            except (RuntimeError, TypeError) as error:  # this version's CPU cannot: there is nothing to compare with
                print(json.dumps({"name": name, "differs": None, "not": str(error).splitlines()[0]}), flush=True)
                continue
            line["differs"] = difference(here, there)
        except unittest.SkipTest:
            continue
        except Exception as error:
            line["differs"] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''} at {traceback.extract_tb(error.__traceback__)[-1].name}"
        print(json.dumps(line), flush=True)
    if "esper_telemetry.standin.values" in sys.modules:
        print(json.dumps({"summary": sys.modules["esper_telemetry.standin.values"].summary()}))


if __name__ == "__main__":
    main()
