"""Trainings of many shapes, as people write them: ``shapes.py NAME cuda|cpu``, or ``shapes.py [NAME…]`` for those or all on both, each in a fork of its own.

Each takes some optimizer steps and prints a line of JSON: its losses, which are the same on the CPU where values are computed, and what PyTorch's allocator
held at most. bench/shapes.py judges them.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import math
import os
import sys
import threading
from typing import Any, Callable, Dict, Iterator, List, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Step = Callable[[], Any]
Shape = Callable[[torch.device], Iterator[Any]]
SHAPES: Dict[str, Shape] = {}
STEPS = 4


def shape(make: Shape) -> Shape:
    SHAPES[make.__name__] = make
    return make


def rows(*size: int, seed: int = 0) -> Tensor:
    return torch.randn(*size, generator=torch.Generator().manual_seed(seed + 7))


def whole(high: int, *size: int, seed: int = 0) -> Tensor:
    return torch.randint(0, high, size, generator=torch.Generator().manual_seed(seed + 7))


def mlp(device: torch.device, width: int = 32, out: int = 8) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(16, width), nn.GELU(), nn.Linear(width, out)).to(device)


def steps(optimizer: Any, loss: Callable[[int], Tensor]) -> Iterator[Tensor]:
    for step in range(STEPS):
        optimizer.zero_grad()
        now = loss(step)
        now.backward()
        optimizer.step()
        yield now


def trained(device: torch.device, model: nn.Module, loss: Callable[[int], Tensor], make: Any = torch.optim.AdamW, **options: Any) -> Iterator[Tensor]:
    yield from steps(make(model.parameters(), lr=1e-2, **options), loss)


# --- precision, compilation, graphs, streams ------------------------------------------------------------------------


@shape
def autocast_scaler(device: torch.device) -> Iterator[Any]:
    model, scaler = mlp(device), torch.amp.GradScaler(device.type, enabled=device.type == "cuda")
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
    for step in range(STEPS):
        optimizer.zero_grad()
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss = model(rows(24, 16, seed=step).to(device)).float().square().mean()
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        yield loss


@shape
def half_weights(device: torch.device) -> Iterator[Any]:
    model = mlp(device).bfloat16()
    yield from trained(device, model, lambda step: model(rows(24, 16, seed=step).bfloat16().to(device)).float().square().mean())


@shape
def compiled(device: torch.device) -> Iterator[Any]:
    if importlib.util.find_spec("triton") is None:
        return  # PyTorch's own sentence would be the answer
    model = mlp(device)
    fast = torch.compile(model) if device.type == "cuda" else model
    for loss in trained(device, model, lambda step: fast(rows(24, 16).to(device)).square().mean()):
        yield loss if device.type == "cpu" else None  # compiled kernels do nothing here


@shape
def compiled_eager_backend(device: torch.device) -> Iterator[Any]:
    model = mlp(device)
    fast = torch.compile(model, backend="aot_eager")
    yield from trained(device, model, lambda step: fast(rows(24, 16, seed=step).to(device)).square().mean())


@shape
def scripted(device: torch.device) -> Iterator[Any]:
    model = torch.jit.script(mlp(device))
    yield from trained(device, model, lambda step: model(rows(24, 16, seed=step).to(device)).square().mean())


@shape
def graphed(device: torch.device) -> Iterator[Any]:
    model = mlp(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2, **({"capturable": True} if device.type == "cuda" else {}))
    x = rows(24, 16).to(device)
    if device.type == "cpu":
        for loss in steps(optimizer, lambda step: model(x).square().mean()):
            yield None
        return
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        for _ in range(2):
            optimizer.zero_grad(set_to_none=True)
            model(x).square().mean().backward()
            optimizer.step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    optimizer.zero_grad(set_to_none=True)
    with torch.cuda.graph(graph):
        model(x).square().mean().backward()
        optimizer.step()
    for _ in range(STEPS):
        graph.replay()
        yield None


@shape
def streams(device: torch.device) -> Iterator[Any]:
    model = mlp(device)
    side = torch.cuda.Stream() if device.type == "cuda" else None

    def loss(step: int) -> Tensor:
        there = rows(24, 16, seed=step)
        if side is None:
            return model(there).square().mean()
        with torch.cuda.stream(side):
            x = there.pin_memory().to(device, non_blocking=True)
        torch.cuda.current_stream().wait_stream(side)
        x.record_stream(torch.cuda.current_stream())
        return model(x).square().mean()

    yield from trained(device, model, loss)


@shape
def events(device: torch.device) -> Iterator[Any]:
    model = mlp(device)
    for loss in trained(device, model, lambda step: model(rows(24, 16, seed=step).to(device)).square().mean()):
        if device.type == "cuda":
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()
            end.record()
            torch.cuda.synchronize()
            assert begin.elapsed_time(end) >= 0
        yield loss


# --- memory that people save ----------------------------------------------------------------------------------------


@shape
def checkpointed(device: torch.device) -> Iterator[Any]:
    from torch.utils.checkpoint import checkpoint, checkpoint_sequential

    torch.manual_seed(0)
    layers = nn.Sequential(*[nn.Sequential(nn.Linear(16, 16), nn.Dropout(0.0), nn.Tanh()) for _ in range(6)]).to(device)

    def loss(step: int) -> Tensor:
        x = rows(24, 16, seed=step).to(device).requires_grad_()
        x = checkpoint_sequential(layers, 3, x, use_reentrant=False)
        return checkpoint(layers, x, use_reentrant=True).square().mean()

    yield from trained(device, layers, loss)


@shape
def saved_on_cpu(device: torch.device) -> Iterator[Any]:
    model = mlp(device)

    def loss(step: int) -> Tensor:
        with torch.autograd.graph.save_on_cpu(pin_memory=device.type == "cuda"):
            return model(rows(24, 16, seed=step).to(device)).square().mean()

    yield from trained(device, model, loss)


@shape
def step_in_backward(device: torch.device) -> Iterator[Any]:
    model = mlp(device)
    optimizers = {p: torch.optim.SGD([p], lr=1e-2) for p in model.parameters()}

    def act(parameter: Tensor) -> None:
        optimizers[parameter].step()
        optimizers[parameter].zero_grad()

    for parameter in model.parameters():
        parameter.register_post_accumulate_grad_hook(act)
    for step in range(STEPS):
        loss = model(rows(24, 16, seed=step).to(device)).square().mean()
        loss.backward()
        yield loss


@shape
def meta_then_empty(device: torch.device) -> Iterator[Any]:
    with torch.device("meta"):
        model = nn.Linear(16, 8)
    model = model.to_empty(device=device)
    with torch.no_grad():
        model.weight.copy_(rows(8, 16))
        model.bias.zero_()
    yield from trained(device, model, lambda step: model(rows(24, 16, seed=step).to(device)).square().mean())


@shape
def default_device(device: torch.device) -> Iterator[Any]:
    torch.set_default_device(device)
    torch.manual_seed(0)
    model = nn.Linear(16, 8)
    yield from trained(device, model, lambda step: model(torch.ones(24, 16) * step).square().mean())
    torch.set_default_device("cpu")


@shape
def smaller_until_it_fits(device: torch.device) -> Iterator[Any]:
    """As accelerate's find_executable_batch_size does."""
    model, size = mlp(device), 1 << 30
    while True:
        try:
            x = torch.zeros(size, 16, device=device) if device.type == "cuda" else torch.zeros(1 << 24, 16)
            del x
            break
        except torch.OutOfMemoryError:
            size //= 2
            torch.cuda.empty_cache()
    yield from trained(device, model, lambda step: model(rows(24, 16, seed=step).to(device)).square().mean())


