"""A PPO of the usual form: nothing is wrong with it."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=6)
parser.add_argument("--actors", type=int, default=512)
parser.add_argument("--steps", type=int, default=64)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(64, 512), torch.nn.Tanh(), torch.nn.Linear(512, 9)).cuda()
optimizer = torch.optim.Adam(model.parameters())

for _ in range(options.updates):
    with torch.no_grad():
        states = torch.stack([torch.randn(options.actors, 64, device="cuda") for _ in range(options.steps)]).flatten(
            0, 1
        )
        before = model(states)
    for _ in range(4):
        for rows in torch.randperm(len(states), device="cuda").chunk(4):
            loss = (model(states[rows]) - before[rows]).pow(2).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            optimizer.step()
