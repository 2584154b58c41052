"""The validation loop has no `no_grad`: until its end each output holds its graph."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=70)
parser.add_argument("--every", type=int, default=25)
parser.add_argument("--batches", type=int, default=20)
parser.add_argument("--rows", type=int, default=1024)
options = parser.parse_args()

model = torch.nn.Sequential(*[torch.nn.Sequential(torch.nn.Linear(512, 512), torch.nn.ReLU()) for _ in range(6)]).cuda()
optimizer = torch.optim.Adam(model.parameters())


def validate():
    losses = []
    for _ in range(options.batches):
        with torch.set_grad_enabled(not options.fixed):
            losses.append(model(torch.randn(options.rows, 512, device="cuda")).pow(2).mean())  # fault
    return torch.stack(losses).mean().item()


for update in range(1, options.updates + 1):
    loss = model(torch.randn(options.rows, 512, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if update % options.every == 0:
        validate()
