"""Outputs are collected for a metric of the epoch, and no epoch clears them."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=90)
parser.add_argument("--rows", type=int, default=1024)
parser.add_argument("--epoch", type=int, default=10)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(256, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 1000)).cuda()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
outputs, targets = [], []

for update in range(options.updates):
    logits = model(torch.randn(options.rows, 256, device="cuda"))  # fault: allocated here, kept below
    loss = logits.pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    outputs.append(logits.detach())
    targets.append(torch.zeros(options.rows, dtype=torch.long, device="cuda"))
    if options.fixed and update % options.epoch == options.epoch - 1:
        torch.cat(outputs).argmax(dim=-1)
        outputs.clear()
        targets.clear()
