"""A replay buffer lies on the device and has no capacity."""

import argparse
import collections
import random

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=80)
parser.add_argument("--steps", type=int, default=8)
parser.add_argument("--actors", type=int, default=2048)
parser.add_argument("--capacity", type=int, default=64)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(64, 512), torch.nn.Tanh(), torch.nn.Linear(512, 8)).cuda()
optimizer = torch.optim.Adam(model.parameters())
buffer = collections.deque(maxlen=options.capacity if options.fixed else None)
random.seed(3)

for _ in range(options.updates):
    with torch.no_grad():
        for _ in range(options.steps):
            states = torch.randn(options.actors, 64, device="cuda")  # fault: allocated here, kept below
            buffer.append((states, model(states)))
    sample = random.sample(range(len(buffer)), min(8, len(buffer)))
    loss = model(torch.cat([buffer[i][0] for i in sample])).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
