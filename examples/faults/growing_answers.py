"""A policy writes longer and longer answers: each rollout needs a larger KV cache, and releases it."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--longer", type=int, default=8)
parser.add_argument("--answers", type=int, default=16)
options = parser.parse_args()

model = torch.nn.Linear(1024, 1024).cuda()
optimizer = torch.optim.Adam(model.parameters())

for update in range(options.updates):
    length = 200 if options.fixed else 200 + options.longer * update
    with torch.no_grad():
        cache = [torch.empty(options.answers, 2, length, 1024, device="cuda") for _ in range(2)]  # fault
        for layer in cache:
            layer.normal_()
    loss = sum(model(layer[:, 0].mean(dim=1)).pow(2).mean() for layer in cache)
    del cache, layer
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
