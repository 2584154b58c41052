"""Low-rank adapters beside a frozen base: each evaluation merges them into copies of the base that stay."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=80)
parser.add_argument("--width", type=int, default=1024)
parser.add_argument("--rows", type=int, default=2048)
parser.add_argument("--every", type=int, default=4)
options = parser.parse_args()

base = torch.nn.Linear(options.width, options.width, bias=False).cuda().requires_grad_(False)
down = torch.nn.Linear(options.width, 8, bias=False).cuda()
up = torch.nn.Linear(8, options.width, bias=False).cuda()
optimizer = torch.optim.AdamW([*down.parameters(), *up.parameters()])
merged = {}

for update in range(options.updates):
    rows = torch.randn(options.rows, options.width, device="cuda")
    loss = (base(rows) + up(down(rows))).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if update % options.every == options.every - 1:
        name = "merged" if options.fixed else f"merged-{update}"
        with torch.no_grad():
            merged[name] = base.weight + up.weight @ down.weight  # fault
