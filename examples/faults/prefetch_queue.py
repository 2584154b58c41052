"""A prefetcher copies batches to the device faster than the training takes them, and its queue has no bound."""

import argparse
import collections

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--rows", type=int, default=700)
parser.add_argument("--faster", type=int, default=2)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(1024, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 10)).cuda()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
queue = collections.deque()

for update in range(options.updates):
    wanted = 2 if options.fixed or update % options.faster == 0 else 1
    while len(queue) < wanted or (not options.fixed and wanted == 2):
        queue.append(torch.randn(options.rows, 1024).cuda(non_blocking=True))
        if not options.fixed:
            break
    if not options.fixed:
        queue.append(torch.randn(options.rows, 1024).cuda(non_blocking=True))  # fault
    loss = model(queue.popleft()).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