# --- layers ---------------------------------------------------------------------------------------------------------


@shape
def channels_last(device: torch.device) -> Iterator[Any]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3, groups=8), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model = model.to(device, memory_format=torch.channels_last)
    yield from trained(device, model, lambda step: model(rows(2, 3, 12, 12, seed=step).to(device, memory_format=torch.channels_last)).square().mean())


@shape
def volumes(device: torch.device) -> Iterator[Any]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv3d(1, 4, 3), nn.GroupNorm(2, 4), nn.SiLU(), nn.ConvTranspose3d(4, 1, 3)).to(device)
    yield from trained(device, model, lambda step: model(rows(1, 1, 6, 6, 6, seed=step).to(device)).square().mean())


@shape
def recurrent(device: torch.device) -> Iterator[Any]:
    torch.manual_seed(0)
    model = nn.ModuleList([nn.LSTM(8, 12, 2, batch_first=True, bidirectional=True), nn.GRU(24, 8, batch_first=True)]).to(device)

    def loss(step: int) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(rows(3, 5, 8, seed=step).to(device), torch.tensor([5, 3, 2]), batch_first=True)
        out, _ = nn.utils.rnn.pad_packed_sequence(model[0](packed)[0], batch_first=True)
        return model[1](out)[0].square().mean()

    yield from trained(device, model, loss)


