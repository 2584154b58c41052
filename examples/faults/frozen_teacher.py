"""A student learns from a teacher whose outputs are kept with their graph, since nobody froze it."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--rows", type=int, default=1024)
options = parser.parse_args()

teacher = torch.nn.Sequential(torch.nn.Linear(256, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 256)).cuda()
student = torch.nn.Linear(256, 256).cuda()
optimizer = torch.optim.Adam(student.parameters())
targets = []

for _ in range(options.updates):
    rows = torch.randn(options.rows, 256, device="cuda")
    with torch.set_grad_enabled(not options.fixed):
        target = teacher(rows)  # fault
    loss = (student(rows) - target.detach()).pow(2).mean()
    targets.append(target.mean())
    if options.fixed:
        targets[-1] = targets[-1].item()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
