"""A second stage trains at twice the batch size: more memory from then on, and nothing is wrong."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", action="store_true", help="without the fault")
parser.add_argument("--updates", type=int, default=60)
parser.add_argument("--rows", type=int, default=2048)
parser.add_argument("--second", type=int, default=35)
options = parser.parse_args()

model = torch.nn.Sequential(torch.nn.Linear(512, 2048), torch.nn.GELU(), torch.nn.Linear(2048, 512)).cuda()
optimizer = torch.optim.Adam(model.parameters())

for update in range(options.updates):
    rows = options.rows * (1 if update < options.second else 2)
    loss = model(torch.randn(rows, 512, device="cuda")).pow(2).mean()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