@shape
def embedding_bag_sparse(device: torch.device) -> Iterator[Any]:
    torch.manual_seed(0)
    bag = nn.EmbeddingBag(50, 8, mode="sum", sparse=True).to(device)
    for loss in trained(device, bag, lambda step: bag(whole(50, 4, 6, seed=step).to(device)).square().mean(), torch.optim.SparseAdam):
        yield loss if device.type == "cpu" else None  # sparse gradients have no values


@shape
def sparse_adjacency(device: torch.device) -> Iterator[Any]:
    weight = nn.Parameter(rows(16, 4).to(device))
    adjacency = torch.sparse_coo_tensor(whole(10, 2, 30), torch.ones(30), (10, 10)).coalesce().to(device)
    for loss in steps(torch.optim.Adam([weight], lr=1e-2), lambda step: torch.sparse.mm(adjacency, rows(10, 16, seed=step).to(device) @ weight).square().mean()):
        yield loss if device.type == "cpu" else None  # sparse tensors have no values


@shape
def complex_numbers(device: torch.device) -> Iterator[Any]:
    weight = nn.Parameter(torch.complex(rows(8, 8), rows(8, 8, seed=1)).to(device))
    yield from steps(torch.optim.Adam([weight], lr=1e-2), lambda step: (torch.complex(rows(4, 8, seed=step), rows(4, 8)).to(device) @ weight).abs().square().mean())


@shape
def fourier(device: torch.device) -> Iterator[Any]:
    weight = nn.Parameter(torch.complex(rows(4, 9), rows(4, 9, seed=1)).to(device))
    yield from steps(torch.optim.SGD([weight], lr=1e-2), lambda step: torch.fft.irfft(torch.fft.rfft(rows(4, 16, seed=step).to(device)) * weight, n=16).square().mean())


@shape
def linear_algebra(device: torch.device) -> Iterator[Any]:
    weight = nn.Parameter(rows(6, 6).to(device))

    def loss(step: int) -> Tensor:
        a = weight @ weight.T + 6 * torch.eye(6, device=device)
        lower = torch.linalg.cholesky(a)
        solved = torch.linalg.solve(a, rows(6, 2, seed=step).to(device))
        values = torch.linalg.eigvalsh(a)
        return solved.square().sum() + torch.linalg.svdvals(lower).sum() + values.log().sum() + torch.linalg.qr(a)[1].diagonal().abs().sum() + torch.logdet(a)

    yield from steps(torch.optim.Adam([weight], lr=1e-2), loss)


@shape
def attention_backends(device: torch.device) -> Iterator[Any]:
    from torch.nn.attention import SDPBackend, sdpa_kernel

    torch.manual_seed(0)
    model = nn.Linear(32, 96).to(device)
    backends = [SDPBackend.MATH, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.FLASH_ATTENTION, SDPBackend.CUDNN_ATTENTION]

    def loss(step: int) -> Tensor:
        q, k, v = model(rows(2, 10, 32, seed=step).to(device)).unflatten(-1, (3, 4, 8)).permute(2, 0, 3, 1, 4).unbind(0)
        backend = backends[step % len(backends)]
        if device.type == "cpu":
            return F.scaled_dot_product_attention(q, k, v, is_causal=True).float().square().mean()
        if step >= 2:
            q, k, v = q.bfloat16(), k.bfloat16(), v.bfloat16()
        with sdpa_kernel(backend):
            return F.scaled_dot_product_attention(q, k, v, is_causal=True).float().square().mean()

    for step, now in enumerate(trained(device, model, loss)):
        yield round(now.item(), 2)


