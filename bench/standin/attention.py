"""Attention written out, forward and backward, from an empty allocator: the shape of a public GPU recording of 97 events."""

from __future__ import annotations

import json
import math
import sys

import torch
from torch import Tensor

BATCH, LENGTH, WIDTH = 8, 4_096, 16


def softmax(x: Tensor) -> Tensor:
    greatest = torch.max(x, dim=-1, keepdim=True)[0]
    powers = torch.exp(x - greatest)
    return powers / torch.sum(powers, dim=-1, keepdim=True)


def attend(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    scores = torch.einsum("bqd,bkd->bqk", queries, keys) / math.sqrt(WIDTH)
    weights = softmax(scores)
    return torch.einsum("bqk,bkd->bqd", weights, values)


def main() -> None:
    torch.cuda.memory._record_memory_history(max_entries=1_000_000, stacks="python")
    queries, keys, values = (torch.randn(BATCH, LENGTH, WIDTH, device="cuda", requires_grad=True) for _ in range(3))
    out = attend(queries, keys, values)
    loss = out.sum()
    loss.backward()
    torch.cuda.synchronize()
    stats = torch.cuda.memory_stats()
    events = [
        [event["action"], event["addr"], event["size"]] for event in torch.cuda.memory._snapshot()["device_traces"][0]
    ]
    json.dump(
        {
            "peakAllocatedBytes": stats["allocated_bytes.all.peak"],
            "peakReservedBytes": stats["reserved_bytes.all.peak"],
            "segments": stats["segment.all.current"],
            "eventCount": len(events),
            "events": events,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
