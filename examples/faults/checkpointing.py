"""Activation checkpointing, on or off; the inputs of each block are kept for a probe."""

import argparse

import torch
from torch.utils.checkpoint import checkpoint

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--rows", type=int, default=1024)
parser.add_argument("--checkpoint", type=int, default=1)
options = parser.parse_args()

blocks = torch.nn.ModuleList(
    torch.nn.Sequential(torch.nn.Linear(512, 2048), torch.nn.GELU(), torch.nn.Linear(2048, 512)) for _ in range(6)
).cuda()
optimizer = torch.optim.Adam(blocks.parameters())
probe = []

for update in range(options.updates):
    rows = torch.randn(options.rows, 512, device="cuda", requires_grad=True)
    for block in blocks:
        rows = checkpoint(block, rows, use_reentrant=False) if options.checkpoint else block(rows)  # fault
        if not options.fixed and update % 2:
            probe.append(rows.detach())
    optimizer.zero_grad(set_to_none=True)
    rows.pow(2).mean().backward()
    optimizer.step()
