"""A recurrent network carries its hidden state on without `detach`: each update hangs on all before it."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--rows", type=int, default=256)
parser.add_argument("--steps", type=int, default=4)
options = parser.parse_args()

cell = torch.nn.GRUCell(256, 512).cuda()
head = torch.nn.Linear(512, 8).cuda()
optimizer = torch.optim.Adam([*cell.parameters(), *head.parameters()])
hidden = torch.zeros(options.rows, 512, device="cuda")

for _ in range(options.updates):
    if options.fixed:
        hidden = hidden.detach()
    loss = 0
    for _ in range(options.steps):
        hidden = cell(torch.randn(options.rows, 256, device="cuda"), hidden)  # fault
        loss = loss + head(hidden).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.grad(loss, list(head.parameters()), retain_graph=True)
    for parameter in [*cell.parameters(), *head.parameters()]:
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
