"""Gradients are accumulated over a sum of losses that is never begun again."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--parts", type=int, default=4)
parser.add_argument("--rows", type=int, default=256)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(512, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 512)).cuda()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
window = torch.zeros((), device="cuda")

for _ in range(options.updates):
    for _ in range(options.parts):
        loss = model(torch.randn(options.rows, 512, device="cuda")).pow(2).mean()  # fault
        (loss / options.parts).backward(retain_graph=True)
        window = window + loss
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    if options.fixed:
        window = torch.zeros((), device="cuda")
