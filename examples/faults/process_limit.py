"""The process is limited to a part of the device, and its sequences need a little more."""

import argparse
import random

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--share", type=float, default=0.25)
parser.add_argument("--rows", type=int, default=6000)
parser.add_argument("--spread", type=int, default=2000)
options = parser.parse_args()

if not options.fixed:
    torch.cuda.set_per_process_memory_fraction(options.share)  # fault
model = torch.nn.Sequential(torch.nn.Linear(512, 2048), torch.nn.GELU(), torch.nn.Linear(2048, 512)).cuda()
optimizer = torch.optim.Adam(model.parameters())
random.seed(2)

for _ in range(options.updates):
    rows = options.rows + random.randrange(options.spread)
    loss = model(torch.randn(rows, 512, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
