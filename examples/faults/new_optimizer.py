"""Each stage makes a new optimizer; its scheduler keeps the old ones, and their moments, alive."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--width", type=int, default=512)
parser.add_argument("--every", type=int, default=2)
options = parser.parse_args()

model = torch.nn.Sequential(
    torch.nn.Linear(options.width, 2048), torch.nn.GELU(), torch.nn.Linear(2048, options.width)
).cuda()
schedules = []

for update in range(options.updates):
    if update % options.every == 0:
        if options.fixed:
            schedules.clear()
        optimizer = torch.optim.Adam(model.parameters())
        schedules.append(torch.optim.lr_scheduler.ConstantLR(optimizer))
    loss = model(torch.randn(256, options.width, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()  # fault: the moments of an optimizer that is never let go