@shape
def jagged(device: torch.device) -> Iterator[Any]:
    model = mlp(device)

    def loss(step: int) -> Tensor:
        parts = [rows(n, 16, seed=n + step).to(device) for n in (3, 5, 2)]
        nested = torch.nested.nested_tensor(parts, layout=torch.jagged)
        return model(nested).values().square().mean()

    yield from trained(device, model, loss)


@shape
def experts(device: torch.device) -> Iterator[Any]:
    torch.manual_seed(0)
    model = nn.ModuleList([nn.Linear(16, 4), *[nn.Linear(16, 16) for _ in range(4)]]).to(device)

    def loss(step: int) -> Tensor:
        x = rows(20, 16, seed=step).to(device)
        weights, chosen = model[0](x).softmax(-1).topk(2)
        out = torch.zeros_like(x)
        for expert in range(4):
            token, slot = torch.where(chosen == expert)
            if token.numel() == 0:
                continue
            out.index_add_(0, token, model[1 + expert](x[token]) * weights[token, slot, None])
        return out.square().mean()

    yield from trained(device, model, loss)


@shape
def ctc(device: torch.device) -> Iterator[Any]:
    torch.manual_seed(0)
    model = nn.Linear(8, 10).to(device)

    def loss(step: int) -> Tensor:
        log = model(rows(12, 2, 8, seed=step).to(device)).log_softmax(-1)
        return F.ctc_loss(log, 1 + whole(9, 2, 4).to(device), torch.tensor([12, 12]), torch.tensor([4, 3]))

    yield from trained(device, model, loss)


@shape
def normed_weights(device: torch.device) -> Iterator[Any]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(16, 16)), nn.utils.parametrizations.orthogonal(nn.Linear(16, 16))).to(device)
    yield from trained(device, model, lambda step: (model(rows(8, 16, seed=step).to(device)) - 1).square().mean(), torch.optim.SGD)


@shape
def fake_quantized(device: torch.device) -> Iterator[Any]:
    model = mlp(device)
    scale = torch.tensor([0.05], device=device, requires_grad=True)
    zero = torch.zeros(1, device=device)

    def loss(step: int) -> Tensor:
        x = torch.fake_quantize_per_tensor_affine(rows(8, 16, seed=step).to(device), 0.05, 0, -128, 127)
        return torch._fake_quantize_learnable_per_tensor_affine(model(x), scale, zero, -128, 127, 1.0).square().mean()

    yield from steps(torch.optim.SGD([*model.parameters(), scale], lr=1e-3), loss)


@shape
def int8_weights(device: torch.device) -> Iterator[Any]:
    stored = (rows(16, 16) * 20).to(torch.int8).to(device)
    low = nn.ParameterList([rows(16, 2), torch.zeros(2, 16)]).to(device)
    yield from trained(device, low, lambda step: (rows(8, 16, seed=step).to(device) @ (stored.float() / 20 + low[0] @ low[1])).square().mean())


# --- optimizers -----------------------------------------------------------------------------------------------------


class EightBit(torch.optim.Optimizer):
    """Momentum in a byte a number and a scale a row, as memory-saving optimizers do."""

    def __init__(self, parameters: Any, lr: float = 1e-2):
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                flat = p.grad.reshape(-1)
                if not state:
                    state["q"], state["scale"] = torch.zeros_like(flat, dtype=torch.uint8), torch.ones(1, device=p.device)
                momentum = (state["q"].float() - 128) * state["scale"] * 0.9 + flat
                state["scale"].copy_(momentum.abs().amax() / 127 + 1e-12)
                state["q"].copy_((momentum / state["scale"]).round() + 128)
                p.add_(momentum.view_as(p), alpha=-group["lr"])


@shape
def eight_bit_momentum(device: torch.device) -> Iterator[Any]:
    model = mlp(device)
    yield from trained(device, model, lambda step: model(rows(24, 16, seed=step).to(device)).square().mean(), EightBit)


def _optimizer(name: str, make: Any, **options: Any) -> None:
    def run(device: torch.device) -> Iterator[Any]:
        model = mlp(device)
        given = {key: value for key, value in options.items() if device.type == "cuda" or key != "fused"}
        yield from trained(device, model, lambda step: model(rows(24, 16, seed=step).to(device)).square().mean(), make, **given)

    SHAPES[name] = run


