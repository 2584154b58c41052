"""The mean loss is kept as a sum of tensors: each holds the graph of its update."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--rows", type=int, default=512)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(512, 2048), torch.nn.GELU(), torch.nn.Linear(2048, 512)).cuda()
optimizer = torch.optim.Adam(model.parameters())

total = 0.0

for _ in range(options.updates):
    rows = torch.randn(options.rows, 512, device="cuda")
    loss = model(rows).pow(2).mean()  # fault: allocated here, kept by the sum
    optimizer.zero_grad(set_to_none=True)
    loss.backward(retain_graph=not options.fixed)
    optimizer.step()
    total = total + (loss.item() if options.fixed else loss)
