"""A decoder-only language model in plain PyTorch, and one recorded step of it: the shape of eight public GPU recordings.

Attention, softmax, RMSNorm, rotary embedding, SwiGLU, cross-entropy and AdamW are written out, so that every allocation is the
program's own. Five steps warm up; the sixth is recorded. Writes figures as JSON; with --events the allocator's too.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from typing import Any, Dict, Iterable

import torch
from torch import Tensor, nn

VOCABULARY, WIDTH, LAYERS, HEADS, INNER, BATCH, WARMUP = 10_000, 1_024, 24, 16, 4_096, 4, 5


class Linear(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))

    def forward(self, x: Tensor) -> Tensor:
        return torch.einsum("...i,oi->...o", x, self.weight)


class Embedding(nn.Module):
    def __init__(self, count: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(count, width))

    def forward(self, tokens: Tensor) -> Tensor:
        return self.weight[tokens, :]


class RMSNorm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        given = x.dtype
        x = x.to(torch.float32)
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)
        x = x * scale
        return (self.weight * x).to(given)


class Rotary(nn.Module):
    """Pairs of neighbours are turned by an angle that grows with the position; halves are laid side by side."""

    table: Tensor

    def __init__(self, context: int, width: int) -> None:
        super().__init__()
        angles = torch.outer(torch.arange(context).float(), 10_000.0 ** -(torch.arange(0, width, 2) / width))
        self.register_buffer("table", torch.stack((angles.cos(), angles.sin())), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        first, second = x.unflatten(-1, (-1, 2)).movedim(-1, 0).unbind(0)
        cosine, sine = self.table[:, : x.size(-2), :].unbind(0)
        turned_first = cosine * first - sine * second
        turned_second = sine * first + cosine * second
        joined = torch.concat((turned_first, turned_second), dim=-1)
        return joined


def softmax(x: Tensor) -> Tensor:
    shifted = x - torch.max(x, dim=-1, keepdim=True)[0]
    powers = torch.exp(shifted)
    return powers / torch.sum(powers, dim=-1, keepdim=True)


def attend(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    scores = torch.einsum("...qd,...kd->...qk", queries, keys) / math.sqrt(keys.shape[-1])
    scores = torch.where(mask, scores, float("-inf"))
    weights = softmax(scores)
    return torch.einsum("...qk,...kd->...qd", weights, values)


class Attention(nn.Module):
    def __init__(self, rotary: Rotary) -> None:
        super().__init__()
        self.queries, self.keys, self.values, self.out = (Linear(WIDTH, WIDTH) for _ in range(4))
        self.rotary = rotary

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.queries(x), self.keys(x), self.values(x)
        q, k, v = (each.unflatten(-1, (HEADS, -1)).transpose(-2, -3) for each in (q, k, v))
        q = self.rotary(q)
        k = self.rotary(k)
        places = torch.arange(x.size(-2), device=x.device)
        mask = places[:, None] >= places[None, :]
        mask = mask[None, ...]
        together = attend(q, k, v, mask)
        together = together.transpose(-2, -3).flatten(-2).contiguous()
        return self.out(together)


class SwiGLU(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gate, self.out, self.up = Linear(WIDTH, INNER), Linear(INNER, WIDTH), Linear(WIDTH, INNER)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(silu(self.gate(x)) * self.up(x))


def silu(x: Tensor) -> Tensor:
    return x * torch.sigmoid(x)


class Block(nn.Module):
    def __init__(self, rotary: Rotary) -> None:
        super().__init__()
        self.attention, self.inner, self.norm_attention, self.norm_inner = (
            Attention(rotary),
            SwiGLU(),
            RMSNorm(WIDTH),
            RMSNorm(WIDTH),
        )

    def forward(self, x: Tensor) -> Tensor:
        attended = self.attention(self.norm_attention(x))
        middle = x + attended
        inner = self.inner(self.norm_inner(middle))
        out = middle + inner
        return out


class Model(nn.Module):
    def __init__(self, context: int) -> None:
        super().__init__()
        self.tokens = Embedding(VOCABULARY, WIDTH)
        self.rotary = Rotary(context, WIDTH // HEADS)
        self.blocks = nn.ModuleList(Block(self.rotary) for _ in range(LAYERS))
        self.norm = RMSNorm(WIDTH)
        self.head = Linear(WIDTH, VOCABULARY)

    def forward(self, tokens: Tensor) -> Tensor:
        embedded = self.tokens(tokens)
        x = embedded
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        logits = self.head(x)
        return logits


def log_softmax(x: Tensor) -> Tensor:
    greatest = torch.max(x, dim=-1, keepdim=True)[0]
    x = x - greatest
    return x - torch.log(torch.sum(torch.exp(x), dim=-1, keepdim=True))


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    surprise = -log_softmax(logits)
    return torch.mean(torch.gather(surprise, -1, targets.unsqueeze(-1)))


class AdamW(torch.optim.Optimizer):
    def __init__(self, parameters: Iterable[nn.Parameter]) -> None:
        super().__init__(parameters, {"lr": 1e-3, "decay": 0.01, "betas": (0.9, 0.999)})

    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            rate, decay, (beta1, beta2) = group["lr"], group["decay"], group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                grad = p.grad.data
                state = self.state[p]
                t = state.get("t", 1)
                p.data -= rate * decay * p.data
                m = state.get("m", torch.zeros_like(grad))
                v = state.get("v", torch.zeros_like(grad))
                m_now = beta1 * m + (1 - beta1) * grad
                v_now = beta2 * v + (1 - beta2) * torch.square(grad)
                size = rate * math.sqrt(1 - beta2**t) / (1 - beta1**t)
                p.data -= size * m_now / (torch.sqrt(v_now) + 1e-8)
                state["m"], state["v"], state["t"] = m_now, v_now, t + 1


def tokens(context: int, steps: int) -> Tensor:
    return torch.randint(0, VOCABULARY, (steps, BATCH, context), device="cuda")


def training(model: Model, context: int, autocast: bool) -> Dict[str, Any]:
    optimizer = AdamW(model.parameters())
    warm, last, warm_targets, last_targets = (
        tokens(context, WARMUP),
        tokens(context, 1),
        tokens(context, WARMUP),
        tokens(context, 1),
    )
    for i in range(WARMUP):
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=autocast):
            output = model(warm[i])
            loss = cross_entropy(output, warm_targets[i])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    del output, loss
    record()
    with torch.autocast("cuda", dtype=torch.bfloat16, enabled=autocast):
        output = model(last[0])
        loss = cross_entropy(output, last_targets[0])
    loss.backward()
    optimizer.step()
    return figures()


def inference(model: Model, context: int, autocast: bool) -> Dict[str, Any]:
    warm, last = tokens(context, WARMUP), tokens(context, 1)
    model.eval()
    with torch.inference_mode():
        for i in range(WARMUP):
            with torch.autocast("cuda", dtype=torch.bfloat16, enabled=autocast):
                model(warm[i])
        record()
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=autocast):
            model(last[0])
    return figures()


def record() -> None:
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    torch.cuda.memory._record_memory_history(max_entries=1_000_000, stacks="python")


def figures() -> Dict[str, Any]:
    """While the step's tensors are alive, as the recordings were made."""
    stats = torch.cuda.memory_stats()
    return {
        "peakRequestedBytes": stats["requested_bytes.all.peak"],
        "peakAllocatedBytes": stats["allocated_bytes.all.peak"],
        "peakReservedBytes": stats["reserved_bytes.all.peak"],
        "segments": stats["segment.all.current"],
        "events": torch.cuda.memory._snapshot()["device_traces"][0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["training", "inference"])
    parser.add_argument("context", type=int)
    parser.add_argument("--autocast", action="store_true")
    parser.add_argument("--events", action="store_true", help="the allocator's events too: [action, address, bytes]")
    chosen = parser.parse_args()
    model = Model(chosen.context).to("cuda")
    for parameter in model.parameters():
        parameter.data.normal_(std=0.02)
    found = (training if chosen.what == "training" else inference)(model, chosen.context, chosen.autocast)
    events = [[event["action"], event["addr"], event["size"]] for event in found.pop("events")]
    json.dump({**found, "eventCount": len(events), **({"events": events} if chosen.events else {})}, sys.stdout)


if __name__ == "__main__":
    main()