_optimizer("fused_adamw", torch.optim.AdamW, fused=True)
_optimizer("fused_sgd", torch.optim.SGD, fused=True, momentum=0.9)
_optimizer("one_by_one_adam", torch.optim.Adam, foreach=False)
_optimizer("foreach_nadam", torch.optim.NAdam, foreach=True)
_optimizer("adafactor", torch.optim.Adafactor)
_optimizer("rprop", torch.optim.Rprop)


@shape
def second_order(device: torch.device) -> Iterator[Any]:
    model = mlp(device)
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=4)
    x = rows(24, 16).to(device)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = model(x).square().mean()
        loss.backward()
        return loss

    for _ in range(STEPS):
        yield optimizer.step(closure)


@shape
def averaged(device: torch.device) -> Iterator[Any]:
    model = mlp(device)
    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9))
    for _ in trained(device, model, lambda step: model(rows(24, 16, seed=step).to(device)).square().mean()):
        average.update_parameters(model)
        yield average(rows(4, 16).to(device)).square().mean()


@shape
def alternating(device: torch.device) -> Iterator[Any]:
    """Two networks against each other, each with its optimizer."""
    generator, critic = mlp(device, out=16), mlp(device, out=1)
    first, second = torch.optim.Adam(generator.parameters(), lr=1e-3), torch.optim.Adam(critic.parameters(), lr=1e-3)
    for step in range(STEPS):
        noise = rows(8, 16, seed=step).to(device)
        loss = critic(generator(noise).detach()).mean() - critic(rows(8, 16, seed=99).to(device)).mean()
        second.zero_grad()
        loss.backward()
        second.step()
        first.zero_grad()
        fooled = -critic(generator(noise)).mean()
        fooled.backward()
        first.step()
        yield loss + fooled


# --- autograd -------------------------------------------------------------------------------------------------------


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.exp() * 2

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # type: ignore[override]
        (x,) = ctx.saved_tensors
        return grad * x.exp() * 2


@shape
def own_function(device: torch.device) -> Iterator[Any]:
    model = mlp(device)
    yield from trained(device, model, lambda step: Doubled.apply(model(rows(24, 16, seed=step).to(device))).mean())


@shape
def gradient_penalty(device: torch.device) -> Iterator[Any]:
    model = mlp(device)

    def loss(step: int) -> Tensor:
        x = rows(24, 16, seed=step).to(device).requires_grad_()
        out = model(x).sum()
        (grad,) = torch.autograd.grad(out, x, create_graph=True)
        return out * 0.01 + (grad.norm(dim=1) - 1).square().mean()

    yield from trained(device, model, loss)


@shape
def per_sample_gradients(device: torch.device) -> Iterator[Any]:
    from torch.func import functional_call, grad, vmap

    model = mlp(device)
    x = rows(6, 16).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)

    def one(parameters: Any, sample: Tensor) -> Tensor:
        return functional_call(model, parameters, (sample[None],)).square().mean()

    for _ in range(STEPS):
        parameters = {name: p.detach() for name, p in model.named_parameters()}
        grads = vmap(grad(one), in_dims=(None, 0))(parameters, x)
        for name, p in model.named_parameters():
            p.grad = grads[name].mean(0)
        optimizer.step()
        yield one(parameters, x[0])


@shape
def counted_flops(device: torch.device) -> Iterator[Any]:
    from torch.utils.flop_counter import FlopCounterMode

    model = mlp(device)
    with FlopCounterMode(display=False) as counter:
        yield from trained(device, model, lambda step: model(rows(24, 16, seed=step).to(device)).square().mean())
    assert counter.get_total_flops() > 0


# --- control flow, processes ----------------------------------------------------------------------------------------


@shape
def branch_on_item(device: torch.device) -> Iterator[Any]:
    model, patience = mlp(device), 0
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(10):
        optimizer.zero_grad()
        loss = model(rows(24, 16).to(device)).square().mean()
        if not math.isfinite(loss.item()):
            raise FloatingPointError("the loss is not finite")
        patience = patience + 1 if loss.item() < 0.02 else 0
        loss.backward()
        optimizer.step()
        yield loss
        if patience > 1:
            break


