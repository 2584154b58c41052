"""For an average over the last models each epoch puts a copy on the device, and none is taken away."""

import argparse
import copy

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--width", type=int, default=1024)
parser.add_argument("--epoch", type=int, default=4)
options = parser.parse_args()

model = torch.nn.Sequential(
    torch.nn.Linear(options.width, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, options.width)
).cuda()
optimizer = torch.optim.Adam(model.parameters())
copies = []

for update in range(options.updates):
    loss = model(torch.randn(512, options.width, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if update % options.epoch == options.epoch - 1:
        copies.append(copy.deepcopy(model))  # fault
        if options.fixed:
            del copies[:-3]
