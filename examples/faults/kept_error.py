"""Errors are collected for a summary: their tracebacks hold the frames, and these the tensors."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=80)
parser.add_argument("--rows", type=int, default=1024)
parser.add_argument("--every", type=int, default=2)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(512, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 512)).cuda()
optimizer = torch.optim.Adam(model.parameters())
errors = []


def learn():
    output = model(torch.randn(options.rows, 512, device="cuda"))  # fault
    if options.rows > 0:
        raise ValueError(f"cannot use a batch of {tuple(output.shape)}")


for update in range(1, options.updates + 1):
    loss = model(torch.randn(512, 512, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    if update % options.every == 0:
        try:
            learn()
        except ValueError as error:
            errors.append(str(error) if options.fixed else error)