@shape
def policy_gradient(device: torch.device) -> Iterator[Any]:
    model = mlp(device, out=4)
    torch.manual_seed(3)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(STEPS):
        policy = torch.distributions.Categorical(logits=model(rows(12, 16, seed=step).to(device)))
        action = policy.sample()
        loss = -(policy.log_prob(action) * (action == 2).float()).mean() - 0.01 * policy.entropy().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss


@shape
def generate_then_train(device: torch.device) -> Iterator[Any]:
    torch.manual_seed(0)
    model = nn.ModuleList([nn.Embedding(20, 16), nn.Linear(16, 20)]).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(STEPS):
        tokens = whole(20, 3, 1, seed=step).to(device)
        with torch.no_grad():
            while tokens.shape[1] < 12 and not bool((tokens[:, -1] == 0).all()):
                tokens = torch.cat([tokens, model[1](model[0](tokens[:, -1])).argmax(-1, keepdim=True)], 1)
        loss = F.cross_entropy(model[1](model[0](tokens[:, :-1])).flatten(0, 1), tokens[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss


class Numbers(torch.utils.data.Dataset):
    def __len__(self) -> int:
        return 32

    def __getitem__(self, at: int) -> Tuple[Tensor, int]:
        return rows(16, seed=at), at % 8


@shape
def workers(device: torch.device) -> Iterator[Any]:
    loader = torch.utils.data.DataLoader(Numbers(), 8, num_workers=2, pin_memory=device.type == "cuda", persistent_workers=True)
    model = mlp(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)
    for x, y in loader:
        loss = F.cross_entropy(model(x.to(device, non_blocking=True)), y.to(device, non_blocking=True))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss


@shape
def in_a_thread(device: torch.device) -> Iterator[Any]:
    found: List[Any] = []
    model = mlp(device)

    def train() -> None:
        found.extend(loss.detach() for loss in trained(device, model, lambda step: model(rows(24, 16, seed=step).to(device)).square().mean()))

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    yield from found


@shape
def saved_and_loaded(device: torch.device) -> Iterator[Any]:
    import io

    model = mlp(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    yield from steps(optimizer, lambda step: model(rows(24, 16, seed=step).to(device)).square().mean())
    file = io.BytesIO()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)
    file.seek(0)
    kept = torch.load(file, map_location=device, weights_only=True)
    model.load_state_dict(kept["model"])
    optimizer.load_state_dict(kept["optimizer"])
    yield from steps(optimizer, lambda step: model(rows(24, 16, seed=step).to(device)).square().mean())


@shape
def profiled(device: torch.device) -> Iterator[Any]:
    model = mlp(device)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]), contextlib.suppress(StopIteration):
        yield from trained(device, model, lambda step: model(rows(24, 16, seed=step).to(device)).square().mean())


@shape
def deterministic(device: torch.device) -> Iterator[Any]:
    torch.use_deterministic_algorithms(True)
    table = nn.Embedding(20, 8).to(device)
    with torch.no_grad():
        table.weight.copy_(rows(20, 8))
    yield from trained(device, table, lambda step: table(whole(20, 30, seed=step).to(device)).square().mean())
    torch.use_deterministic_algorithms(False)


def play(name: str, kind: str) -> None:
    losses = [loss.item() if isinstance(loss, Tensor) else loss for loss in SHAPES[name](torch.device(kind))]
    peak = torch.cuda.max_memory_allocated() if kind == "cuda" else None
    print(json.dumps({"name": name, "device": kind, "losses": losses, "peak": peak}), flush=True)


def play_in_fork(name: str, kind: str) -> None:
    """Before CUDA begins in this process, which has imported torch once for all."""
    pid = os.fork()
    if pid == 0:
        try:
            play(name, kind)
        except BaseException as error:
            first = (str(error).splitlines() or [""])[0]
            print(json.dumps({"name": name, "device": kind, "problem": f"{type(error).__name__}: {first}"}), flush=True)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if status:
        print(json.dumps({"name": name, "device": kind, "problem": f"ended by {status}"}), flush=True)


def main() -> None:
    if sys.argv[2:] in (["cuda"], ["cpu"]):
        return play(sys.argv[1], sys.argv[2])
    torch.set_num_threads(1)
    for name in sys.argv[1:] or SHAPES:
        for kind in ("cuda", "cpu"):
            play_in_fork(name, kind)


if __name__ == "__main__":
    main()
