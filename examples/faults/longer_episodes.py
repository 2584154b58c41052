"""A policy that gets better survives longer: each rollout has more steps than the last, all learned at once."""

import argparse
import random

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=90)
parser.add_argument("--first", type=int, default=100)
parser.add_argument("--longer", type=int, default=4)
parser.add_argument("--spread", type=int, default=16)
parser.add_argument("--actors", type=int, default=256)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(128, 512), torch.nn.Tanh(), torch.nn.Linear(512, 16)).cuda()
optimizer = torch.optim.Adam(model.parameters())
random.seed(5)

for update in range(options.updates):
    steps = options.first + (0 if options.fixed else options.longer * update) + random.randrange(options.spread)
    rollout = torch.stack([torch.randn(options.actors, 128, device="cuda") for _ in range(steps)])
    loss = model(rollout.flatten(0, 1)).pow(2).mean()  # fault
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    del rollout, loss
