"""The history of outputs is one tensor that each update joins to: for a moment there are two of it."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--rows", type=int, default=512)
parser.add_argument("--kept", type=int, default=1024)
parser.add_argument("--window", type=int, default=4096)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(512, 2048), torch.nn.GELU(), torch.nn.Linear(2048, 512)).cuda()
optimizer = torch.optim.Adam(model.parameters())
history = torch.zeros(0, 512, device="cuda")

for _ in range(options.updates):
    loss = model(torch.randn(options.rows, 512, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    history = torch.cat([history, torch.zeros(options.kept, 512, device="cuda")])  # fault
    if options.fixed:
        history = history[-options.window :].clone()
